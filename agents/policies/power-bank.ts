import type { NavigationProblem } from "../../envs/index.js";
import { coordinateModel } from "./coordinate-model.js";
import { type CoordinateLayout, coordinateLayout } from "./coordinates.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { linearNetwork } from "./linear-network.js";
import type { PolicyModel } from "./model.js";
import { powerBankHead, powerBankInputs } from "./power-bank-head.js";

/**
 * A power law of bias-corrected averages of the gradient, m̂ᵢ, of its square, v̂ⱼ, and of its variance, σ̂²:
 * u = −gain·(Σᵢ wᵢ m̂ᵢ)·exp(4·o₀), w = softmax(o₁, o₂, …), o linear in log(v̂ⱼ + ε)/4, log(σ̂² + ε)/4, clocks,
 * clocks times the logarithms of the slowest v̂ and of σ̂², and 1. Few weights, each of them an exponent.
 */
export interface PowerBankConfig {
  readonly kind: "power-bank";
  readonly layout: CoordinateLayout;
  /** β of each average of the gradient, per step, the slowest last; σ̂² is about that one. Default [0.5, 0.9, 0.98]. */
  readonly decays: readonly number[];
  /** β of each average of its square, per step, the slowest last. Default [0.98]. */
  readonly squareDecays: readonly number[];
  /** β of σ̂², per step. Default 0.999. */
  readonly varianceDecay: number;
  /** τ of each clock t/(t + τ), in steps. Default [10, 100]. */
  readonly clocks: readonly number[];
  /** What multiplies −Σ wᵢ m̂ᵢ at the start, θ²/(loss·time). Default: the optimal gain at the steepest curvature. */
  readonly gain: number;
  /** Added to v̂ and σ̂², (loss/θ)². Default 1e-4. */
  readonly epsilon: number;
}

export type PowerBankOptions = Partial<Omit<PowerBankConfig, "kind" | "layout">>;

export function powerBankFor(problem: NavigationProblem, options: PowerBankOptions = {}): PowerBankConfig {
  return {
    kind: "power-bank",
    layout: coordinateLayout(problem),
    decays: [0.5, 0.9, 0.98],
    squareDecays: [0.98],
    varianceDecay: 0.999,
    clocks: [10, 100],
    gain: optimalGain(problem, steepestCurvature(problem)),
    epsilon: 1e-4,
    ...options,
  };
}

export function powerBank(config: PowerBankConfig): PolicyModel {
  const { decays } = config;
  const inputs = powerBankInputs(config);
  const nothing = new Array<number>(inputs).fill(0);
  const network = linearNetwork({ inputs, skip: [nothing, ...decays.map(() => nothing)] });
  return coordinateModel(config, network, powerBankHead(config));
}
