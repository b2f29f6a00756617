import type { RandomKey } from "../../envs/index.js";
import { type Kernels, partition, rowsOf, scaleBy, slices } from "../kernels/kernels.js";
import type { RecurrentShape } from "./gru-network.js";
import { drawOutputWeights, drawWeights, type Network, type NetworkTape, slotOfStep } from "./network.js";

/** Bias of the forget gate at the start: σ(1) = 0.73 of the cell is kept per step. */
const KEEP_BIAS = 1;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
 *
 *     i, f, o = σ(W x + U h + b)    g = tanh(W_g x + U_g h + b_g)
 *     c ← f ⊙ c + i ⊙ g    h ← o ⊙ tanh(c)    output = W [h, x] + b
 */
export function lstmNetwork(shape: RecurrentShape): Network {
  const parameterCount = parameterLengths(shape).reduce((sum, length) => sum + length, 0);
  return {
    inputs: shape.inputs,
    outputs: shape.skip.length,
    parameterCount,
    initialParameters: (key) => initialise(shape, new Float64Array(parameterCount), key),
    instantiate: (kernels, lanes, steps, extra = 0) =>
      instantiate(shape, parameterCount, kernels, lanes, steps, extra),
  };
}

/** W, U and b of the gates i, f, g, o; W and b of the output. */
function parameterLengths({ inputs, units, skip }: RecurrentShape): readonly number[] {
  const outputs = skip.length;
  return [4 * units * inputs, 4 * units * units, 4 * units, outputs * (units + inputs), outputs];
}

function initialise(shape: RecurrentShape, parameters: Float64Array, key: RandomKey): Float64Array {
  const { inputs, units, skip } = shape;
  const [w, u, b, output] = partition(parameters, parameterLengths(shape));
  drawWeights(key, 0, inputs, w);
  drawWeights(key, 1, units, u);
  b.fill(KEEP_BIAS, units, 2 * units);
  drawOutputWeights(key, 2, units, skip, output);
  return parameters;
}

function instantiate(
  shape: RecurrentShape,
  parameterCount: number,
  kernels: Kernels,
  lanes: number,
  steps: number,
  extra: number,
): NetworkTape {
  const { inputs, units, skip } = shape;
  const outputs = skip.length;
  const tailLength = (units + inputs) * lanes;
  const block = units * lanes;
  const { arrays, operations } = kernels.workspace({
    parameters: parameterCount,
    parameterGradient: parameterCount,
    // c and h after a step, and its inputs.
    tape: (steps + 1) * (block + tailLength),
    tapeGradient: tailLength,
    cellGradient: block,
    gates: (steps + 1) * 4 * block,
    gateGradient: 4 * block,
    outputs: (steps + 1) * outputs * lanes,
    outputGradient: outputs * lanes,
    extra,
  });
  const { tapeGradient, cellGradient, gateGradient, outputGradient } = arrays;
  const lengths = parameterLengths(shape);
  const [w, u, b, wOut, bOut] = partition(arrays.parameters, lengths);
  const [wGradient, uGradient, bGradient, wOutGradient, bOutGradient] = partition(
    arrays.parameterGradient,
    lengths,
  );
  const slots = slices(arrays.tape, block + tailLength);
  const cells = rowsOf(slots, lanes, 0, units);
  const hidden = rowsOf(slots, lanes, units, units);
  const inputSlots = rowsOf(slots, lanes, 2 * units, inputs);
  const tails = rowsOf(slots, lanes, units, units + inputs);
  const memories = rowsOf(slots, lanes, 0, 2 * units);
  const [hiddenGradient, inputGradient] = partition(tapeGradient, [block, inputs * lanes]);
  const gates = slices(arrays.gates, 4 * block);
  const outputSlots = slices(arrays.outputs, outputs * lanes);
  const inputShape = { outputs: 4 * units, inputs, lanes };
  const hiddenShape = { outputs: 4 * units, inputs: units, lanes };
  const outputShape = { outputs, inputs: units + inputs, lanes };
  const slotOf = (t: number) => slotOfStep(t, steps);

  return {
    operations,
    extra: arrays.extra,
    parameters: arrays.parameters,
    parameterGradient: arrays.parameterGradient,
    slotOf,
    inputs: inputSlots,
    outputs: outputSlots,
    outputGradient,
    inputGradient,
    memories,
    reset: () => memories[0].fill(0),
    scaleCarried(factor) {
      scaleBy(hiddenGradient, factor);
      scaleBy(cellGradient, factor);
    },
    forward(t) {
      const before = slotOf(t - 1);
      const at = slotOf(t);
      operations.dense(inputShape, w, b, inputSlots[at], gates[at]);
      operations.dense(hiddenShape, u, undefined, hidden[before], gates[at]);
      operations.lstmStep(gates[at], cells[before], cells[at], hidden[at]);
      operations.dense(outputShape, wOut, bOut, tails[at], outputSlots[at]);
    },
    backward(t) {
      const before = slotOf(t - 1);
      const at = slotOf(t);
      inputGradient.fill(0);
      operations.denseWeightGradient(outputShape, outputGradient, tails[at], wOutGradient, bOutGradient);
      operations.denseInputGradient(outputShape, wOut, outputGradient, tapeGradient, true);
      operations.lstmStepGradient(
        gates[at],
        cells[before],
        cells[at],
        hiddenGradient,
        cellGradient,
        gateGradient,
      );
      operations.denseWeightGradient(inputShape, gateGradient, inputSlots[at], wGradient, bGradient);
      operations.denseWeightGradient(hiddenShape, gateGradient, hidden[before], uGradient, undefined);
      operations.denseInputGradient(inputShape, w, gateGradient, inputGradient, true);
      operations.denseInputGradient(hiddenShape, u, gateGradient, hiddenGradient, false);
    },
  };
}
