import { fillNormals, type RandomKey } from "../../envs/index.js";
import type { Kernels, Numbers, Operations } from "../kernels/kernels.js";

/** A small network that is applied to every coordinate alike, before it has memory. */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameterCount: number;
  /** Hidden weights N(0, 1/fan-in); the output is `skip · inputs` up to small weights. */
  initialParameters(key: RandomKey): Float64Array;
  /** With `extra` numbers in the same workspace, for what is around the network. */
  instantiate(kernels: Kernels, lanes: number, steps: number, extra?: number): NetworkTape;
}

/** A network at work on `lanes` coordinates, with lane-major data: `[inputs, lanes]` in, `[outputs, lanes]` out. */
export interface NetworkTape {
  readonly operations: Operations;
  /** Zeros, for what is around the network. */
  readonly extra: Numbers;
  readonly parameters: Numbers;
  /** Summed over lanes and steps since it was last zeroed. */
  readonly parameterGradient: Numbers;
  /** Where step t is recorded. One slot more than steps: step t starts from what is in `slotOf(t − 1)`. */
  slotOf(t: number): number;
  /** By slot; to be filled before `forward(t)`. */
  readonly inputs: readonly Numbers[];
  /** By slot; written by `forward(t)`. */
  readonly outputs: readonly Numbers[];
  /** To be filled before `backward(t)`. */
  readonly outputGradient: Numbers;
  /** Written by `backward(t)`. */
  readonly inputGradient: Numbers;
  /** By slot: what later steps depend on. Absent: nothing. */
  readonly memories?: readonly Numbers[];
  /** Empties the memory for a step 0. */
  reset(): void;
  forward(t: number): void;
  backward(t: number): void;
  /** Multiplies the gradient carried back through the memory; 0 forgets it. */
  scaleCarried(factor: number): void;
}

/** The slot of step t where `steps` of them are recorded, beside what the first starts from. */
export function slotOfStep(t: number, steps: number): number {
  return (t + 1) % (steps + 1);
}

/** Weights from the input to the output, `[outputs][inputs]`, that the untrained network starts from. */
export type Skip = readonly (readonly number[])[];

/** Writes N(0, gain²/fan-in) to a block of weights `[outputs, fanIn]`. `layer` numbers the block within `key`. */
export function drawWeights(
  key: RandomKey,
  layer: number,
  fanIn: number,
  weights: Float64Array,
  gain = 1,
): void {
  fillNormals(key, 0, layer, weights.length, weights);
  const scale = gain / Math.sqrt(fanIn);
  for (let i = 0; i < weights.length; i++) weights[i] *= scale;
}

const OUTPUT_GAIN = 0.01;

/** Weights of the output layer `[outputs, hidden + inputs]`: small from the hidden units, `skip` from the inputs. */
export function drawOutputWeights(
  key: RandomKey,
  layer: number,
  hidden: number,
  skip: Skip,
  weights: Float64Array,
): void {
  const width = weights.length / skip.length;
  drawWeights(key, layer, hidden, weights, OUTPUT_GAIN);
  for (const [o, row] of skip.entries()) weights.set(row, o * width + hidden);
}
