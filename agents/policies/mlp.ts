import type { RandomKey } from "../../envs/index.js";
import { type Kernels, type Numbers, slices, view } from "../kernels/kernels.js";
import {
  drawOutputWeights,
  drawWeights,
  type Network,
  type NetworkTape,
  type Skip,
  slotOfStep,
} from "./network.js";

export interface MlpShape {
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
export function mlp({ inputs, hidden, skip }: MlpShape): Network {
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
  const hiddenLayers = layers.slice(0, -1);
  const parameterCount = last.offset + last.outputs * (last.inputs + 1);
  const hiddenUnits = hiddenLayers.reduce((sum, { outputs }) => sum + outputs, 0);
  const rows = hiddenUnits + inputs;
  const { arrays, operations } = kernels.workspace({
    parameters: parameterCount,
    parameterGradient: parameterCount,
    tape: (steps + 1) * rows * lanes,
    tapeGradient: rows * lanes,
    outputs: (steps + 1) * last.outputs * lanes,
    outputGradient: last.outputs * lanes,
    extra,
  });
  const shapes = layers.map(({ outputs, inputs }) => ({ outputs, inputs, lanes }));
  const weights = layers.map((layer) => weightsOf(arrays.parameters, layer));
  const gradients = layers.map((layer) => weightsOf(arrays.parameterGradient, layer));
  const activations = slices(arrays.tape, rows * lanes).map((slot) => activationsOf(slot, layers, lanes));
  const backward = activationsOf(arrays.tapeGradient, layers, lanes);
  const outputs = slices(arrays.outputs, last.outputs * lanes);
  const { outputGradient } = arrays;
  const slotOf = (t: number) => slotOfStep(t, steps);
  const final = hiddenLayers.length;

  return {
    operations,
    parameters: arrays.parameters,
    parameterGradient: arrays.parameterGradient,
    extra: arrays.extra,
    slotOf,
    inputs: activations.map(({ input }) => input),
    outputs,
    outputGradient,
    inputGradient: backward.input,
    reset: () => {},
    scaleCarried: () => {},
    forward(t) {
      const { input, hidden, tail } = activations[slotOf(t)];
      let from = input;
      for (let l = 0; l < final; l++) {
        operations.dense(shapes[l], weights[l].weights, weights[l].bias, from, hidden[l]);
        operations.tanh(hidden[l], hidden[l]);
        from = hidden[l];
      }
      operations.dense(shapes[final], weights[final].weights, weights[final].bias, tail, outputs[slotOf(t)]);
    },
    backward(t) {
      const { input, hidden, tail } = activations[slotOf(t)];
      const at = gradients[final];
      operations.denseWeightGradient(shapes[final], outputGradient, tail, at.weights, at.bias);
      operations.denseInputGradient(
        shapes[final],
        weights[final].weights,
        outputGradient,
        backward.tail,
        false,
      );
      for (let l = final - 1; l >= 0; l--) {
        const gradient = backward.hidden[l];
        const { weights: weightGradient, bias } = gradients[l];
        operations.tanhGradient(hidden[l], gradient, gradient);
        operations.denseWeightGradient(shapes[l], gradient, l ? hidden[l - 1] : input, weightGradient, bias);
        const to = l ? backward.hidden[l - 1] : backward.input;
        operations.denseInputGradient(shapes[l], weights[l].weights, gradient, to, l === 0);
      }
    },
  };
}

function weightsOf(parameters: Numbers, { offset, outputs, inputs }: Layer) {
  return {
    weights: view(parameters, offset, outputs * inputs),
    bias: view(parameters, offset + outputs * inputs, outputs),
  };
}

/** Rows of a slot, in this order: hidden layer 1, 2, …, the inputs. `tail` is the last hidden layer and the inputs. */
function activationsOf(slot: Numbers, layers: readonly Layer[], lanes: number) {
  let offset = 0;
  const hidden = layers.slice(0, -1).map(({ outputs }) => {
    offset += outputs * lanes;
    return view(slot, offset - outputs * lanes, outputs * lanes);
  });
  const input = view(slot, offset, slot.length - offset);
  const tailLength = layers[layers.length - 1].inputs * lanes;
  return { hidden, input, tail: view(slot, slot.length - tailLength, tailLength) };
}
