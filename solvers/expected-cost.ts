import { Matrix } from "ml-matrix";
import {
  channelsOf,
  delayOf,
  hidesCurvature,
  hidesMinimum,
  isLogUniform,
  type NavigationProblem,
} from "../envs/problem/problem.js";
import { kalman } from "./beliefs/kalman.js";
import { revealedMinimum } from "./beliefs/revealed.js";
import { toMatrix } from "./dense.js";
import { discreteOperators } from "./discrete-operators.js";
import { informedQuadratic, informedValue } from "./informed-value.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { tellsMinimum } from "./modelled.js";
import { separableObjective } from "./policies/separable.js";
import { solveScalar } from "./scalar.js";
import { discreteTaskLaw } from "./task-law.js";

/** Expected discounted cost of an endless episode, over starts, tasks and noise. */
export interface ExpectedCost {
  /** Of a learner that is told everything: no policy costs less. */
  readonly informed: number;
  /** Of the Bayes-optimal policy; null where no closed form is known (redrawn tasks, hidden curvature, less than a gradient). */
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
  if (delayOf(problem, "gradient") > 0 || !channelsOf(problem).includes("gradient"))
    return { informed, optimal: null };
  if (task.kind === "redrawn" && observation.noise !== 0) return { informed, optimal: null };
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

/**
 * Σρᵗ·½tr(ΛK_μP_tK_μᵀ): acting on μ̂ instead of μ errs by K_μ(μ̂ − μ), and Λ = R̃ + B̃ᵀMB̃ is the curvature of the
 * cost in the action. P_t, the covariance after each look, does not depend on the data.
 */
function estimationCost(problem: NavigationProblem): number {
  if (tellsMinimum(problem)) return 0;
  const { actionCost, discount } = discreteOperators(linearQuadraticOf(problem));
  if (discount === 1) return Infinity;
  const taskGain = toMatrix(discreteTaskLaw(problem).taskGain);
  const price = taskGain.transpose().mmul(actionCost).mmul(taskGain);
  const priceOfLook = looksOf(problem, price);
  let total = 0;
  for (let weight = 1; weight > 1e-15 * (1 - discount); weight *= discount)
    total += (weight * priceOfLook()) / 2;
  return total;
}

/** tr(price·P_t), for one t after the other. */
function looksOf(problem: NavigationProblem, price: Matrix): () => number {
  const { observation } = problem;
  if (observation.kind === "gradient" && observation.noise === 0) {
    const known = price.mmul(revealedMinimum(problem).covariance).trace();
    return () => known;
  }
  const belief = kalman(problem);
  const { dimension, seen, isDiagonal, unwhiten, unseen } = belief.evidence;
  const back = isDiagonal
    ? Matrix.diag(Array.from(unwhiten))
    : Matrix.from1DArray(dimension, seen, Array.from(unwhiten));
  const prices = back.transpose().mmul(price).mmul(back).diagonal();
  const never = price.mmul(unseen).trace();
  const [gradients, parameters] = [new Float64Array(seen), new Float64Array(dimension)];
  let state = belief.init(1);
  return () => {
    state = belief.update(gradients, parameters, state);
    return prices.reduce((sum, value, j) => sum + value * state.variance[j], never);
  };
}
