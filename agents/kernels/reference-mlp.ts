import { view } from "./kernels.js";
import type { MlpGradients, MlpShape } from "./network-operations.js";
import { dense, denseInputGradient, denseWeightGradient } from "./reference-dense.js";

type Shape = MlpShape<Float64Array>;

/** `hidden` is one matrix `[units, lanes]` for each hidden layer. */
export function mlpForward(
  shape: Shape,
  parameters: Float64Array,
  input: Float64Array,
  hidden: Float64Array,
  output: Float64Array,
): void {
  let below = input;
  for (const { isLast, dense: size, weights, bias, from } of layersOf(shape)) {
    if (isLast) {
      dense(size, view(parameters, ...weights), view(parameters, ...bias), joined(below, input), output);
      return;
    }
    const units = view(hidden, from, size.outputs * size.lanes);
    dense(size, view(parameters, ...weights), view(parameters, ...bias), below, units);
    for (let i = 0; i < units.length; i++) units[i] = Math.tanh(units[i]);
    below = units;
  }
}

export function mlpBackward(
  shape: Shape,
  parameters: Float64Array,
  input: Float64Array,
  hidden: Float64Array,
  gradients: MlpGradients<Float64Array>,
): void {
  let above = gradients.output;
  for (const { isLast, isFirst, dense: size, weights, bias, from } of layersOf(shape).reverse()) {
    if (!isLast) {
      const units = view(hidden, from, size.outputs * size.lanes);
      for (let i = 0; i < units.length; i++) above[i] *= 1 - units[i] ** 2;
    }
    const width = (size.inputs - (isLast ? shape.sizes[0] : 0)) * size.lanes;
    const below = isFirst ? input : view(hidden, from - width, width);
    const entering = isLast ? joined(below, input) : below;
    const parts = [view(gradients.parameters, ...weights), view(gradients.parameters, ...bias)] as const;
    denseWeightGradient(size, above, entering, ...parts);
    const gradient = new Float64Array(entering.length);
    denseInputGradient(size, view(parameters, ...weights), above, gradient, false);
    if (isLast) gradients.input.set(gradient.subarray(width));
    if (isFirst) for (let i = 0; i < gradient.length; i++) gradients.input[i] += gradient[i];
    above = gradient.subarray(0, width);
  }
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Each layer: its size, where its weights and bias are among the parameters, and where its units begin among the hidden. */
function layersOf({ sizes, lanes }: Shape) {
  const [inputs, ...rest] = sizes;
  let offset = 0;
  let from = 0;
  return rest.map((outputs, l) => {
    const isLast = l === rest.length - 1;
    const fanIn = l === 0 ? inputs : rest[l - 1] + (isLast ? inputs : 0);
    const weights = [offset, outputs * fanIn] as const;
    const bias = [offset + outputs * fanIn, outputs] as const;
    const layer = { isFirst: l === 0, isLast, dense: { outputs, inputs: fanIn, lanes }, weights, bias, from };
    offset += outputs * (fanIn + 1);
    from += outputs * lanes;
    return layer;
  });
}
