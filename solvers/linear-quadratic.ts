import { Matrix } from "ml-matrix";
import { diagonal } from "../envs/problem/linear-algebra.js";
import { dimensionOf, isDense, isLogUniform, type NavigationProblem } from "../envs/problem/problem.js";
import { toRows } from "./dense.js";
import { type DiscreteOperators, discreteOperators } from "./discrete-operators.js";
import type { DoublingOptions } from "./doubling.js";
import { requireVelocity } from "./modelled.js";
import { discreteSolution, type LinearQuadratic, type RiccatiSolution, solveContinuous } from "./riccati.js";

/** The optimum of one problem in both kinds of time. The environment is the discrete one. */
export interface LinearQuadraticSolution {
  readonly continuous: RiccatiSolution;
  readonly discrete: RiccatiSolution;
}

/**
 * The matrices of a problem with a known quadratic landscape. Where the minimum is hidden or changes, the
 * prior mean stands for it.
 *
 * @throws Error when the landscape is not quadratic, its curvature is hidden, or the action is not a velocity
 */
export function linearQuadraticOf(problem: NavigationProblem): LinearQuadratic {
  const { landscape, objective, geometry, task } = problem;
  requireVelocity(problem);
  if (landscape.kind !== "quadratic") {
    throw new Error(
      `landscape.kind: must be "quadratic" for a linear-quadratic solution, got "${landscape.kind}"`,
    );
  }
  if (isLogUniform(landscape.curvature)) {
    throw new Error(
      "landscape.curvature: must be known for a linear-quadratic solution, got logUniform; use qmdpPolicy",
    );
  }
  const size = dimensionOf(problem);
  const control = geometry.control ?? toRows(Matrix.eye(size));
  return {
    drift: geometry.drift?.matrix ?? toRows(Matrix.zeros(size, size)),
    offset: geometry.drift?.offset ?? new Array<number>(size).fill(0),
    control,
    metric: geometry.metric ?? toRows(Matrix.eye(control[0].length)),
    curvature: isDense(landscape.curvature) ? landscape.curvature : diagonal(landscape.curvature),
    minimum: task.mean ?? landscape.minimum,
    mobility: objective.mobility,
    lossWeight: objective.lossWeight,
    discountRate: objective.discountRate,
    timeStep: objective.timeStep,
  };
}

const known = new WeakMap<NavigationProblem, DiscreteOperators>();

/**
 * The discrete operators of a problem, which is immutable: solved once, however many laws and values are made of
 * them.
 *
 * @throws Error when the landscape is not a known quadratic, or the problem is not stabilisable
 */
export function operatorsOf(problem: NavigationProblem): DiscreteOperators {
  const operators = known.get(problem) ?? discreteOperators(linearQuadraticOf(problem));
  known.set(problem, operators);
  return operators;
}

/**
 * The optimum of a problem with a known quadratic landscape and an affine drift, in continuous and in
 * discrete time. Exact feedback: u = −gain·θ + feedforward.
 *
 * @throws Error when the landscape is not a known quadratic, or the problem is not stabilisable
 */
export function solveLinearQuadratic(
  problem: NavigationProblem,
  options?: DoublingOptions,
): LinearQuadraticSolution {
  const matrices = linearQuadraticOf(problem);
  const operators = options ? discreteOperators(matrices, options) : operatorsOf(problem);
  return { continuous: solveContinuous(matrices, options), discrete: discreteSolution(matrices, operators) };
}
