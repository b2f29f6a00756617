import type { NavigationProblem } from "../../envs/index.js";
import { coordinateModel } from "./coordinate-model.js";
import { type CoordinateLayout, coordinateLayout } from "./coordinates.js";
import { impliedMinimumFor } from "./gru.js";
import type { ImpliedMinimum } from "./implied-minimum.js";
import { averagedBy, minimumBankHead } from "./minimum-bank-head.js";
import { mlp } from "./mlp.js";
import type { PolicyModel } from "./model.js";

/**
 * For a known curvature h and a hidden minimum: bias-corrected averages ẑᵢ of the minimum z that each gradient
 * implies, fast ones and slow ones, and a small network that weighs them against each other and the prior mean
 * (which is 0): u = rate·scale·(Σᵢ wᵢ ẑᵢ − p), w = softmax(o), in the units of `ImpliedMinimum`.
 * Inputs: ẑᵢ², (ẑᵢ − ẑₙ)² by the last (slowest) ẑₙ, clocks. So it can average, and stop when averages disagree.
 * Where a cue is shown, there are also averages that begin anew at each; which ones to go by is learned.
 */
export interface MinimumBankConfig {
  readonly kind: "minimum-bank";
  readonly layout: CoordinateLayout;
  /** Units of each hidden layer. Default [4]. */
  readonly hidden: readonly number[];
  /** β of each average, per step, the slowest last. Default [0.5, 0.8, 0.92, 0.97], or [0.9] where a cue is shown. */
  readonly decays: readonly number[];
  /** β of averages that at a cue begin anew from the prior mean, the slowest last. Default: [0.3, 0.7, 0.9, 0.97] where one is shown. */
  readonly cuedDecays?: readonly number[];
  /** τ of each clock n/(n + τ), in steps; n counts from the last cue where there are `cuedDecays`. Default [10, 100]. */
  readonly clocks: readonly number[];
  readonly minimum: ImpliedMinimum;
}

export type MinimumBankOptions = Partial<Omit<MinimumBankConfig, "kind" | "layout">>;

/** @throws when the problem does not have a known quadratic curvature */
export function minimumBankFor(
  problem: NavigationProblem,
  options: MinimumBankOptions = {},
): MinimumBankConfig {
  const layout = coordinateLayout(problem);
  const cued = layout.cueOffset !== undefined;
  return {
    kind: "minimum-bank",
    layout,
    hidden: [4],
    decays: cued ? [0.9] : [0.5, 0.8, 0.92, 0.97],
    ...(cued && { cuedDecays: [0.3, 0.7, 0.9, 0.97] }),
    clocks: [10, 100],
    minimum: impliedMinimumFor(problem),
    ...options,
  };
}

/** @throws when the observations do not show the parameters. */
export function minimumBank(config: MinimumBankConfig): PolicyModel {
  const { hidden, clocks } = config;
  const averaged = averagedBy(config);
  const inputs = 2 * averaged.length - 1 + clocks.length;
  const nothing = new Array<number>(inputs).fill(0);
  const network = mlp({ inputs, hidden, skip: [...averaged, "prior mean"].map(() => nothing) });
  return coordinateModel(config, network, minimumBankHead(config));
}
