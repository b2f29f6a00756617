import { type Numbers, rowsOf, scaleBy, slices } from "../kernels/kernels.js";
import type { NetworkTape } from "./network.js";

/** Averages of a gradient and of its square, one row of lanes each: first the means, then the squares. */
export interface RunningAverages {
  /** By slot, `[rows, lanes]`. */
  readonly slots: readonly Numbers[];
  /** By slot, `[means, lanes]` and `[squares, lanes]`. */
  readonly means: readonly Numbers[];
  readonly squares: readonly Numbers[];
  /** Takes in the gradient of step t, `[lanes]`; where the cue is 1, rows that forget begin anew from 0. */
  update(t: number, gradient: Numbers, cue?: Numbers): void;
  /** ∂J/∂averages of the step at hand, of the same shapes; to be added to before `backward`. */
  readonly meansGradient: Numbers;
  readonly squaresGradient: Numbers;
  /** Adds to ∂J/∂gradient of step t, and goes over to the averages of the step before. */
  backward(t: number, gradient: Numbers, gradientGradient: Numbers, cue?: Numbers): void;
  reset(): void;
  scaleCarried(factor: number): void;
}

/** Lengths of the arrays that `runningAverages` works in. */
export function averagesLengths(rows: number, lanes: number, steps: number): readonly number[] {
  return [(steps + 1) * rows * lanes, rows * lanes, lanes, lanes];
}

/**
 * Exponential averages with the bias of their zero start divided out. In that form they are convex
 * combinations, m̂ ← (1 − b)·m̂ + b·y with b = (1 − β)/(1 − β^{t+1}). Rows from `forgetting` on begin anew at a cue,
 * from 0 and without that division: m̂ ← (1 − b)·(1 − cue)·m̂ + b·y.
 */
export function runningAverages(
  decays: readonly number[],
  squareDecays: readonly number[],
  lanes: number,
  { operations, slotOf }: NetworkTape,
  [averages, gradients, square, squareGradient]: readonly Numbers[],
  forgetting = Number.POSITIVE_INFINITY,
): RunningAverages {
  const betas = [...decays, ...squareDecays];
  const slots = slices(averages, betas.length * lanes);
  const rows = slots.map((slot) => slices(slot, lanes));
  const rowGradients = slices(gradients, lanes);
  const freshAt = freshness(betas);
  const isMean = (row: number) => row < decays.length;
  return {
    slots,
    means: rowsOf(slots, lanes, 0, decays.length),
    squares: rowsOf(slots, lanes, decays.length, squareDecays.length),
    meansGradient: rowsOf([gradients], lanes, 0, decays.length)[0],
    squaresGradient: rowsOf([gradients], lanes, decays.length, squareDecays.length)[0],
    reset: () => slots[0].fill(0),
    scaleCarried: (factor) => scaleBy(gradients, factor),
    update(t, gradient, cue) {
      const at = slotOf(t);
      const before = rows[slotOf(t - 1)];
      operations.product(1, gradient, gradient, square, false);
      const fresh = freshAt(t);
      for (let i = 0; i < betas.length; i++) {
        operations.blend(fresh[i], isMean(i) ? gradient : square, before[i], rows[at][i]);
        if (cue && i >= forgetting) operations.product(fresh[i] - 1, cue, before[i], rows[at][i], true);
      }
    },
    backward(t, gradient, gradientGradient, cue) {
      squareGradient.fill(0);
      const fresh = freshAt(t);
      for (let i = 0; i < betas.length; i++) {
        const to = isMean(i) ? gradientGradient : squareGradient;
        operations.blendGradient(fresh[i], rowGradients[i], to);
        if (cue && i >= forgetting) operations.product(-1, cue, rowGradients[i], rowGradients[i], true);
      }
      operations.product(2, gradient, squareGradient, gradientGradient, true);
    },
  };
}

/** Steps for which b is kept: powers take as long as the rows that they are for. */
const KEPT_STEPS = 1024;

/** b of step t, one for each β. */
export function freshness(betas: readonly number[]): (t: number) => Float64Array {
  const kept: Float64Array[] = [];
  const compute = (t: number) => Float64Array.from(betas, (beta) => (1 - beta) / (1 - beta ** (t + 1)));
  return (t) => {
    if (t >= KEPT_STEPS) return compute(t);
    kept[t] ??= compute(t);
    return kept[t];
  };
}
