import { type Numbers, scaleBy, slices } from "../kernels/kernels.js";
import type { NetworkTape } from "./network.js";
import { freshness } from "./running-averages.js";

/** The exponential variance of a gradient about its own average, one row of lanes. */
export interface RunningVariance {
  /** By slot, `[lanes]`. */
  readonly slots: readonly Numbers[];
  /** Takes in the gradient y of step t, and its average before that step. */
  update(t: number, gradient: Numbers, meanBefore: Numbers): void;
  /** ∂J/∂variance of the step at hand; to be added to before `backward`. */
  readonly gradient: Numbers;
  /** Adds to ∂J/∂y of step t, leaves −∂J/∂meanBefore in `difference`, and goes over to the variance of the step before. */
  backward(t: number, gradient: Numbers, meanBefore: Numbers, gradientGradient: Numbers): void;
  readonly difference: Numbers;
  reset(): void;
  scaleCarried(factor: number): void;
}

/** Lengths of the arrays that `runningVariance` works in. */
export function varianceLengths(lanes: number, steps: number): readonly number[] {
  return [(steps + 1) * lanes, lanes, lanes, lanes, lanes];
}

/**
 * s ← (1 − b)·s + b·(1 − b)·(y − m)², m the average before, b = (1 − β)/(1 − β^{t+1}): Welford's recursion
 * (Technometrics 4, 1962), with the weights of an exponential average.
 */
export function runningVariance(
  decay: number,
  lanes: number,
  { operations, slotOf }: NetworkTape,
  [variances, gradient, difference, square, squareGradient]: readonly Numbers[],
): RunningVariance {
  const slots = slices(variances, lanes);
  const freshAt = freshness([decay]);
  const writeDifference = (y: Numbers, meanBefore: Numbers) => {
    operations.scale(1, y, difference, false);
    operations.scale(-1, meanBefore, difference, true);
  };
  return {
    slots,
    gradient,
    difference,
    reset: () => slots[0].fill(0),
    scaleCarried: (factor) => scaleBy(gradient, factor),
    update(t, y, meanBefore) {
      const [fresh] = freshAt(t);
      writeDifference(y, meanBefore);
      operations.product(1 - fresh, difference, difference, square, false);
      operations.blend(fresh, square, slots[slotOf(t - 1)], slots[slotOf(t)]);
    },
    backward(t, y, meanBefore, yGradient) {
      const [fresh] = freshAt(t);
      squareGradient.fill(0);
      operations.blendGradient(fresh, gradient, squareGradient);
      writeDifference(y, meanBefore);
      operations.product(2 * (1 - fresh), difference, squareGradient, difference, false);
      operations.scale(1, difference, yGradient, true);
    },
  };
}
