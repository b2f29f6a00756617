import type { Numbers, Operations } from "../kernels/kernels.js";

/** Rows that `writeGradientInputs` fills: log(|y| + ε)/4, asinh y, sign y. */
export const GRADIENT_ROWS = 3;

/** Position of the rows that a linear skip starts from. */
export const LOG_ROW = 0;
export const SIGN_ROW = 2;

const LOG_SCALE = 0.25;
const TINY = 1e-300;

/** What a network is told of a gradient whose scale is unknown. */
export function writeGradientInputs(
  operations: Operations,
  gradient: Float64Array,
  epsilon: number,
  inputs: Numbers,
): void {
  const lanes = gradient.length;
  for (let lane = 0; lane < lanes; lane++) {
    const y = gradient[lane];
    const size = Math.abs(y);
    inputs[lane] = size + epsilon;
    inputs[lanes + lane] = size + Math.sqrt(y * y + 1);
    inputs[2 * lanes + lane] = y / (size + TINY);
  }
  operations.log(inputs, inputs, LOG_SCALE, 2 * lanes);
  for (let lane = 0; lane < lanes; lane++) inputs[lanes + lane] *= inputs[2 * lanes + lane] / LOG_SCALE;
}

/** Adds to ∂J/∂y. The sign has derivative 0 where it has one. */
export function addGradientInputsBackward(
  gradient: Float64Array,
  epsilon: number,
  inputGradient: Numbers,
  out: Float64Array,
): void {
  const lanes = gradient.length;
  for (let lane = 0; lane < lanes; lane++) {
    const y = gradient[lane];
    const size = Math.abs(y);
    const sign = y / (size + TINY);
    out[lane] +=
      (inputGradient[lane] * LOG_SCALE * sign) / (size + epsilon) +
      inputGradient[lanes + lane] / Math.sqrt(y * y + 1);
  }
}

/** Saturating clocks t/(t + τ), one row each. */
export function writeClocks(
  t: number,
  clocks: readonly number[],
  inputs: Numbers,
  firstRow: number,
  lanes: number,
): void {
  for (let c = 0; c < clocks.length; c++) {
    const from = (firstRow + c) * lanes;
    inputs.fill(t / (t + clocks[c]), from, from + lanes);
  }
}
