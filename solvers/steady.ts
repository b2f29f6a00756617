import { Matrix } from "ml-matrix";
import { times, trySolve } from "./dense.js";

/** Where the optimum comes to rest. */
export interface Steady {
  /** θ∞, shape [d, 1]. */
  readonly rest: Matrix;
  /** u∞, what it does there, shape [m, 1]. */
  readonly action: Matrix;
  /** p, the slope of the cost-to-go of where it goes from there, shape [d, 1]. */
  readonly slope: Matrix;
}

/** 0 = Aθ + b + Bu, 0 = Ru + Bᵀp, 0 = Q(θ − μ) + A*p. */
export interface SteadyEquations {
  /** A: the drift, or what a step adds. */
  readonly drift: Matrix;
  /** b. */
  readonly offset: Matrix;
  /** B. */
  readonly control: Matrix;
  /** R. */
  readonly effort: Matrix;
  /** Q. */
  readonly cost: Matrix;
  /** Qμ. */
  readonly attraction: Matrix;
  /** A*, which takes the slope back in time, discounted. */
  readonly adjoint: Matrix;
}

/**
 * The resting point by Pontryagin's conditions, which do not hold the value matrix: where that is so large that its
 * products cancel, nothing else that follows from it tells where the optimum rests. The action stays among the unknowns:
 * where it is cheap, BR⁻¹Bᵀ would drown the drift. Null without a single one.
 */
export function steadyState(equations: SteadyEquations): Steady | null {
  const { drift, offset, control, effort, cost, attraction, adjoint } = equations;
  const [size, actions] = [control.rows, control.columns];
  const below = size + actions;
  const conditions = Matrix.zeros(below + size, below + size)
    .setSubMatrix(drift, 0, 0)
    .setSubMatrix(control, 0, size)
    .setSubMatrix(effort, size, size)
    .setSubMatrix(control.transpose(), size, below)
    .setSubMatrix(cost, below, 0)
    .setSubMatrix(adjoint, below, below);
  const right = Matrix.zeros(below + size, 1)
    .setSubMatrix(times(offset, -1), 0, 0)
    .setSubMatrix(attraction, below, 0);
  const all = trySolve(conditions, right);
  if (!all) return null;
  const part = (from: number, to: number) => all.subMatrix(from, to - 1, 0, 0);
  return { rest: part(0, size), action: part(size, below), slope: part(below, below + size) };
}
