import type { RandomKey } from "../../envs/index.js";
import { type Kernels, slices, view } from "../kernels/kernels.js";
import { MLP_BLOCK, type MlpGradients, type MlpShape } from "../kernels/network-operations.js";
import {
  drawOutputWeights,
  drawWeights,
  type Network,
  type NetworkTape,
  type Skip,
  slotOfStep,
} from "./network.js";

export interface MlpOptions {
  readonly inputs: number;
  /** Units of each hidden layer, at least one layer. */
  readonly hidden: readonly number[];
  readonly skip: Skip;
}

interface Layer {
  readonly outputs: number;
  readonly inputs: number;
  /** Where its weights start in the parameters; its bias follows them. */
  readonly offset: number;
}

/** hₗ = tanh(Wₗ hₗ₋₁ + bₗ) with h₀ = x; output = W [h_last, x] + b. */
export function mlp({ inputs, hidden, skip }: MlpOptions): Network {
  const outputs = skip.length;
  const layers = layersOf(inputs, hidden, outputs);
  const last = layers[layers.length - 1];
  return {
    inputs,
    outputs,
    parameterCount: last.offset + last.outputs * (last.inputs + 1),
    initialParameters: (key) => initialise(layers, hidden, skip, key),
    instantiate: (kernels, lanes, steps, extra = 0) =>
      instantiate(layers, inputs, kernels, lanes, steps, extra),
  };
}

function layersOf(inputs: number, hidden: readonly number[], outputs: number): readonly Layer[] {
  const fanIns = [inputs, ...hidden.slice(0, -1), hidden[hidden.length - 1] + inputs];
  let offset = 0;
  return [...hidden, outputs].map((units, l) => {
    const layer = { outputs: units, inputs: fanIns[l], offset };
    offset += units * (fanIns[l] + 1);
    return layer;
  });
}

function initialise(
  layers: readonly Layer[],
  hidden: readonly number[],
  skip: Skip,
  key: RandomKey,
): Float64Array {
  const last = layers[layers.length - 1];
  const parameters = new Float64Array(last.offset + last.outputs * (last.inputs + 1));
  for (const [l, { offset, outputs, inputs }] of layers.entries()) {
    const weights = view(parameters, offset, outputs * inputs);
    if (l < hidden.length) drawWeights(key, l, inputs, weights);
    else drawOutputWeights(key, l, hidden[l - 1], skip, weights);
  }
  return parameters;
}

function instantiate(
  layers: readonly Layer[],
  inputs: number,
  kernels: Kernels,
  lanes: number,
  steps: number,
  extra: number,
): NetworkTape {
  const last = layers[layers.length - 1];
  const parameterCount = last.offset + last.outputs * (last.inputs + 1);
  const hiddenUnits = layers.slice(0, -1).reduce((sum, { outputs }) => sum + outputs, 0);
  const { arrays, operations } = kernels.workspace({
    sizes: layers.length + 1,
    parameters: parameterCount,
    parameterGradient: parameterCount,
    inputs: (steps + 1) * inputs * lanes,
    inputGradient: inputs * lanes,
    hidden: (steps + 1) * hiddenUnits * lanes,
    hiddenGradient: hiddenUnits * MLP_BLOCK,
    outputs: (steps + 1) * last.outputs * lanes,
    outputGradient: last.outputs * lanes,
    extra,
  });
  const { parameters, parameterGradient, inputGradient, outputGradient, sizes } = arrays;
  sizes.set([inputs, ...layers.map(({ outputs }) => outputs)]);
  const shape: MlpShape = { sizes, lanes };
  const inputSlots = slices(arrays.inputs, inputs * lanes);
  const hiddenSlots = slices(arrays.hidden, hiddenUnits * lanes);
  const outputSlots = slices(arrays.outputs, last.outputs * lanes);
  const gradients: MlpGradients = {
    output: outputGradient,
    input: inputGradient,
    parameters: parameterGradient,
    hidden: arrays.hiddenGradient,
  };
  const slotOf = (t: number) => slotOfStep(t, steps);

  return {
    operations,
    parameters,
    parameterGradient,
    extra: arrays.extra,
    slotOf,
    inputs: inputSlots,
    outputs: outputSlots,
    outputGradient,
    inputGradient,
    reset: () => {},
    scaleCarried: () => {},
    forward(t) {
      const at = slotOf(t);
      operations.mlpForward(shape, parameters, inputSlots[at], hiddenSlots[at], outputSlots[at]);
    },
    backward(t) {
      const at = slotOf(t);
      operations.mlpBackward(shape, parameters, inputSlots[at], hiddenSlots[at], gradients);
    },
  };
}
