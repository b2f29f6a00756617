import { simpson } from "./simpson.js";

/** Terms that are added one by one. */
const COUNTED = 20000;
/** Width of two intervals of Simpson's rule, in log t. */
const WIDTH = 0.005;

/**
 * Σ ρᵗf(t) over t = 0, 1, …, for an f ≥ 0 that goes on ever more smoothly, like 1/t: the tail by the Euler-Maclaurin
 * formula, ∫ρᵗf dt + ½ρᴺf(N) − (ρᵗf)′(N)/12. `rate` is −log ρ; Infinity where it is 0 and f is not.
 */
export function discountedSum(f: (t: number) => number, rate: number): number {
  if (rate === 0) return f(0) === 0 ? 0 : Infinity;
  const at = (t: number) => Math.exp(-rate * t) * f(t);
  const least = -1e-16 * Math.expm1(-rate);
  let total = 0;
  for (let t = 0; t < COUNTED; t++) {
    const term = at(t);
    total += term;
    if (term <= least * total) return total;
  }
  const slope = (at(COUNTED + 1) - at(COUNTED - 1)) / 2;
  return total + integral(at, COUNTED, 50 / rate + COUNTED) + at(COUNTED) / 2 - slope / 12;
}

/** ∫f dt, in equal steps of log t. */
function integral(f: (t: number) => number, from: number, to: number): number {
  const [first, last] = [Math.log(from), Math.log(to)];
  const inLog = (x: number) => Math.exp(x) * f(Math.exp(x));
  return simpson(inLog, first, last, 2 * Math.ceil((last - first) / WIDTH));
}
