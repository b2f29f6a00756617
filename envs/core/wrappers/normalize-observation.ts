import { refuseOthers, requireNonNegative } from "../arguments.js";
import type { Env } from "../env.js";
import { Box } from "../spaces.js";
import type { VectorEnv } from "../vector-env.js";
import { RunningMoments } from "./moments.js";
import { ObservationWrapper } from "./observation-wrapper.js";
import { wrapAny } from "./single.js";

export interface NormalizeObservationOptions {
  /** ε, added to the variance. Default 1e-8. */
  readonly epsilon?: number;
  /**
   * The statistics; freeze them for evaluation, and share or save them as you like. Default: new ones.
   */
  readonly moments?: RunningMoments;
}

/** Shows (o − mean)/√(variance + ε), entry by entry, with the statistics of all observations so far. */
export function normalizeObservation<E extends Env | VectorEnv>(
  env: E,
  options: NormalizeObservationOptions = {},
): E {
  return wrapAny(env, (batch) => new NormalizeObservation(batch, options));
}

class NormalizeObservation extends ObservationWrapper {
  private readonly moments: RunningMoments;
  private readonly epsilon: number;

  constructor(env: VectorEnv, { epsilon = 1e-8, moments, ...others }: NormalizeObservationOptions) {
    refuseOthers("normalizeObservation", others, "epsilon, moments");
    requireNonNegative("normalizeObservation: epsilon", epsilon);
    const { shape, size } = env.singleObservationSpace;
    super(env, new Box({ shape }));
    this.epsilon = epsilon;
    this.moments = moments ?? new RunningMoments(size);
    if (this.moments.mean.length !== size)
      throw new Error(
        `normalizeObservation: moments must be of ${size} numbers, got ${this.moments.mean.length}`,
      );
  }

  protected override see(observations: Float64Array): void {
    this.moments.update(observations);
  }

  protected begin(_n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    const { mean, variance } = this.moments;
    for (let j = 0; j < mean.length; j++)
      out[to + j] = (observations[from + j] - mean[j]) / Math.sqrt(variance[j] + this.epsilon);
  }

  protected next(n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    this.begin(n, observations, from, out, to);
  }
}
