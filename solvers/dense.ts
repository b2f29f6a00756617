import { LuDecomposition, Matrix } from "ml-matrix";
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

/** weight·left + other·right; what ml-matrix has for it copies through an iterator, entry by entry. */
function combine(weight: number, left: Matrix, other: number, right: Matrix): Matrix {
  const out = Matrix.zeros(left.rows, left.columns);
  for (let i = 0; i < left.rows; i++)
    for (let j = 0; j < left.columns; j++) out.set(i, j, weight * left.get(i, j) + other * right.get(i, j));
  return out;
}

export function plus(left: Matrix, right: Matrix): Matrix {
  return combine(1, left, 1, right);
}

export function minus(left: Matrix, right: Matrix): Matrix {
  return combine(1, left, -1, right);
}

export function times(matrix: Matrix, factor: number): Matrix {
  return combine(factor, matrix, 0, matrix);
}

/** (M + Mᵀ)/2, against the asymmetry that rounding leaves. */
export function symmetrise(matrix: Matrix): Matrix {
  return combine(0.5, matrix, 0.5, matrix.transpose());
}

/** The Frobenius norm; ml-matrix's own copies twice. */
export function norm(matrix: Matrix): number {
  let sum = 0;
  for (let i = 0; i < matrix.rows; i++) for (let j = 0; j < matrix.columns; j++) sum += matrix.get(i, j) ** 2;
  return Math.sqrt(sum);
}

/** left·right, four rows of `right` at a time; what is zero in `left`, or all of `right`, costs nothing. */
export function product(left: Matrix, right: Matrix): Matrix {
  const [rows, inner, columns] = [left.rows, right.rows, right.columns];
  const from = flatten(right);
  const out = Matrix.zeros(rows, columns);
  if (from.every((value) => value === 0)) return out;
  const [own, sum] = [new Float64Array(from.length / columns), new Float64Array(columns)];
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) own[k] = left.get(i, k);
    sum.fill(0);
    for (let k = 0; k < inner; k += 4) addScaled(sum, own, from, k);
    for (let j = 0; j < columns; j++) out.set(i, j, sum[j]);
  }
  return out;
}

/** Row-major, with rows of zeros up to a multiple of four. */
function flatten(matrix: Matrix): Float64Array {
  const out = new Float64Array(Math.ceil(matrix.rows / 4) * 4 * matrix.columns);
  for (let i = 0, at = 0; i < matrix.rows; i++)
    for (let j = 0; j < matrix.columns; j++, at++) out[at] = matrix.get(i, j);
  return out;
}

/** Adds own[k…k+3]·rows k…k+3. */
function addScaled(sum: Float64Array, own: Float64Array, rows: Float64Array, k: number): void {
  const [a, b, c, d] = [own[k], own[k + 1], own[k + 2], own[k + 3]];
  if (a === 0 && b === 0 && c === 0 && d === 0) return;
  const size = sum.length;
  for (let j = 0, at = k * size; j < size; j++, at++)
    sum[j] += a * rows[at] + b * rows[at + size] + c * rows[at + 2 * size] + d * rows[at + 3 * size];
}

/** U⁻¹L⁻¹·right, four rows at a time. */
function substitute(lower: Matrix, upper: Matrix, right: Matrix): Matrix {
  const [size, columns] = [right.rows, right.columns];
  const solved = flatten(right);
  const own = new Float64Array(solved.length / columns);
  const eliminate = (factor: Matrix, i: number, first: number, last: number) => {
    own.fill(0);
    for (let k = first; k < last; k++) own[k] = -factor.get(i, k);
    const sum = solved.subarray(i * columns, (i + 1) * columns);
    for (let k = first - (first % 4); k < last; k += 4) addScaled(sum, own, solved, k);
    return sum;
  };
  for (let i = 0; i < size; i++) eliminate(lower, i, 0, i);
  for (let i = size - 1; i >= 0; i--) {
    const sum = eliminate(upper, i, i + 1, size);
    for (let j = 0; j < columns; j++) sum[j] /= upper.get(i, i);
  }
  const out = Matrix.zeros(size, columns);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j < columns; j++, at++) out.set(i, j, solved[at]);
  return out;
}

/** right ↦ left⁻¹·right for a square `left`; null when it is singular or not finite. */
export function divisionBy(left: Matrix): ((right: Matrix) => Matrix) | null {
  if (!allFinite(left)) return null;
  if (isDiagonal(left)) {
    const divisors = left.diagonal();
    if (divisors.includes(0)) return null;
    return (right) => times(right, 1).divColumnVector(divisors);
  }
  const factors = new LuDecomposition(left);
  if (factors.isSingular()) return null;
  const {
    lowerTriangularMatrix: lower,
    upperTriangularMatrix: upper,
    pivotPermutationVector: order,
  } = factors;
  return (right) => substitute(lower, upper, right.subMatrixRow(order));
}

/**
 * left⁻¹·right for a square `left`.
 *
 * @throws Error when `left` is singular
 */
export function quotient(left: Matrix, right: Matrix): Matrix {
  return requireRegular(divisionBy(left))(right);
}

/** What divides by a matrix. @throws Error where it was singular */
export function requireRegular<Divide>(divide: Divide | null): Divide {
  if (!divide) throw new Error("matrix: must be regular, got a singular one");
  return divide;
}

/** left⁻¹·right, or null when left is singular to working precision. */
export function trySolve(left: Matrix, right: Matrix): Matrix | null {
  const solution = divisionBy(left)?.(right);
  return solution && allFinite(solution) ? solution : null;
}

export function allFinite(matrix: Matrix): boolean {
  for (let i = 0; i < matrix.rows; i++)
    for (let j = 0; j < matrix.columns; j++) if (!Number.isFinite(matrix.get(i, j))) return false;
  return true;
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
  return norm(minus(matrix, expected)) <= 1e-12 * Math.abs(scale) * matrix.rows ? scale : null;
}

/** Whether every entry off the diagonal is exactly zero. */
export function isDiagonal(matrix: Matrix): boolean {
  for (let i = 0; i < matrix.rows; i++)
    for (let j = 0; j < matrix.columns; j++) if (i !== j && matrix.get(i, j) !== 0) return false;
  return true;
}
