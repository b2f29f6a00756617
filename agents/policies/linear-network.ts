import type { RandomKey } from "../../envs/index.js";
import { type Kernels, slices } from "../kernels/kernels.js";
import { drawWeights, type Network, type NetworkTape, type Skip, slotOfStep } from "./network.js";

export interface LinearShape {
  readonly inputs: number;
  readonly skip: Skip;
}

const NOISE = 0.01;

/** output = W x, starting from the skip up to small weights. */
export function linearNetwork(shape: LinearShape): Network {
  const { inputs, skip } = shape;
  return {
    inputs,
    outputs: skip.length,
    parameterCount: skip.length * inputs,
    initialParameters: (key) => initialise(shape, key),
    instantiate: (kernels, lanes, steps, extra = 0) => instantiate(shape, kernels, lanes, steps, extra),
  };
}

function initialise({ inputs, skip }: LinearShape, key: RandomKey): Float64Array {
  const weights = new Float64Array(skip.length * inputs);
  drawWeights(key, 0, inputs, weights, NOISE);
  return weights.map((value, i) => value + skip[Math.floor(i / inputs)][i % inputs]);
}

function instantiate(
  { inputs, skip }: LinearShape,
  kernels: Kernels,
  lanes: number,
  steps: number,
  extra: number,
): NetworkTape {
  const shape = { outputs: skip.length, inputs, lanes };
  const { arrays, operations } = kernels.workspace({
    parameters: shape.outputs * inputs,
    parameterGradient: shape.outputs * inputs,
    inputs: (steps + 1) * inputs * lanes,
    inputGradient: inputs * lanes,
    outputs: (steps + 1) * shape.outputs * lanes,
    outputGradient: shape.outputs * lanes,
    extra,
  });
  const { parameters, parameterGradient, inputGradient, outputGradient } = arrays;
  const inputSlots = slices(arrays.inputs, inputs * lanes);
  const outputSlots = slices(arrays.outputs, shape.outputs * lanes);
  const slotOf = (t: number) => slotOfStep(t, steps);
  return {
    operations,
    extra: arrays.extra,
    parameters,
    parameterGradient,
    slotOf,
    inputs: inputSlots,
    outputs: outputSlots,
    outputGradient,
    inputGradient,
    reset: () => {},
    scaleCarried: () => {},
    forward(t) {
      const at = slotOf(t);
      outputSlots[at].fill(0);
      operations.dense(shape, parameters, undefined, inputSlots[at], outputSlots[at]);
    },
    backward(t) {
      operations.denseWeightGradient(
        shape,
        outputGradient,
        inputSlots[slotOf(t)],
        parameterGradient,
        undefined,
      );
      operations.denseInputGradient(shape, parameters, outputGradient, inputGradient, false);
    },
  };
}
