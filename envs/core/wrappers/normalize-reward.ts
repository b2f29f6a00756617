import { refuseOthers, requireNonNegative } from "../arguments.js";
import type { Env } from "../env.js";
import type { StepBuffers, VectorEnv, VectorResetOptions, VectorResetResult } from "../vector-env.js";
import { RunningMoments } from "./moments.js";
import { wrapAny } from "./single.js";
import { copyStep, VectorWrapper } from "./vector-wrapper.js";

export interface NormalizeRewardOptions {
  /** Discount per step of the return whose spread is the unit. Default 0.99; see `discountOf` for the problem's own. */
  readonly discount?: number;
  /** ε, added to the variance. Default 1e-8. */
  readonly epsilon?: number;
  /** The statistics of the discounted return; freeze them for evaluation. Default: new ones. */
  readonly moments?: RunningMoments;
}

/**
 * Divides rewards by the standard deviation of the discounted sum of rewards so far. As in Gymnasium, only a
 * termination and the reset of a batch cut the sum: that of an episode cut short goes on in the next.
 */
export function normalizeReward<E extends Env | VectorEnv>(env: E, options: NormalizeRewardOptions = {}): E {
  return wrapAny(env, (batch) => new NormalizeReward(batch, options, "numEnvs" in env));
}

class NormalizeReward extends VectorWrapper {
  private readonly discount: number;
  private readonly epsilon: number;
  private readonly moments: RunningMoments;
  private readonly cutsAtReset: boolean;
  private readonly sums: Float64Array;
  private readonly ended: Uint8Array;
  private readonly active: Uint8Array;

  constructor(
    env: VectorEnv,
    { discount = 0.99, epsilon = 1e-8, moments = new RunningMoments(1), ...others }: NormalizeRewardOptions,
    cutsAtReset: boolean,
  ) {
    super(env);
    refuseOthers("normalizeReward", others, "discount, epsilon, moments");
    if (!(discount >= 0 && discount <= 1))
      throw new Error(`normalizeReward: discount must be a number from 0 to 1, got ${discount}`);
    requireNonNegative("normalizeReward: epsilon", epsilon);
    this.cutsAtReset = cutsAtReset;
    this.discount = discount;
    this.epsilon = epsilon;
    this.moments = moments;
    this.sums = new Float64Array(env.numEnvs);
    this.ended = new Uint8Array(env.numEnvs);
    this.active = new Uint8Array(env.numEnvs);
  }

  override reset(options: VectorResetOptions = {}): VectorResetResult {
    const mask = options.options?.resetMask;
    const result = super.reset(options);
    for (let n = 0; n < this.numEnvs; n++) {
      if (mask && !mask[n]) continue;
      if (this.cutsAtReset) this.sums[n] = 0;
      this.ended[n] = 0;
    }
    return result;
  }

  protected override convert(inner: StepBuffers, outer: StepBuffers): void {
    const { sums, ended, active, discount, moments } = this;
    const rests = this.metadata.autoresetMode === "next-step";
    for (let n = 0; n < this.numEnvs; n++) {
      active[n] = rests && ended[n] === 1 ? 0 : 1;
      if (active[n] === 1) sums[n] = sums[n] * discount * (1 - inner.terminated[n]) + inner.rewards[n];
      ended[n] = inner.terminated[n] | inner.truncated[n];
    }
    moments.update(sums, active);
    const unit = Math.sqrt(moments.variance[0] + this.epsilon);
    copyStep(inner, outer);
    for (let n = 0; n < this.numEnvs; n++) outer.rewards[n] /= unit;
  }
}
