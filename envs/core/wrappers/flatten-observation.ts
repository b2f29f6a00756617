import type { Env } from "../env.js";
import { Box } from "../spaces.js";
import type { VectorEnv } from "../vector-env.js";
import { ObservationWrapper } from "./observation-wrapper.js";
import { wrapAny } from "./single.js";

/** Shows observations as vectors, whatever their shape. */
export function flattenObservation<E extends Env | VectorEnv>(env: E): E {
  return wrapAny(env, (batch) => new FlattenObservation(batch));
}

class FlattenObservation extends ObservationWrapper {
  constructor(env: VectorEnv) {
    const { size, low, high } = env.singleObservationSpace;
    super(env, new Box({ shape: [size], low, high }));
  }

  protected begin(_n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    const { size } = this.singleObservationSpace;
    for (let j = 0; j < size; j++) out[to + j] = observations[from + j];
  }

  protected next(n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    this.begin(n, observations, from, out, to);
  }
}
