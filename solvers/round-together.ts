import { Matrix } from "ml-matrix";
import type { PairMatrix } from "./compensated.js";

/** What a change by 1 of Xᵢⱼ and Xⱼᵢ changes in an equation: the sum of uvᵀ + vuᵀ over these [u, v]; half of it when i = j. */
export type Influence = (i: number, j: number) => readonly (readonly [Float64Array, Float64Array])[];

/**
 * A symmetric matrix in float64, each entry one of its two neighbours there, chosen so that the changes of the
 * equation cancel: greedily, those entries first that weigh most. Rounding each to the nearest leaves up to 10⁵
 * times as much where a few combinations of the entries count for more than all others.
 */
export function roundTogether({ rows, high, low }: PairMatrix, influence: Influence): Matrix {
  const out = Matrix.from1DArray(rows, rows, Array.from(high));
  const total = new Float64Array(rows * rows);
  const effect = new Float64Array(rows * rows);
  for (const [i, j] of byWeight(rows, high, influence)) {
    spread(effect, rows, influence(i, j), i === j ? 0.5 : 1);
    const near = -low[i * rows + j];
    const far = near > 0 ? near - gapAt(high[i * rows + j]) : near + gapAt(high[i * rows + j]);
    const [along, length] = [inner(total, effect), inner(effect, effect)];
    const costOf = (change: number) => change * (2 * along + change * length);
    const change = costOf(far) < costOf(near) ? far : near;
    for (let k = 0; k < total.length; k++) total[k] += change * effect[k];
    const value = high[i * rows + j] + (change - near);
    out.set(i, j, value);
    out.set(j, i, value);
  }
  return out;
}

function byWeight(rows: number, high: Float64Array, influence: Influence): [number, number][] {
  const cells: { readonly cell: [number, number]; readonly weight: number }[] = [];
  for (let i = 0; i < rows; i++)
    for (let j = i; j < rows; j++) {
      const lengths = influence(i, j).map(([u, v]) => inner(u, u) * inner(v, v));
      cells.push({ cell: [i, j], weight: gapAt(high[i * rows + j]) * Math.sqrt(Math.max(...lengths)) });
    }
  return cells.sort((one, other) => other.weight - one.weight).map(({ cell }) => cell);
}

function spread(into: Float64Array, rows: number, pairs: ReturnType<Influence>, weight: number): void {
  into.fill(0);
  for (const [u, v] of pairs)
    for (let k = 0, at = 0; k < rows; k++) {
      const [left, right] = [weight * u[k], weight * v[k]];
      for (let l = 0; l < rows; l++, at++) into[at] += left * v[l] + right * u[l];
    }
}

function inner(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += one[k] * other[k];
  return sum;
}

/** Between a float64 and the next. */
function gapAt(value: number): number {
  return value === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);
}
