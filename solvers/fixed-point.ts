import { Matrix } from "ml-matrix";
import type { Arithmetic } from "./arithmetic.js";

/** Rows of integers, which stand for multiples of 2^−bits. */
export type FixedMatrix = readonly (readonly bigint[])[];

/** Matrices with so many binary digits after the point, at most 1000: thousands of times slower than float64. */
export function fixedPoint(bits: number): Arithmetic<FixedMatrix> {
  const shift = BigInt(bits);
  const unit = 1n << shift;
  const fixed = (value: number): bigint => {
    const whole = Math.trunc(value);
    return (BigInt(whole) << shift) + BigInt(Math.round((value - whole) * 2 ** bits));
  };
  const float = (value: bigint): number => {
    const size = value < 0n ? -value : value;
    return Math.sign(Number(value)) * (Number(size >> shift) + Number(size % unit) / 2 ** bits);
  };
  return {
    of: (matrix) => matrix.to2DArray().map((row) => row.map(fixed)),
    rounded: (matrix) => new Matrix(matrix.map((row) => row.map(float))),
    plus: (left, right) => left.map((row, i) => row.map((value, j) => value + right[i][j])),
    minus: (left, right) => left.map((row, i) => row.map((value, j) => value - right[i][j])),
    times: (matrix, factor) => {
      const scale = fixed(factor);
      return matrix.map((row) => row.map((value) => (value * scale) >> shift));
    },
    product: (left, right) => {
      const columns = transpose(right);
      return left.map((row) => columns.map((column) => dot(row, column) >> shift));
    },
    transpose,
    divisionBy: (left) => {
      const factors = factorise(left, shift);
      return (
        factors &&
        ((right) => transpose(transpose(right).map((column) => substitute(factors, column, shift))))
      );
    },
  };
}

function transpose(matrix: FixedMatrix): FixedMatrix {
  return matrix[0].map((_, j) => matrix.map((row) => row[j]));
}

/** Of the first `count` entries. */
function dot(one: readonly bigint[], other: readonly bigint[], count = one.length): bigint {
  let sum = 0n;
  for (let k = 0; k < count; k++) sum += one[k] * other[k];
  return sum;
}

interface Factors {
  /** L below the diagonal, whose own is 1, and U on and above it. */
  readonly both: FixedMatrix;
  readonly order: readonly number[];
}

/** Crout's elimination with row pivots: column by column, each a sum of products that is cut once. */
function factorise(matrix: FixedMatrix, shift: bigint): Factors | null {
  const rows = matrix.map((row, from) => ({ row: [...row], from }));
  for (let j = 0; j < rows.length; j++) {
    const column: bigint[] = [];
    for (const [i, { row }] of rows.entries()) {
      row[j] -= dot(row, column, Math.min(i, j)) >> shift;
      column.push(row[j]);
    }
    const pivot = largestFrom(column, j);
    if (column[pivot] === 0n) return null;
    [rows[j], rows[pivot]] = [rows[pivot], rows[j]];
    for (const { row } of rows.slice(j + 1)) row[j] = (row[j] << shift) / rows[j].row[j];
  }
  return { both: rows.map(({ row }) => row), order: rows.map(({ from }) => from) };
}

function largestFrom(column: readonly bigint[], first: number): number {
  const sizes = column.map((value) => (value < 0n ? -value : value));
  let best = first;
  for (let i = first + 1; i < sizes.length; i++) if (sizes[i] > sizes[best]) best = i;
  return best;
}

function substitute({ both, order }: Factors, column: readonly bigint[], shift: bigint): bigint[] {
  const out = order.map((from) => column[from]);
  for (let i = 1; i < out.length; i++) out[i] -= dot(both[i], out, i) >> shift;
  for (let i = out.length - 1; i >= 0; i--) {
    let rest = out[i] << shift;
    for (let k = i + 1; k < out.length; k++) rest -= both[i][k] * out[k];
    out[i] = rest / both[i][i];
  }
  return out;
}
