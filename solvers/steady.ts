import { Matrix } from "ml-matrix";
import { times, trySolve } from "./dense.js";

/** Where the optimum comes to rest. */
export interface Steady {
  /** θ∞, shape [d, 1]. */
  readonly rest: Matrix;
  /** p, the slope of the cost-to-go of where it goes from there, shape [d, 1]. */
  readonly slope: Matrix;
}

/** 0 = Aθ + b − Γp, 0 = Q(θ − μ) + A*p. */
export interface SteadyEquations {
  /** A: the drift, or what a step adds. */
  readonly drift: Matrix;
  /** b. */
  readonly offset: Matrix;
  /** Γ. */
  readonly push: Matrix;
  /** Q. */
  readonly cost: Matrix;
  /** Qμ. */
  readonly attraction: Matrix;
  /** A*, which takes the slope back in time, discounted. */
  readonly adjoint: Matrix;
}

/**
 * The resting point by Pontryagin's conditions, which do not hold the value matrix: where that is so large that its
 * products cancel, nothing else that follows from it tells where the optimum rests. Null without a single one.
 */
export function steadyState(equations: SteadyEquations): Steady | null {
  const { drift, offset, push, cost, attraction, adjoint } = equations;
  const size = drift.rows;
  const conditions = Matrix.zeros(2 * size, 2 * size)
    .setSubMatrix(drift, 0, 0)
    .setSubMatrix(times(push, -1), 0, size)
    .setSubMatrix(cost, size, 0)
    .setSubMatrix(adjoint, size, size);
  const right = Matrix.zeros(2 * size, 1)
    .setSubMatrix(times(offset, -1), 0, 0)
    .setSubMatrix(attraction, size, 0);
  const both = trySolve(conditions, right);
  return both && { rest: both.subMatrix(0, size - 1, 0, 0), slope: both.subMatrix(size, 2 * size - 1, 0, 0) };
}
