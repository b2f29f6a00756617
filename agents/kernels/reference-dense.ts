import type { DenseShape } from "./network-operations.js";

export function dense(
  { outputs, inputs, lanes }: DenseShape,
  weights: Float64Array,
  bias: Float64Array | undefined,
  input: Float64Array,
  output: Float64Array,
): void {
  for (let o = 0; o < outputs; o++) {
    for (let lane = 0; lane < lanes; lane++) {
      let sum = bias ? bias[o] : output[o * lanes + lane];
      for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i] * input[i * lanes + lane];
      output[o * lanes + lane] = sum;
    }
  }
}

export function denseInputGradient(
  { outputs, inputs, lanes }: DenseShape,
  weights: Float64Array,
  outputGradient: Float64Array,
  inputGradient: Float64Array,
  accumulate: boolean,
): void {
  for (let i = 0; i < inputs; i++) {
    for (let lane = 0; lane < lanes; lane++) {
      let sum = accumulate ? inputGradient[i * lanes + lane] : 0;
      for (let o = 0; o < outputs; o++) sum += weights[o * inputs + i] * outputGradient[o * lanes + lane];
      inputGradient[i * lanes + lane] = sum;
    }
  }
}

export function denseWeightGradient(
  { outputs, inputs, lanes }: DenseShape,
  outputGradient: Float64Array,
  input: Float64Array,
  weightGradient: Float64Array,
  biasGradient: Float64Array | undefined,
): void {
  for (let o = 0; o < outputs; o++) {
    for (let lane = 0; lane < lanes; lane++) {
      const gradient = outputGradient[o * lanes + lane];
      for (let i = 0; i < inputs; i++) weightGradient[o * inputs + i] += gradient * input[i * lanes + lane];
      if (biasGradient) biasGradient[o] += gradient;
    }
  }
}
