// A multilayer perceptron, forward and backward: hₗ = tanh(Wₗ hₗ₋₁ + bₗ), h₀ = x, y = W [h_last, x] + b. Inputs and
// outputs are lane-major. Hidden units go by blocks of 64 lanes, a block's layers one after another, each of them
// lane-major within the block: so that what follows on each other stays in the first-level cache.
// `sizes` holds the number of inputs, of the units of each hidden layer, and of outputs, as float32.
import { layer, layerInputGradient } from "./dense";
import { layerBiasGradient, layerWeightGradient } from "./dense-weights";
import { tanhArray, tanhGradient } from "./tanh";

/** Bytes of a row of a block. */
const BLOCK: usize = 64 << 2;

@inline
function size(sizes: usize, index: i32): i32 {
  return <i32>load<f32>(sizes + ((<usize>index) << 2));
}

/** Units of all hidden layers, `layers` of them. */
function hiddenUnits(sizes: usize, layers: i32): i32 {
  let units = 0;
  for (let l = 1; l <= layers; l++) units += size(sizes, l);
  return units;
}

export function mlpForward(
  sizes: usize,
  layers: i32,
  parameters: usize,
  input: usize,
  hidden: usize,
  output: usize,
  lanes: i32,
): void {
  const stride = (<usize>lanes) << 2;
  const rows = <usize>hiddenUnits(sizes, layers);
  for (let lane: usize = 0; lane < stride; lane += BLOCK) {
    const width = min(BLOCK, stride - lane);
    forwardBlock(sizes, layers, parameters, input + lane, hidden, output + lane, stride, width);
    hidden += rows * width;
  }
}

function forwardBlock(
  sizes: usize,
  layers: i32,
  parameters: usize,
  input: usize,
  hidden: usize,
  output: usize,
  stride: usize,
  width: usize,
): void {
  const inputs = size(sizes, 0);
  let from = input;
  let fromStride = stride;
  let fanIn = inputs;
  for (let l = 1; l <= layers; l++) {
    const units = size(sizes, l);
    const row = (<usize>fanIn) << 2;
    const bias = parameters + <usize>units * row;
    layer(parameters, row, bias, from, fromStride, hidden, width, units, width, fanIn);
    tanhArray(hidden, hidden, units * <i32>(width >> 2));
    parameters = bias + ((<usize>units) << 2);
    from = hidden;
    fromStride = width;
    fanIn = units;
    hidden += <usize>units * width;
  }
  const outputs = size(sizes, layers + 1);
  const row = (<usize>(fanIn + inputs)) << 2;
  const bias = parameters + <usize>outputs * row;
  layer(parameters, row, bias, from, fromStride, output, stride, outputs, width, fanIn);
  layer(parameters + ((<usize>fanIn) << 2), row, 0, input, stride, output, stride, outputs, width, inputs);
}

/** `hiddenGradient` has room for one block. Adds to the gradient of the parameters; writes that of the inputs. */
export function mlpBackward(
  sizes: usize,
  layers: i32,
  parameters: usize,
  input: usize,
  hidden: usize,
  outputGradient: usize,
  hiddenGradient: usize,
  inputGradient: usize,
  parameterGradient: usize,
  parameterCount: i32,
  lanes: i32,
): void {
  const stride = (<usize>lanes) << 2;
  const rows = <usize>hiddenUnits(sizes, layers);
  const end = (<usize>parameterCount) << 2;
  for (let lane: usize = 0; lane < stride; lane += BLOCK) {
    const width = min(BLOCK, stride - lane);
    hidden += rows * width;
    backwardBlock(
      sizes,
      layers,
      parameters + end,
      input + lane,
      hidden,
      outputGradient + lane,
      hiddenGradient + rows * width,
      inputGradient + lane,
      parameterGradient + end,
      stride,
      width,
    );
  }
}

/** Parameters, hidden units and their gradients are given by their ends, and walked through from there. */
function backwardBlock(
  sizes: usize,
  layers: i32,
  parameters: usize,
  input: usize,
  hidden: usize,
  outputGradient: usize,
  hiddenGradient: usize,
  inputGradient: usize,
  parameterGradient: usize,
  stride: usize,
  width: usize,
): void {
  const inputs = size(sizes, 0);
  const outputs = size(sizes, layers + 1);
  let units = size(sizes, layers);
  const last = (<usize>units) << 2;
  const lastRow = last + ((<usize>inputs) << 2);
  const lastLength = <usize>outputs * (lastRow + 4);
  parameters -= lastLength;
  parameterGradient -= lastLength;
  hidden -= <usize>units * width;
  hiddenGradient -= <usize>units * width;
  const dy = outputGradient;
  layerWeightGradient(dy, stride, hidden, width, parameterGradient, lastRow, outputs, units, width);
  layerWeightGradient(dy, stride, input, stride, parameterGradient + last, lastRow, outputs, inputs, width);
  layerBiasGradient(dy, stride, parameterGradient + <usize>outputs * lastRow, outputs, width);
  layerInputGradient(parameters, lastRow, dy, stride, hiddenGradient, width, outputs, units, width, false);
  layerInputGradient(
    parameters + last,
    lastRow,
    dy,
    stride,
    inputGradient,
    stride,
    outputs,
    inputs,
    width,
    false,
  );
  for (let l = layers; l > 0; l--) {
    const fanIn = size(sizes, l - 1);
    const row = (<usize>fanIn) << 2;
    const length = <usize>units * (row + 4);
    parameters -= length;
    parameterGradient -= length;
    tanhGradient(hidden, hiddenGradient, hiddenGradient, units * <i32>(width >> 2));
    const below = <usize>fanIn * width;
    const isFirst = l === 1;
    const from = isFirst ? input : hidden - below;
    const to = isFirst ? inputGradient : hiddenGradient - below;
    const fromStride = isFirst ? stride : width;
    layerWeightGradient(
      hiddenGradient,
      width,
      from,
      fromStride,
      parameterGradient,
      row,
      units,
      fanIn,
      width,
    );
    layerBiasGradient(hiddenGradient, width, parameterGradient + <usize>units * row, units, width);
    layerInputGradient(
      parameters,
      row,
      hiddenGradient,
      width,
      to,
      fromStride,
      units,
      fanIn,
      width,
      isFirst,
    );
    hidden = from;
    hiddenGradient = to;
    units = fanIn;
  }
}
