import type { RandomKey } from "../../envs/index.js";
import { type Kernels, partition, scaleBy, slices, view } from "../kernels/kernels.js";
import {
  drawOutputWeights,
  drawWeights,
  type Network,
  type NetworkTape,
  type Skip,
  slotOfStep,
} from "./network.js";

export interface RecurrentShape {
  readonly inputs: number;
  /** Units of memory, H. */
  readonly units: number;
  readonly skip: Skip;
}

/** Bias of the update gate at the start: σ(1) = 0.73 of the memory is kept per step. */
const KEEP_BIAS = 1;

/**
 * A gated recurrent unit (Cho et al. 2014, with the reset applied after the recurrent product):
 *
 *     r = σ(W_r x + U_r h + b_r)    z = σ(W_z x + U_z h + b_z)    n = tanh(W_n x + b_n + r ⊙ (U_n h + b_q))
 *     h ← (1 − z) ⊙ n + z ⊙ h       output = W [h, x] + b
 */
export function gruNetwork(shape: RecurrentShape): Network {
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

/** W_n, W_r and W_z, U_r and U_z and U_q, b_n, b_r and b_z and b_q, W, b. */
function parameterLengths({ inputs, units, skip }: RecurrentShape): readonly number[] {
  const outputs = skip.length;
  return [
    units * inputs,
    2 * units * inputs,
    3 * units * units,
    units,
    3 * units,
    outputs * (units + inputs),
    outputs,
  ];
}

function initialise(shape: RecurrentShape, parameters: Float64Array, key: RandomKey): Float64Array {
  const { inputs, units, skip } = shape;
  const [wN, wRZ, uRZQ, , bRZQ, output] = partition(parameters, parameterLengths(shape));
  drawWeights(key, 0, inputs, wN);
  drawWeights(key, 1, inputs, wRZ);
  drawWeights(key, 2, units, uRZQ);
  bRZQ.fill(KEEP_BIAS, units, 2 * units);
  drawOutputWeights(key, 3, units, skip, output);
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
  const slotLength = (units + inputs) * lanes;
  const block = units * lanes;
  const { arrays, operations } = kernels.workspace({
    parameters: parameterCount,
    parameterGradient: parameterCount,
    // Memory after a step, and its inputs.
    tape: (steps + 1) * slotLength,
    tapeGradient: slotLength,
    gates: (steps + 1) * 4 * block,
    gateGradient: 4 * block,
    outputs: (steps + 1) * outputs * lanes,
    outputGradient: outputs * lanes,
    extra,
  });
  const { tapeGradient, gateGradient, outputGradient } = arrays;
  const [wN, wRZ, uRZQ, bN, bRZQ, w, b] = partition(arrays.parameters, parameterLengths(shape));
  const [wNGradient, wRZGradient, uRZQGradient, bNGradient, bRZQGradient, wGradient, bGradient] = partition(
    arrays.parameterGradient,
    parameterLengths(shape),
  );
  const wNRZ = view(arrays.parameters, 0, 3 * units * inputs);
  const slots = slices(arrays.tape, slotLength);
  const memories = slots.map((slot) => view(slot, 0, block));
  const inputSlots = slots.map((slot) => view(slot, block, inputs * lanes));
  const gates = slices(arrays.gates, 4 * block);
  const gatesN = gates.map((slot) => view(slot, 0, block));
  const gatesRZ = gates.map((slot) => view(slot, block, 2 * block));
  const gatesRZQ = gates.map((slot) => view(slot, block, 3 * block));
  const outputSlots = slices(arrays.outputs, outputs * lanes);
  const [memoryGradient, inputGradient] = partition(tapeGradient, [block, inputs * lanes]);
  const [gradientN, gradientRZ] = partition(gateGradient, [block, 2 * block]);
  const gradientNRZ = view(gateGradient, 0, 3 * block);
  const gradientRZQ = view(gateGradient, block, 3 * block);

  const nShape = { outputs: units, inputs, lanes };
  const rzShape = { outputs: 2 * units, inputs, lanes };
  const nrzShape = { outputs: 3 * units, inputs, lanes };
  const rzqShape = { outputs: 3 * units, inputs: units, lanes };
  const outputShape = { outputs, inputs: units + inputs, lanes };
  const slotOf = (t: number) => slotOfStep(t, steps);

  return {
    operations,
    parameters: arrays.parameters,
    parameterGradient: arrays.parameterGradient,
    extra: arrays.extra,
    slotOf,
    inputs: inputSlots,
    outputs: outputSlots,
    outputGradient,
    inputGradient,
    memories,
    reset: () => memories[0].fill(0),
    scaleCarried: (factor) => scaleBy(memoryGradient, factor),
    forward(t) {
      const before = slotOf(t - 1);
      const at = slotOf(t);
      operations.dense(nShape, wN, bN, inputSlots[at], gatesN[at]);
      operations.dense(rzqShape, uRZQ, bRZQ, memories[before], gatesRZQ[at]);
      operations.dense(rzShape, wRZ, undefined, inputSlots[at], gatesRZ[at]);
      operations.gruStep(gates[at], memories[before], memories[at]);
      operations.dense(outputShape, w, b, slots[at], outputSlots[at]);
    },
    backward(t) {
      const before = slotOf(t - 1);
      const at = slotOf(t);
      inputGradient.fill(0);
      operations.denseWeightGradient(outputShape, outputGradient, slots[at], wGradient, bGradient);
      operations.denseInputGradient(outputShape, w, outputGradient, tapeGradient, true);
      operations.gruStepGradient(gates[at], memories[before], memoryGradient, gateGradient);
      operations.denseWeightGradient(nShape, gradientN, inputSlots[at], wNGradient, bNGradient);
      operations.denseWeightGradient(rzShape, gradientRZ, inputSlots[at], wRZGradient, undefined);
      operations.denseWeightGradient(rzqShape, gradientRZQ, memories[before], uRZQGradient, bRZQGradient);
      operations.denseInputGradient(nrzShape, wNRZ, gradientNRZ, inputGradient, true);
      operations.denseInputGradient(rzqShape, uRZQ, gradientRZQ, memoryGradient, true);
    },
  };
}
