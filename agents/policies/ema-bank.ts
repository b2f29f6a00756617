import type { NavigationProblem } from "../../envs/index.js";
import { coordinateModel } from "./coordinate-model.js";
import { type CoordinateLayout, coordinateLayout } from "./coordinates.js";
import { emaHead } from "./ema-head.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { mlp } from "./mlp.js";
import type { PolicyModel } from "./model.js";

/**
 * A network of bias-corrected averages of the gradient, m̂ᵢ, and of its square, v̂ⱼ:
 * u = −gain·(Σᵢ wᵢ m̂ᵢ)·exp(4·o₀), w = softmax(o₁, o₂, …).
 * Inputs: log(v̂ⱼ + ε)/4, m̂ᵢ/√(v̂ + ε) by the last (slowest) v̂, clocks, and (θ − center)/scale where wanted.
 */
export interface EmaBankConfig {
  readonly kind: "ema-bank";
  readonly layout: CoordinateLayout;
  /** Units of each hidden layer. Default [32, 32]. */
  readonly hidden: readonly number[];
  /** β of each average of the gradient, per step. Default [0, 0.5, 0.9, 0.99]. */
  readonly decays: readonly number[];
  /** β of each average of its square, per step, the slowest last. Default [0.5, 0.9, 0.98]. */
  readonly squareDecays: readonly number[];
  /** τ of each clock t/(t + τ), in steps. Default [10, 100]. */
  readonly clocks: readonly number[];
  /** What multiplies −Σ wᵢ m̂ᵢ at the start, θ²/(loss·time). Default: the optimal gain at the steepest curvature. */
  readonly gain: number;
  /** Added to v̂, (loss/θ)². Default 1e-8. */
  readonly epsilon: number;
  /** How θ enters, one center per coordinate. Default null: not at all. */
  readonly parameters: { readonly center: readonly number[]; readonly scale: number } | null;
  /**
   * Where it is given, averages are carried from where their gradients were taken to θ, by a curvature that the network
   * estimates: u = −gain·(Σᵢ wᵢ m̂ᵢ + ĥ·(θ − Σᵢ wᵢ θ̄ᵢ))·exp(4·o₀), θ̄ᵢ the average of θ, ĥ = curvature·exp(4·o₁) in loss/θ²; one more
   * of the w is for the prior mean, where m̂ = 0 and θ̄ = `parameters.center`. Default: not carried.
   */
  readonly carried?: { readonly curvature: number };
}

export type EmaBankOptions = Partial<Omit<EmaBankConfig, "kind" | "layout">>;

/** @throws Error when averages are to be carried from where a late gradient was taken, which is not seen with it */
export function emaBankFor(problem: NavigationProblem, options: EmaBankOptions = {}): EmaBankConfig {
  const { observation } = problem;
  const delay = observation.kind === "gradient" ? (observation.delay ?? 0) : 0;
  if (options.carried && delay > 0)
    throw new Error(`ema-bank.carried: needs gradients without delay, got observation.delay ${delay}`);
  return {
    kind: "ema-bank",
    layout: coordinateLayout(problem),
    hidden: [32, 32],
    decays: [0, 0.5, 0.9, 0.99],
    squareDecays: [0.5, 0.9, 0.98],
    clocks: [10, 100],
    gain: optimalGain(problem, steepestCurvature(problem)),
    epsilon: 1e-8,
    parameters: null,
    ...options,
  };
}

export function emaBank(config: EmaBankConfig): PolicyModel {
  const { layout, hidden, decays, squareDecays, clocks, parameters, carried } = config;
  if (parameters && layout.parametersOffset === null) {
    throw new Error('ema-bank.parameters: needs the channel "parameters" among the observations');
  }
  if (carried && !parameters) {
    throw new Error("ema-bank.carried: needs parameters, from whose center the prior mean is known");
  }
  const inputs = squareDecays.length + decays.length + clocks.length + (parameters ? 1 : 0);
  const nothing = new Array<number>(inputs).fill(0);
  const outputs = 1 + decays.length + (carried ? 2 : 0);
  const network = mlp({ inputs, hidden, skip: new Array(outputs).fill(nothing) });
  return coordinateModel(config, network, emaHead(config));
}
