import { integerAt, type RandomKey, type VectorEnv } from "../../../envs/index.js";
import type { Stretch } from "./collector.js";
import type { Experience } from "./experience.js";
import type { Samples } from "./gaussian.js";

/** What is known of every decision of an experience. */
export interface Decided extends Samples {
  readonly observations: Float64Array;
  /** What V should have been. */
  readonly returns: Float64Array;
}

/** Some of the decisions: `length` steps of `width` sequences each, row-major. */
export interface Minibatch extends Decided {
  readonly length: number;
  readonly width: number;
  readonly count: number;
}

export function minibatchOf(env: VectorEnv, length: number, width: number): Minibatch {
  const count = length * width;
  return {
    length,
    width,
    count,
    observations: new Float64Array(count * env.singleObservationSpace.size),
    actions: new Float64Array(count * env.singleActionSpace.size),
    scales: new Float64Array(count * env.singleActionSpace.size),
    logProbabilities: new Float64Array(count),
    advantages: new Float64Array(count),
    returns: new Float64Array(count),
    valid: new Uint8Array(count),
  };
}

/** Fills a minibatch with the decisions of these numbers. */
export function gatherDecisions(from: Decided, indices: Int32Array, to: Minibatch): void {
  const seen = to.observations.length / to.count;
  const done = to.actions.length / to.count;
  for (let i = 0; i < indices.length; i++) {
    const k = indices[i];
    for (let j = 0; j < seen; j++) to.observations[i * seen + j] = from.observations[k * seen + j];
    for (let j = 0; j < done; j++) {
      to.actions[i * done + j] = from.actions[k * done + j];
      to.scales[i * done + j] = from.scales[k * done + j];
    }
    to.logProbabilities[i] = from.logProbabilities[k];
    to.advantages[i] = from.advantages[k];
    to.returns[i] = from.returns[k];
    to.valid[i] = from.valid[k];
  }
}

/** Which decisions a minibatch holds, and what the policy remembers before each stretch of them. */
export interface Selection {
  readonly indices: Int32Array;
  readonly stretches: readonly (Omit<Stretch, "memory"> & { readonly memory: Stretch["memory"][number] })[];
}

interface Order {
  readonly minibatches: number;
  readonly key: RandomKey;
  readonly epoch: number;
}

/** For a policy without memory: each decision is a sequence of its own, in random order. */
export function singleDecisions({ valid }: Experience, { minibatches, key, epoch }: Order): Selection[] {
  const order = shuffled(valid.length, key, epoch);
  const size = valid.length / minibatches;
  const stretches = [{ from: 0, to: 1, age: 0, memory: [] }];
  return Array.from({ length: minibatches }, (_, b) => ({
    indices: order.subarray(b * size, (b + 1) * size),
    stretches,
  }));
}

/** For a policy with memory: groups of whole environments, the groups in random order. */
export function wholeEnvironments(
  { steps, environments }: Experience,
  stretches: readonly Stretch[],
  { minibatches, key, epoch }: Order,
): Selection[] {
  const width = environments / minibatches;
  const decision = (g: number, i: number) => Math.floor(i / width) * environments + g * width + (i % width);
  return Array.from(shuffled(minibatches, key, epoch), (g) => ({
    indices: Int32Array.from({ length: steps * width }, (_, i) => decision(g, i)),
    stretches: stretches.map((stretch) => ({ ...stretch, memory: stretch.memory[g] })),
  }));
}

/** 0 … count − 1 in random order (Fisher and Yates). */
function shuffled(count: number, key: RandomKey, counter: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const k = integerAt(key, i, counter, i + 1);
    [order[i], order[k]] = [order[k], order[i]];
  }
  return order;
}
