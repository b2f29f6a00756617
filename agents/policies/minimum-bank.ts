import type { NavigationProblem } from "../../envs/index.js";
import { coordinateModel } from "./coordinate-model.js";
import { type CoordinateLayout, coordinateLayout } from "./coordinates.js";
import { impliedMinimumFor } from "./gru.js";
import type { ImpliedMinimum } from "./implied-minimum.js";
import { minimumBankHead } from "./minimum-bank-head.js";
import { mlp } from "./mlp.js";
import type { PolicyModel } from "./model.js";

/**
 * For a known curvature h and a hidden minimum: bias-corrected averages ẑᵢ of the minimum z that each gradient
 * implies, fast ones and slow ones, and a small network that weighs them against each other and the prior mean
 * (which is 0): u = rate·scale·(Σᵢ wᵢ ẑᵢ − p), w = softmax(o), in the units of `ImpliedMinimum`.
 * Inputs: ẑᵢ², (ẑᵢ − ẑₙ)² by the last (slowest) ẑₙ, clocks. So it can average, and stop when averages disagree.
 */
export interface MinimumBankConfig {
  readonly kind: "minimum-bank";
  readonly layout: CoordinateLayout;
  /** Units of each hidden layer. Default [4]. */
  readonly hidden: readonly number[];
  /** β of each average, per step, the slowest last. Default [0.5, 0.8, 0.92, 0.97]. */
  readonly decays: readonly number[];
  /** τ of each clock t/(t + τ), in steps. Default [10, 100]. */
  readonly clocks: readonly number[];
  readonly minimum: ImpliedMinimum;
}

export type MinimumBankOptions = Partial<Omit<MinimumBankConfig, "kind" | "layout">>;

/** @throws when the problem does not have a known quadratic curvature */
export function minimumBankFor(
  problem: NavigationProblem,
  options: MinimumBankOptions = {},
): MinimumBankConfig {
  return {
    kind: "minimum-bank",
    layout: coordinateLayout(problem),
    hidden: [4],
    decays: [0.5, 0.8, 0.92, 0.97],
    clocks: [10, 100],
    minimum: impliedMinimumFor(problem),
    ...options,
  };
}

/** @throws when the observations do not show the parameters. */
export function minimumBank(config: MinimumBankConfig): PolicyModel {
  const { hidden, decays, clocks } = config;
  const inputs = 2 * decays.length - 1 + clocks.length;
  const nothing = new Array<number>(inputs).fill(0);
  const network = mlp({ inputs, hidden, skip: [...decays, "prior mean"].map(() => nothing) });
  return coordinateModel(config, network, minimumBankHead(config));
}
