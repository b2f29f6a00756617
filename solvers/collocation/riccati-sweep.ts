import { factorise, solveFactorised } from "./blocks.js";
import type { Elements } from "./elements.js";

/** Derivatives of what lies beyond the end, in θ. */
export interface TailDerivatives {
  readonly gradient: Float64Array;
  /** Flat, shape [d, d]. */
  readonly hessian: Float64Array;
}

/**
 * The Newton step of a path, shape [nodes, 2d]: changes of θ and θ̇. Eliminating nodes from the end is a Riccati
 * recursion on the cost-to-go in current value, so no weight e^{−γt} underflows. The first θ is fixed. `shift`
 * is added to ℓ_xx. Null when a pivot is not positive definite.
 */
export function riccatiSweep(
  { gradients, hessians, masses }: Elements,
  tail: TailDerivatives,
  discounts: Float64Array,
  d: number,
  shift: number,
): Float64Array | null {
  const elements = discounts.length;
  const [size, wide] = [2 * d, 4 * d];
  const gains = new Float64Array(elements * size * size);
  const moves = new Float64Array(elements * size);
  const value = new Float64Array(size * size);
  const slope = new Float64Array(size);
  const pivot = new Float64Array(size * size);
  slope.set(tail.gradient);
  for (let i = 0; i < d; i++) value.set(tail.hessian.subarray(i * d, (i + 1) * d), i * size);
  const entry = (n: number, row: number, column: number) => {
    const shifted =
      row % d === column % d ? shift * masses[(n * 4 + Math.floor(row / d)) * 4 + Math.floor(column / d)] : 0;
    return hessians[(n * wide + row) * wide + column] + shifted;
  };
  for (let n = elements - 1; n >= 0; n--) {
    const gain = gains.subarray(n * size * size, (n + 1) * size * size);
    const move = moves.subarray(n * size, (n + 1) * size);
    for (let i = 0; i < size; i++) {
      move[i] = gradients[n * wide + size + i] + discounts[n] * slope[i];
      for (let j = 0; j < size; j++) {
        pivot[i * size + j] = entry(n, size + i, size + j) + discounts[n] * value[i * size + j];
        gain[i * size + j] = entry(n, size + i, j);
      }
    }
    if (!factorise(pivot, size)) return null;
    solveFactorised(pivot, size, gain, size);
    solveFactorised(pivot, size, move, 1);
    for (let i = 0; i < size; i++) {
      slope[i] = gradients[n * wide + i];
      for (let k = 0; k < size; k++) slope[i] -= entry(n, size + k, i) * move[k];
      for (let j = 0; j <= i; j++) {
        let sum = entry(n, i, j);
        for (let k = 0; k < size; k++) sum -= entry(n, size + k, i) * gain[k * size + j];
        value[i * size + j] = sum;
        value[j * size + i] = sum;
      }
    }
  }
  return rollOut(gains, moves, value, slope, d);
}

function rollOut(
  gains: Float64Array,
  moves: Float64Array,
  value: Float64Array,
  slope: Float64Array,
  d: number,
): Float64Array | null {
  const size = 2 * d;
  const steps = new Float64Array(moves.length + size);
  const pivot = Float64Array.from(
    { length: d * d },
    (_, at) => value[(d + Math.floor(at / d)) * size + d + (at % d)],
  );
  if (!factorise(pivot, d)) return null;
  const first = slope.slice(d);
  solveFactorised(pivot, d, first, 1);
  for (let i = 0; i < d; i++) steps[d + i] = -first[i];
  for (let at = 0; at < moves.length; at++) {
    const node = Math.floor(at / size) * size;
    let sum = moves[at];
    for (let j = 0; j < size; j++) sum += gains[at * size + j] * steps[node + j];
    steps[size + at] = -sum;
  }
  return steps;
}
