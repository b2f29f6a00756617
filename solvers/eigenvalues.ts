import { EigenvalueDecomposition, type Matrix } from "ml-matrix";
import { allFinite, isDiagonal, norm } from "./dense.js";

/** One eigenvalue λ = real + i·imaginary. */
export interface Eigenvalue {
  readonly real: number;
  readonly imaginary: number;
}

type Rows = readonly Float64Array[];

/** Steps after which a block that does not fall apart is given up: it takes two or three. */
const PATIENCE = 60;

/**
 * The eigenvalues of any square matrix, without the eigenvectors: Francis' implicit double shifts on the Hessenberg
 * form (Golub, Van Loan, "Matrix Computations", 4th ed., algorithms 7.4.2 and 7.5.1). NaN where the matrix is not finite.
 */
export function eigenvaluesOf(matrix: Matrix): Eigenvalue[] {
  if (!allFinite(matrix)) return matrix.diagonal().map(() => ({ real: Number.NaN, imaginary: Number.NaN }));
  if (isDiagonal(matrix))
    return matrix
      .diagonal()
      .sort((a, b) => a - b)
      .map(real);
  if (matrix.isSymmetric()) return new EigenvalueDecomposition(matrix).realEigenvalues.map(real);
  const rows = matrix.to2DArray().map((row) => Float64Array.from(row));
  const small = Number.EPSILON * norm(matrix);
  toHessenberg(rows);
  const out: Eigenvalue[] = [];
  for (let last = rows.length - 1, step = 0; last >= 0; ) {
    const first = startOfBlock(rows, last, small);
    if (first < last - 1 && step < PATIENCE) {
      shiftTwice(rows, first, last, ++step % 10 === 0);
    } else {
      out.unshift(...(first === last ? [real(rows[last][last])] : pairOf(rows, last)));
      last -= first === last ? 1 : 2;
      step = 0;
    }
  }
  return out;
}

function real(value: number): Eigenvalue {
  return { real: value, imaginary: 0 };
}

function toHessenberg(rows: Rows): void {
  for (let k = 0; k < rows.length - 2; k++) {
    const column = rows.slice(k + 1).map((row) => row[k]);
    reflect(rows, column, k + 1, { from: k, to: rows.length - 1 }, { from: 0, to: rows.length - 1 });
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Turns the part of `x` in rows and columns from `at` on to its first entry, by a reflection from both sides. */
function reflect(rows: Rows, x: readonly number[], at: number, columns: Range, above: Range): void {
  const length = Math.hypot(...x);
  if (length === 0) return;
  const v = Float64Array.from(x, (value) => value / length);
  v[0] += v[0] < 0 ? -1 : 1;
  const weight = 1 / Math.abs(v[0]);
  const sums = new Float64Array(columns.to + 1);
  for (let i = 0; i < v.length; i++) addRow(sums, v[i], rows[at + i], columns);
  for (let i = 0; i < v.length; i++) addRow(rows[at + i], -weight * v[i], sums, columns);
  for (let i = above.from; i <= above.to; i++) {
    const row = rows[i];
    let sum = 0;
    for (let j = 0; j < v.length; j++) sum += row[at + j] * v[j];
    for (let j = 0; j < v.length; j++) row[at + j] -= weight * sum * v[j];
  }
}

function addRow(into: Float64Array, factor: number, row: Float64Array, { from, to }: Range): void {
  for (let j = from; j <= to; j++) into[j] += factor * row[j];
}

/**
 * The first row of the block that ends with `last`: what joins it to the one above is lost in rounding, and cut off for
 * good, since what is beside the blocks is no longer turned with them.
 */
function startOfBlock(rows: Rows, last: number, small: number): number {
  for (let i = last; i > 0; i--) {
    const around = Math.abs(rows[i - 1][i - 1]) + Math.abs(rows[i][i]) || small;
    if (Math.abs(rows[i][i - 1]) > Number.EPSILON * around) continue;
    rows[i][i - 1] = 0;
    return i;
  }
  return 0;
}

/** Both eigenvalues of the block of the last two rows. */
function pairOf(rows: Rows, last: number): Eigenvalue[] {
  const [a, b] = [rows[last - 1][last - 1], rows[last - 1][last]];
  const [c, d] = [rows[last][last - 1], rows[last][last]];
  const [half, middle] = [(a - d) / 2, (a + d) / 2];
  const square = half * half + b * c;
  const root = Math.sqrt(Math.abs(square));
  if (square < 0) return [root, -root].map((imaginary) => ({ real: middle, imaginary }));
  const far = half < 0 ? half - root : half + root;
  return [d + far, far === 0 ? d : d - (b * c) / far].map(real);
}

/**
 * One step with the eigenvalues of the last two rows for shifts, or with others where it goes round in circles. All is told
 * by differences from the first diagonal entry, since near a multiple of the identity nothing else would be left.
 */
function shiftTwice(rows: Rows, first: number, last: number, isStuck: boolean): void {
  const [top, next] = [rows[first], rows[first + 1]];
  const kick = Math.abs(rows[last][last - 1]) + Math.abs(rows[last - 1][last - 2]);
  const d = rows[last][last] - top[first] + (isStuck ? 0.75 * kick : 0);
  const a = isStuck ? d : rows[last - 1][last - 1] - top[first];
  const across = isStuck ? -0.4375 * kick * kick : rows[last - 1][last] * rows[last][last - 1];
  let x = [
    a * d - across + top[first + 1] * next[first],
    next[first] * (next[first + 1] - top[first] - a - d),
    next[first] * rows[first + 2][first + 1],
  ];
  for (let k = first; k < last; k++) {
    const columns = { from: Math.max(first, k - 1), to: last };
    reflect(rows, x, k, columns, { from: first, to: Math.min(k + 3, last) });
    x = [1, 2, 3].filter((i) => k + i <= last).map((i) => rows[k + i][k]);
  }
}
