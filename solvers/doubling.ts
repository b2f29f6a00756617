import { inverse, Matrix, solve } from "ml-matrix";
import { allFinite, symmetrise } from "./dense.js";

/** The coefficients of X = Q + Aᵀ X (I + Γ X)⁻¹ A, each of shape [d, d]; Γ and Q symmetric and ≥ 0. */
export interface DoublingCoefficients {
  readonly transition: Matrix;
  readonly push: Matrix;
  readonly cost: Matrix;
}

export interface DoublingOptions {
  /** Relative change of X between iterations at which to stop. Default 1e-15. */
  readonly tolerance?: number;
  /** Each iteration doubles the horizon: 60 cover 10¹⁸ steps. Default 60. */
  readonly maxIterations?: number;
}

export interface DoublingResult {
  readonly solution: Matrix;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * The stabilising solution of a symmetric Riccati equation by structure-preserving doubling
 * (Chu, Fan, Lin, Wang, "Structure-preserving algorithms for periodic discrete-time algebraic Riccati
 * equations", Int. J. Control 77, 2004). Iterate j is the optimum over a horizon of 2ʲ steps.
 */
export function doubleToFixedPoint(
  { transition, push, cost }: DoublingCoefficients,
  { tolerance = 1e-15, maxIterations = 60 }: DoublingOptions = {},
): DoublingResult {
  const eye = Matrix.eye(cost.rows);
  let [a, g, x] = [transition, push, cost];
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const middle = Matrix.add(eye, g.mmul(x));
    const solved = solve(middle, a);
    const growth = symmetrise(a.transpose().mmul(x).mmul(solved));
    const reach = symmetrise(a.mmul(solve(middle, g)).mmul(a.transpose()));
    const next = Matrix.add(x, growth);
    if (!allFinite(next)) return { solution: x, iterations, converged: false };
    [a, g, x] = [a.mmul(solved), Matrix.add(g, reach), next];
    if (growth.norm() <= tolerance * x.norm()) return { solution: x, iterations, converged: true };
  }
  return { solution: x, iterations: maxIterations, converged: false };
}

/**
 * Turns AᵀX + XA + Q − XΓX = 0 into the discrete form with the same solution, by the Cayley transform
 * with shift r > 0 (Chu, Fan, Lin, "A structure-preserving doubling algorithm for continuous-time algebraic
 * Riccati equations", Linear Algebra Appl. 396, 2005). Any r that keeps A − rI regular is exact; one near the
 * rates of the closed loop converges fastest.
 */
export function cayley({ transition, push, cost }: DoublingCoefficients): DoublingCoefficients {
  const size = transition.rows;
  const shift = transition.norm() + Math.sqrt(push.norm() * cost.norm());
  const shifted = Matrix.sub(transition, Matrix.eye(size, size, shift));
  const shiftedInverse = inverse(shifted);
  const weight = inverse(Matrix.add(shifted.transpose(), cost.mmul(shiftedInverse).mmul(push)));
  const back = inverse(Matrix.add(shifted, push.mmul(shiftedInverse.transpose()).mmul(cost)));
  return {
    transition: Matrix.add(Matrix.eye(size), Matrix.mul(back, 2 * shift)),
    push: symmetrise(
      shiftedInverse
        .mmul(push)
        .mmul(weight)
        .mul(2 * shift),
    ),
    cost: symmetrise(
      weight
        .mmul(cost)
        .mmul(shiftedInverse)
        .mul(2 * shift),
    ),
  };
}
