import { Matrix } from "ml-matrix";
import {
  channelsOf,
  hidesCurvature,
  hidesMinimum,
  isLogUniform,
  type NavigationProblem,
} from "../envs/problem/problem.js";
import { toMatrix } from "./dense.js";
import { estimationCost } from "./estimation-cost.js";
import { informedQuadratic, informedValue } from "./informed-value.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { isCued } from "./modelled.js";
import { separableObjective } from "./policies/separable.js";
import { solveScalar } from "./scalar.js";

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
  readonly mean: readonly number[];
  readonly covariance: Matrix;
} {
  if (start.kind === "gaussian") return { mean: start.mean, covariance: toMatrix(start.covariance) };
  return {
    mean: start.parameters,
    covariance: Matrix.zeros(start.parameters.length, start.parameters.length),
  };
}

/** E[V] = V at the means + ½tr(S·Cov θ₀) + ½tr(D·Σ₀). */
function averageOfQuadratic(problem: NavigationProblem): number {
  const { mean, covariance } = momentsOf(problem);
  const { curvature, taskCurvature } = informedQuadratic(problem);
  const value = new Float64Array(1);
  informedValue(problem).evaluate(mean, linearQuadraticOf(problem).minimum, null, 1, value, null);
  const { task } = problem;
  const spread = task.covariance ? taskCurvature.mmul(toMatrix(task.covariance)).trace() : 0;
  return value[0] + (curvature.mmul(covariance).trace() + spread) / 2;
}

/** E[½S(h)]·E[(θ₀ − μ)²], with Simpson's rule over log h. */
function averageOverCurvature(problem: NavigationProblem): number {
  const { landscape, task } = problem;
  if (landscape.kind !== "quadratic" || !isLogUniform(landscape.curvature)) return Number.NaN;
  const [low, high] = landscape.curvature.logUniform;
  const objective = separableObjective(problem);
  const { mean, covariance } = momentsOf(problem);
  const cells = 400;
  return mean.reduce((sum, start, i) => {
    let average = 0;
    for (let j = 0; j <= cells; j++) {
      const weight = j === 0 || j === cells ? 1 : j % 2 ? 4 : 2;
      average += (weight * solveScalar(objective(i, low * (high / low) ** (j / cells))).value) / (3 * cells);
    }
    const square =
      (start - (task.mean ?? landscape.minimum)[i]) ** 2 +
      covariance.get(i, i) +
      (task.covariance?.[i][i] ?? 0);
    return sum + (average * square) / 2;
  }, 0);
}
