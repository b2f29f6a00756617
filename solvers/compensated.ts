import { Matrix } from "ml-matrix";
import type { Arithmetic } from "./arithmetic.js";
import { allFinite } from "./dense.js";

/** A matrix of unevaluated sums high + low, row-major: about 32 digits. */
export interface PairMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/**
 * Matrices in twice the precision of float64 (Dekker, "A floating-point technique for extending the available
 * precision", Numer. Math. 18, 1971), about thirty times slower.
 */
export const twice: Arithmetic<PairMatrix> = {
  of: (matrix) => {
    const out = zeros(matrix.rows, matrix.columns);
    out.high.set(matrix.to1DArray());
    return out;
  },
  rounded: ({ rows, columns, high }) => Matrix.from1DArray(rows, columns, Array.from(high)),
  plus: (left, right) => combine(left, 1, right),
  minus: (left, right) => combine(left, -1, right),
  times: (matrix, factor) => combine(zeros(matrix.rows, matrix.columns), factor, matrix),
  product: (left, right) => {
    const out = zeros(left.rows, right.columns);
    for (let i = 0; i < left.rows; i++)
      for (let k = 0; k < right.rows; k++) addRow(out, i, at(left, i, k), right, k);
    return out;
  },
  transpose: (matrix) => {
    const out = zeros(matrix.columns, matrix.rows);
    for (let i = 0; i < matrix.rows; i++)
      for (let j = 0; j < matrix.columns; j++) put(out, j, i, at(matrix, i, j));
    return out;
  },
  divisionBy: (left) => {
    const factors = factorise(left);
    return factors && ((right) => substitute(factors, right));
  },
};

type Pair = readonly [high: number, low: number];

/** 2²⁷ + 1: cuts a float64 in two halves. */
const CUT = 134217729;

function zeros(rows: number, columns: number): PairMatrix {
  return { rows, columns, high: new Float64Array(rows * columns), low: new Float64Array(rows * columns) };
}

function at({ columns, high, low }: PairMatrix, i: number, j: number): Pair {
  return [high[i * columns + j], low[i * columns + j]];
}

function put({ columns, high, low }: PairMatrix, i: number, j: number, [large, small]: Pair): void {
  high[i * columns + j] = large;
  low[i * columns + j] = small;
}

function combine(left: PairMatrix, factor: number, right: PairMatrix): PairMatrix {
  const out = { ...left, high: left.high.slice(), low: left.low.slice() };
  addScaled(out, 0, [factor, 0], right, 0, out.high.length);
  return out;
}

/** Adds factor·(row k of `from`), from column `first` on, to row i. */
function addRow(
  into: PairMatrix,
  i: number,
  factor: Pair,
  from: PairMatrix,
  k: number,
  first = 0,
  columns = into.columns,
): void {
  addScaled(into, i * columns + first, factor, from, k * columns + first, columns - first);
}

/** Adds `count` entries times a factor: the one loop in which all the rounding errors are caught. */
function addScaled(
  into: PairMatrix,
  target: number,
  [a, aRest]: Pair,
  from: PairMatrix,
  source: number,
  count: number,
): void {
  if (a === 0) return;
  const { high, low } = into;
  const [fromHigh, fromLow] = [from.high, from.low];
  const aHigh = upperHalf(a);
  const aLow = a - aHigh;
  for (let end = target + count; target < end; target++, source++) {
    const b = fromHigh[source];
    const bHigh = upperHalf(b);
    const bLow = b - bHigh;
    const term = a * b;
    const lost = aLow * bLow - (term - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    const before = high[target];
    const sum = before + term;
    const kept = sum - before;
    const missed = before - (sum - kept) + (term - kept);
    const rest = low[target] + missed + lost + (a * fromLow[source] + aRest * b);
    const total = sum + rest;
    high[target] = total;
    low[target] = rest - (total - sum);
  }
}

/** Of the digits of x; the product of two halves is exact. */
function upperHalf(x: number): number {
  const cut = CUT * x;
  return cut - (cut - x);
}

/** a·b − term, exactly, where `term` is a·b rounded. */
function lostIn(a: number, b: number, term: number): number {
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aLow * bLow - (term - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function multiply([a, aRest]: Pair, [b, bRest]: Pair): Pair {
  const term = a * b;
  const rest = lostIn(a, b, term) + (a * bRest + aRest * b);
  const sum = term + rest;
  return [sum, rest - (sum - term)];
}

/** 1/x: a division, and Newton's correction of it. */
function reciprocal(x: Pair): Pair {
  const guess = 1 / x[0];
  const [high, low] = multiply([guess, 0], x);
  const correction = guess * (1 - high - low);
  const sum = guess + correction;
  return [sum, correction - (sum - guess)];
}

interface Factors {
  /** L below the diagonal, whose own is 1, and U above; on it 1/U. */
  readonly both: PairMatrix;
  readonly order: readonly number[];
}

/** Gaussian elimination with row pivots. */
function factorise(matrix: PairMatrix): Factors | null {
  if (!allFinite(twice.rounded(matrix))) return null;
  const both = twice.times(matrix, 1);
  const order = Array.from({ length: both.rows }, (_, i) => i);
  for (let k = 0; k < both.rows; k++) {
    const pivot = largestBelow(both, k);
    if (at(both, pivot, k)[0] === 0) return null;
    swapRows(both, order, pivot, k);
    const inverse = reciprocal(at(both, k, k));
    put(both, k, k, inverse);
    for (let i = k + 1; i < both.rows; i++) {
      const [high, low] = multiply(inverse, at(both, i, k));
      addRow(both, i, [-high, -low], both, k, k + 1);
      put(both, i, k, [high, low]);
    }
  }
  return { both, order };
}

function largestBelow(matrix: PairMatrix, k: number): number {
  let best = k;
  for (let i = k + 1; i < matrix.rows; i++)
    if (Math.abs(at(matrix, i, k)[0]) > Math.abs(at(matrix, best, k)[0])) best = i;
  return best;
}

function swapRows(matrix: PairMatrix, order: number[], i: number, k: number): void {
  [order[i], order[k]] = [order[k], order[i]];
  for (let j = 0; j < matrix.columns && i !== k; j++) {
    const kept = at(matrix, i, j);
    put(matrix, i, j, at(matrix, k, j));
    put(matrix, k, j, kept);
  }
}

function substitute({ both, order }: Factors, right: PairMatrix): PairMatrix {
  const out = zeros(right.rows, right.columns);
  const eliminate = (i: number, k: number) => {
    const [high, low] = at(both, i, k);
    addRow(out, i, [-high, -low], out, k);
  };
  for (const [i, from] of order.entries()) {
    addRow(out, i, [1, 0], right, from);
    for (let k = 0; k < i; k++) eliminate(i, k);
  }
  for (let i = out.rows - 1; i >= 0; i--) {
    for (let k = i + 1; k < out.rows; k++) eliminate(i, k);
    for (let j = 0; j < out.columns; j++) put(out, i, j, multiply(at(both, i, i), at(out, i, j)));
  }
  return out;
}
