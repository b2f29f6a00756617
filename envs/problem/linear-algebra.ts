import type { Numbers } from "../core/finite.js";
import type { Matrix, Vector } from "./problem.js";

/** What the simulator needs of linear algebra; the solvers use a library. Matrices are flat and row-major. */

export function flatten(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.flat());
}

export function diagonal(values: Vector): number[][] {
  return values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
}

/** Lower-triangular L with LLᵀ = matrix, or null when the matrix is not positive semidefinite. Zero pivots are allowed. */
export function cholesky(matrix: ArrayLike<number>, size: number): Float64Array | null {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, Math.abs(matrix[i * size + i]));
  const tolerance = 1e-12 * largest;
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = matrix[i * size + j];
      for (let k = 0; k < j; k++) sum -= factor[i * size + k] * factor[j * size + k];
      if (i === j) {
        if (sum < -tolerance) return null;
        factor[j * size + j] = Math.sqrt(Math.max(sum, 0));
      } else {
        const pivot = factor[j * size + j];
        if (pivot > 0) factor[i * size + j] = sum / pivot;
        else if (Math.abs(sum) > tolerance) return null;
      }
    }
  }
  return factor;
}

export function isPositiveDefinite(matrix: Matrix): boolean {
  const factor = cholesky(flatten(matrix), matrix.length);
  return factor !== null && matrix.every((_, i) => factor[i * matrix.length + i] > 0);
}

export function isPositiveSemidefinite(matrix: Matrix): boolean {
  return cholesky(flatten(matrix), matrix.length) !== null;
}

/** out[rowOffset + i] += scale · Σⱼ M[i,j]·x[columnOffset + j], for one row-major [rows, columns] matrix. */
export function multiplyAdd(
  matrix: Numbers,
  rows: number,
  columns: number,
  x: Numbers,
  xOffset: number,
  scale: number,
  out: Numbers,
  outOffset: number,
): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[i * columns + j] * x[xOffset + j];
    out[outOffset + i] += scale * sum;
  }
}

/** uᵀGu of the `size` numbers of u from `offset` on; |u|² where there is no G. */
export function quadraticForm(matrix: Numbers | null, size: number, u: Numbers, offset: number): number {
  let form = 0;
  for (let i = 0; i < size; i++) {
    let product = u[offset + i];
    if (matrix) {
      product = 0;
      for (let j = 0; j < size; j++) product += matrix[i * size + j] * u[offset + j];
    }
    form += product * u[offset + i];
  }
  return form;
}

/** out += scale·Aᵀx with A a [rows, columns] matrix. */
export function multiplyTransposedAdd(
  matrix: Float64Array,
  rows: number,
  columns: number,
  x: Float64Array,
  xOffset: number,
  scale: number,
  out: Float64Array,
  outOffset: number,
): void {
  for (let i = 0; i < rows; i++) {
    const value = scale * x[xOffset + i];
    for (let j = 0; j < columns; j++) out[outOffset + j] += matrix[i * columns + j] * value;
  }
}
