import type { Numbers } from "../kernels/kernels.js";

/** Steps that kernels add up over, before their sum is taken over in float64. */
const SUMMED_STEPS = 16;

/** The gradient of the weights, summed over the steps of an episode. */
export interface GradientSum {
  /** To be called after each step that added to the kernels' sum. */
  added(t: number): void;
  /** The sum so far; the same array each time. */
  read(): Float64Array;
  clear(): void;
}

export function gradientSum(recent: Numbers): GradientSum {
  const total = new Float64Array(recent.length);
  const read = () => {
    for (let i = 0; i < total.length; i++) total[i] += recent[i];
    recent.fill(0);
    return total;
  };
  return {
    added(t) {
      if (t % SUMMED_STEPS === 0) read();
    },
    read,
    clear() {
      recent.fill(0);
      total.fill(0);
    },
  };
}
