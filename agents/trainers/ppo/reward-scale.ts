import { type MomentsJson, RunningMoments } from "../../../envs/index.js";
import type { Experience } from "./experience.js";

/**
 * Measures rewards in units of the spread of their discounted sum, as `normalizeReward` does, but for a whole experience
 * alike; and the end of an episode of either kind cuts the sum.
 */
export class RewardScale {
  moments = new RunningMoments(1);
  /** Discounted sum of rewards of each episode so far. */
  private readonly sums: Float64Array;
  private readonly discount: number;

  constructor(environments: number, discount: number) {
    this.sums = new Float64Array(environments);
    this.discount = discount;
  }

  /** All episodes begin anew. */
  begin(): void {
    this.sums.fill(0);
  }

  restore(moments: MomentsJson): void {
    this.moments = RunningMoments.fromJSON(moments);
  }

  /** Takes the rewards in, and changes them. */
  apply({ steps, environments, rewards, ended, valid }: Experience): void {
    const { sums, discount, moments } = this;
    for (let t = 0; t < steps; t++) {
      const from = t * environments;
      for (let n = 0; n < environments; n++) sums[n] = sums[n] * discount + rewards[from + n];
      moments.update(sums, valid.subarray(from, from + environments));
      for (let n = 0; n < environments; n++) if (ended[from + n] === 1) sums[n] = 0;
    }
    const unit = Math.sqrt(moments.variance[0] + 1e-8);
    for (let i = 0; i < rewards.length; i++) rewards[i] /= unit;
  }
}
