import { cholesky, diagonal, flatten } from "../envs/problem/linear-algebra.js";
import {
  channelsOf,
  hidesCurvature,
  hidesMinimum,
  isLogUniform,
  type NavigationProblem,
  type Matrix as Rows,
  type Vector,
} from "../envs/problem/problem.js";
import { estimationCost } from "./estimation-cost.js";
import { informedValue } from "./informed-value.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { isCued, requireLastingTask } from "./modelled.js";
import { separableObjective } from "./policies/separable.js";
import { solveScalar } from "./scalar.js";
import { simpson } from "./simpson.js";

/** Expected discounted cost of an endless episode, over starts, tasks and noise. */
export interface ExpectedCost {
  /** Of a learner that is told everything: no policy costs less. */
  readonly informed: number;
  /** Of the Bayes-optimal policy; null where no closed form is known (tasks redrawn without a cue, hidden curvature, a sign or a loss). */
  readonly optimal: number | null;
}

/**
 * @throws Error when the landscape is not quadratic, or the curvature is hidden and the task changes
 */
export function expectedCost(problem: NavigationProblem): ExpectedCost {
  const informed = hidesCurvature(problem) ? averageOverCurvature(problem) : averageOfQuadratic(problem);
  if (hidesCurvature(problem)) return { informed, optimal: null };
  const { observation, task } = problem;
  if (observation.kind === "state" || !hidesMinimum(problem)) return { informed, optimal: informed };
  if (!channelsOf(problem).includes("gradient")) return { informed, optimal: null };
  if (task.kind === "redrawn" && observation.noise !== 0 && !isCued(problem))
    return { informed, optimal: null };
  return { informed, optimal: informed + estimationCost(problem) };
}

function momentsOf({ start }: NavigationProblem): {
  readonly mean: Vector;
  readonly covariance: Rows;
} {
  if (start.kind === "gaussian") return start;
  return { mean: start.parameters, covariance: diagonal(start.parameters.map(() => 0)) };
}

/**
 * E[V] by the spherical cubature rule, exact for a quadratic: the mean over the points a ± √n·lᵢ, with a the means of θ₀
 * and μ and lᵢ the n columns of a root of their covariance. As no value is negative, nothing cancels.
 */
function averageOfQuadratic(problem: NavigationProblem): number {
  const { mean, covariance } = momentsOf(problem);
  const { minimum } = linearQuadraticOf(problem);
  const starts = rootColumns(covariance);
  const minima = rootColumns(problem.task.covariance ?? []);
  const size = starts.length + minima.length;
  const points = [
    ...starts.flatMap((root) => aside(mean, root, size).map((parameters) => ({ parameters, minimum }))),
    ...minima.flatMap((root) => aside(minimum, root, size).map((at) => ({ parameters: mean, minimum: at }))),
  ];
  if (size === 0) points.push({ parameters: mean, minimum });
  const values = new Float64Array(points.length);
  const parameters = points.flatMap((point) => point.parameters);
  const minimaAt = points.flatMap((point) => point.minimum);
  informedValue(problem).evaluate(parameters, minimaAt, null, points.length, values, null);
  return values.reduce((sum, value) => sum + value, 0) / points.length;
}

/** The columns of L with LLᵀ = covariance that are not zero. */
function rootColumns(covariance: Rows): Float64Array[] {
  const d = covariance.length;
  const root = cholesky(flatten(covariance), d) as Float64Array;
  const columns = covariance.map((_, j) => Float64Array.from({ length: d }, (_, i) => root[i * d + j]));
  return columns.filter((column) => column.some((value) => value !== 0));
}

/** centre ± √size·root. */
function aside(centre: Vector, root: Float64Array, size: number): Vector[] {
  return [1, -1].map((sign) => centre.map((value, i) => value + sign * Math.sqrt(size) * root[i]));
}

/** E[½S(h)]·E[(θ₀ − μ)²], with Simpson's rule over log h. */
function averageOverCurvature(problem: NavigationProblem): number {
  const { landscape, task } = problem;
  requireLastingTask(problem);
  if (landscape.kind !== "quadratic" || !isLogUniform(landscape.curvature)) return Number.NaN;
  const [low, high] = landscape.curvature.logUniform;
  const objective = separableObjective(problem);
  const { mean, covariance } = momentsOf(problem);
  return mean.reduce((sum, start, i) => {
    const valueAt = (share: number) => solveScalar(objective(i, low * (high / low) ** share)).value;
    const average = simpson(valueAt, 0, 1, 400);
    const square =
      (start - (task.mean ?? landscape.minimum)[i]) ** 2 + covariance[i][i] + (task.covariance?.[i][i] ?? 0);
    return sum + (average * square) / 2;
  }, 0);
}
