import { Matrix } from "ml-matrix";
import { type Arithmetic, ratio, symmetric } from "./arithmetic.js";
import { norm } from "./dense.js";

/** The coefficients of X = Q + Aᵀ X (I + Γ X)⁻¹ A, each of shape [d, d]; Γ and Q symmetric and ≥ 0. */
export interface DoublingCoefficients<M> {
  readonly transition: M;
  readonly push: M;
  readonly cost: M;
}

/** The coefficients of X = Q + Aᵀ X A. */
export type LinearCoefficients<M> = Omit<DoublingCoefficients<M>, "push">;

export interface DoublingOptions {
  /** Relative change of X between iterations at which to stop. Default 1e-15. */
  readonly tolerance?: number;
  /** Each iteration doubles the horizon: 60 cover 10¹⁸ steps. Default 60. */
  readonly maxIterations?: number;
}

/** By so much can rounding shrink an iterate of which something is left. */
const SHRUNK = 1e-3;

export interface DoublingResult<M> {
  readonly solution: M;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * The stabilising solution of a symmetric Riccati equation by structure-preserving doubling
 * (Chu, Fan, Lin, Wang, "Structure-preserving algorithms for periodic discrete-time algebraic Riccati
 * equations", Int. J. Control 77, 2004). Iterate j is the optimum over a horizon of 2ʲ steps; it costs no less than the one
 * before, so that one that is smaller has lost its digits.
 */
export function doubleToFixedPoint<M>(
  arithmetic: Arithmetic<M>,
  { transition, push, cost }: DoublingCoefficients<M>,
  { tolerance = 1e-15, maxIterations = 60 }: DoublingOptions = {},
): DoublingResult<M> {
  const { of, rounded, plus, product, transpose, divisionBy } = arithmetic;
  const eye = of(Matrix.eye(rounded(cost).rows));
  let [a, g, x] = [transition, push, cost];
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const divide = divisionBy(plus(eye, product(g, x)));
    if (!divide) return { solution: x, iterations, converged: false };
    const [solved, pushed] = [divide(a), divide(g)];
    const growth = symmetric(arithmetic, product(product(transpose(a), x), solved));
    const next = plus(x, growth);
    const size = norm(rounded(next));
    const lost = !Number.isFinite(size) || size < (1 - SHRUNK) * norm(rounded(x));
    if (lost) return { solution: x, iterations, converged: false };
    if (norm(rounded(growth)) <= tolerance * size) return { solution: next, iterations, converged: true };
    const reach = symmetric(arithmetic, product(product(a, pushed), transpose(a)));
    [a, g, x] = [product(a, solved), plus(g, reach), next];
  }
  return { solution: x, iterations: maxIterations, converged: false };
}

/** The same without a push: doubles the terms of X = Σ (Aᵀ)ᵏ Q Aᵏ (Smith, SIAM J. Appl. Math. 16, 1968). */
export function sumToFixedPoint<M>(
  arithmetic: Arithmetic<M>,
  { transition, cost }: LinearCoefficients<M>,
  { tolerance = 1e-15, maxIterations = 60 }: DoublingOptions = {},
): DoublingResult<M> {
  const { rounded, plus, product, transpose } = arithmetic;
  let [a, x] = [transition, cost];
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const growth = symmetric(arithmetic, product(transpose(a), product(x, a)));
    const next = plus(x, growth);
    const size = norm(rounded(next));
    if (!Number.isFinite(size)) return { solution: x, iterations, converged: false };
    if (norm(rounded(growth)) <= tolerance * size) return { solution: next, iterations, converged: true };
    [a, x] = [product(a, a), next];
  }
  return { solution: x, iterations: maxIterations, converged: false };
}

/**
 * Turns AᵀX + XA + Q − XΓX = 0 into the discrete form with the same solution, by the Cayley transform
 * with shift r > 0 (Chu, Fan, Lin, "A structure-preserving doubling algorithm for continuous-time algebraic
 * Riccati equations", Linear Algebra Appl. 396, 2005). Any r that keeps A − rI regular is exact; one near the
 * rates of the closed loop converges fastest.
 */
export function cayley<M>(
  arithmetic: Arithmetic<M>,
  { transition, push, cost }: DoublingCoefficients<M>,
  shift: number,
): DoublingCoefficients<M> {
  const { of, rounded, plus, minus, times, product, transpose } = arithmetic;
  const eye = of(Matrix.eye(rounded(transition).rows));
  const shifted = minus(transition, times(eye, shift));
  const back = ratio(arithmetic, shifted, eye);
  const weight = ratio(arithmetic, plus(transpose(shifted), product(product(cost, back), push)), eye);
  const scaled = times(weight, 2 * shift);
  return {
    transition: plus(eye, transpose(scaled)),
    push: symmetric(arithmetic, product(product(back, push), scaled)),
    cost: symmetric(arithmetic, product(product(scaled, cost), back)),
  };
}

/** The same without a push. */
export function linearCayley<M>(
  arithmetic: Arithmetic<M>,
  { transition, cost }: LinearCoefficients<M>,
  shift: number,
): LinearCoefficients<M> {
  const { of, rounded, plus, minus, times, product, transpose } = arithmetic;
  const eye = of(Matrix.eye(rounded(transition).rows));
  const back = ratio(arithmetic, minus(transition, times(eye, shift)), eye);
  return {
    transition: plus(eye, times(back, 2 * shift)),
    cost: symmetric(arithmetic, times(product(transpose(back), product(cost, back)), 2 * shift)),
  };
}

/** By far above any rate of A, which may be its norm, also where the push is weak. */
export function shiftFor({ transition, push, cost }: DoublingCoefficients<Matrix>): number {
  return 1.25 * norm(transition) + Math.sqrt(norm(push) * norm(cost));
}
