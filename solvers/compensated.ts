import { Matrix } from "ml-matrix";

/** 2²⁷ + 1: cuts a float64 in two halves whose products are exact. */
const CUT = 134217729;

/**
 * left·right as if computed in twice the precision and then rounded (algorithm Dot2 of Ogita, Rump, Oishi,
 * "Accurate sum and dot product", SIAM J. Sci. Comput. 26, 2005), for products whose terms cancel.
 */
export function compensatedProduct(left: Matrix, right: Matrix): Matrix {
  const [inner, columns] = [right.rows, right.columns];
  const out = Matrix.zeros(left.rows, columns);
  const [own, other] = [new Float64Array(inner), new Float64Array(inner)];
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k < inner; k++) other[k] = right.get(k, j);
    for (let i = 0; i < left.rows; i++) {
      for (let k = 0; k < inner; k++) own[k] = left.get(i, k);
      out.set(i, j, compensatedDot(own, other));
    }
  }
  return out;
}

function compensatedDot(x: Float64Array, y: Float64Array): number {
  let [sum, rest] = [0, 0];
  for (let k = 0; k < x.length; k++) {
    const [a, b] = [x[k], y[k]];
    const term = a * b;
    const [aCut, bCut] = [CUT * a, CUT * b];
    const [aHigh, bHigh] = [aCut - (aCut - a), bCut - (bCut - b)];
    const [aLow, bLow] = [a - aHigh, b - bHigh];
    const lost = aLow * bLow - (term - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    const next = sum + term;
    const kept = next - sum;
    rest += sum - (next - kept) + (term - kept) + lost;
    sum = next;
  }
  return sum + rest;
}
