import { deriveKey, type RandomKey, rootKey, type Seed, uniformAt } from "../../envs/index.js";

/** Random hyperparameters, one after another. */
export interface Draws {
  /** Of the instance, for whatever draws for itself. */
  readonly key: RandomKey;
  uniform(low: number, high: number): number;
  /** Uniform in its logarithm. */
  rate(low: number, high: number): number;
  /** A decay β with 1 − β uniform in its logarithm, from `low` to `high`. */
  decay(low: number, high: number): number;
  /** From `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

export function drawsOf(seed: Seed, instance: number): Draws {
  const key = deriveKey(rootKey(seed), instance);
  let count = 0;
  const uniform = (low: number, high: number) => low + (high - low) * uniformAt(key, 0, count++);
  const rate = (low: number, high: number) => Math.exp(uniform(Math.log(low), Math.log(high)));
  return {
    key,
    uniform,
    rate,
    decay: (low, high) => 1 - rate(1 - high, 1 - low),
    integer: (low, high) => Math.floor(uniform(low, high + 1)),
  };
}
