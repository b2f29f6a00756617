import type { NetworkOperations } from "./network-operations.js";
import { dense, denseInputGradient, denseWeightGradient } from "./reference-dense.js";
import { mlpBackward, mlpForward } from "./reference-mlp.js";

/** The operations of networks as plain float64 loops, one per equation. */
export const networkReference: NetworkOperations<Float64Array> = {
  dense,
  denseInputGradient,
  denseWeightGradient,
  mlpForward,
  mlpBackward,
  gruStep,
  gruStepGradient,
  lstmStep,
  lstmStepGradient,
};

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function gruStep(gates: Float64Array, memory: Float64Array, next: Float64Array): void {
  const block = memory.length;
  for (let i = 0; i < block; i++) {
    const r = logistic(gates[block + i]);
    const z = logistic(gates[2 * block + i]);
    const n = Math.tanh(gates[i] + r * gates[3 * block + i]);
    next[i] = (1 - z) * n + z * memory[i];
    gates[i] = n;
    gates[block + i] = r;
    gates[2 * block + i] = z;
  }
}

function gruStepGradient(
  gates: Float64Array,
  memory: Float64Array,
  memoryGradient: Float64Array,
  gateGradient: Float64Array,
): void {
  const block = memory.length;
  for (let i = 0; i < block; i++) {
    const n = gates[i];
    const r = gates[block + i];
    const z = gates[2 * block + i];
    const q = gates[3 * block + i];
    const nGradient = memoryGradient[i] * (1 - z) * (1 - n * n);
    gateGradient[i] = nGradient;
    gateGradient[block + i] = nGradient * q * r * (1 - r);
    gateGradient[2 * block + i] = memoryGradient[i] * (memory[i] - n) * z * (1 - z);
    gateGradient[3 * block + i] = nGradient * r;
    memoryGradient[i] *= z;
  }
}

function lstmStep(gates: Float64Array, cell: Float64Array, nextCell: Float64Array, memory: Float64Array) {
  const block = cell.length;
  for (let k = 0; k < block; k++) {
    const i = logistic(gates[k]);
    const f = logistic(gates[block + k]);
    const g = Math.tanh(gates[2 * block + k]);
    const o = logistic(gates[3 * block + k]);
    nextCell[k] = f * cell[k] + i * g;
    memory[k] = o * Math.tanh(nextCell[k]);
    gates[k] = i;
    gates[block + k] = f;
    gates[2 * block + k] = g;
    gates[3 * block + k] = o;
  }
}

function lstmStepGradient(
  gates: Float64Array,
  cell: Float64Array,
  nextCell: Float64Array,
  memoryGradient: Float64Array,
  cellGradient: Float64Array,
  gateGradient: Float64Array,
): void {
  const block = cell.length;
  for (let k = 0; k < block; k++) {
    const i = gates[k];
    const f = gates[block + k];
    const g = gates[2 * block + k];
    const o = gates[3 * block + k];
    const c = Math.tanh(nextCell[k]);
    const nextCellGradient = cellGradient[k] + memoryGradient[k] * o * (1 - c * c);
    gateGradient[k] = nextCellGradient * g * i * (1 - i);
    gateGradient[block + k] = nextCellGradient * cell[k] * f * (1 - f);
    gateGradient[2 * block + k] = nextCellGradient * i * (1 - g * g);
    gateGradient[3 * block + k] = memoryGradient[k] * c * o * (1 - o);
    cellGradient[k] = nextCellGradient * f;
  }
}
