import { Matrix, solve } from "ml-matrix";
import type { Matrix as Rows, Vector } from "../envs/problem/problem.js";

/** The few matrix idioms that the solvers share, on top of ml-matrix. */

export function toMatrix(rows: Rows): Matrix {
  return new Matrix(rows as number[][]);
}

export function column(values: Vector): Matrix {
  return Matrix.columnVector(values as number[]);
}

export function toRows(matrix: Matrix): number[][] {
  return matrix.to2DArray();
}

export function toVector(matrix: Matrix): number[] {
  return matrix.to1DArray();
}

/** (M + Mᵀ)/2, against the asymmetry that rounding leaves. */
export function symmetrise(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).mul(0.5);
}

/** left⁻¹·right, or null when left is singular to working precision. */
export function trySolve(left: Matrix, right: Matrix): Matrix | null {
  try {
    const solution = solve(left, right);
    return allFinite(solution) ? solution : null;
  } catch {
    return null;
  }
}

export function allFinite(matrix: Matrix): boolean {
  return matrix.to1DArray().every(Number.isFinite);
}

/** xᵀ·M·y for column vectors. */
export function bilinear(x: Matrix, matrix: Matrix, y: Matrix): number {
  return x.transpose().mmul(matrix).mmul(y).get(0, 0);
}

/** xᵀ·y for column vectors. */
export function inner(x: Matrix, y: Matrix): number {
  return x.dot(y);
}

/** The scalar s with matrix = s·I to a relative 1e-12, or null. */
export function scalarOf(matrix: Matrix): number | null {
  if (matrix.rows !== matrix.columns) return null;
  const scale = matrix.get(0, 0);
  const expected = Matrix.eye(matrix.rows, matrix.rows, scale);
  return Matrix.sub(matrix, expected).norm() <= 1e-12 * Math.abs(scale) * matrix.rows ? scale : null;
}

/** Whether every entry off the diagonal is exactly zero. */
export function isDiagonal(matrix: Matrix): boolean {
  return toRows(matrix).every((row, i) => row.every((value, j) => i === j || value === 0));
}
