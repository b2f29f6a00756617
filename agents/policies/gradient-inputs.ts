import type { Numbers } from "../kernels/kernels.js";

/** Rows of what `gradientInputs` of the kernels makes: log(|y| + ε)/4, asinh y, sign y. */
export const GRADIENT_ROWS = 3;

/** Position of the rows that a linear skip starts from. */
export const LOG_ROW = 0;
export const SIGN_ROW = 2;

/** A clock that saturates. */
export function clockAt(t: number, clock: number): number {
  return t / (t + clock);
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
    inputs.fill(clockAt(t, clocks[c]), from, from + lanes);
  }
}
