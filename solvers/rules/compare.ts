import { hidesMinimum, type NavigationProblem, type Vector } from "../../envs/problem/problem.js";
import { bilinear, column, inner, toMatrix } from "../dense.js";
import { expectedCost } from "../expected-cost.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import { showsGradient } from "../modelled.js";
import type { RiccatiSolution } from "../riccati.js";
import { tunedRules } from "./compare-linear.js";
import { compareRedrawn } from "./compare-simulated.js";
import type { Comparison } from "./comparison.js";

/**
 * What the linear textbook rules cost beyond the optimum, each with its best hyperparameters, from the problem's
 * start; where that costs nothing, from a unit deviation in every direction. In closed form, except for redrawn
 * tasks seen through noise. Empty where the optimum costs infinitely much, and where a rule cannot run.
 */
export function compareLinear(problem: NavigationProblem, discrete: RiccatiSolution): Comparison[] {
  if (!givesGradient(problem)) return [];
  const { cost, unitStart } = optimalCost(problem, discrete);
  if (cost === null) return compareRedrawn(problem, tunedRules(problem, discrete.gain, false));
  if (!(cost > 0 && cost < Infinity)) return [];
  return tunedRules(problem, discrete.gain, unitStart).map(({ rule, hyperparameters, cost: own }) => ({
    rule,
    hyperparameters,
    excessCost: own / cost - 1,
    standardError: 0,
  }));
}

/** Whether rules see the present gradient, or may be given it because the learner knows as much. */
function givesGradient(problem: NavigationProblem): boolean {
  return !hidesMinimum(problem) || problem.observation.kind === "state" || showsGradient(problem);
}

interface OptimalCost {
  /** Null where it has no closed form. */
  readonly cost: number | null;
  /** Whether it is counted from a unit deviation, because from the start it would be 0. */
  readonly unitStart: boolean;
}

function optimalCost(problem: NavigationProblem, discrete: RiccatiSolution): OptimalCost {
  if (hidesMinimum(problem)) return { cost: expectedCost(problem).optimal, unitStart: false };
  const value = toMatrix(discrete.valueMatrix);
  const { start } = problem;
  const gaussian = start.kind === "gaussian";
  const spread = gaussian ? value.mmul(toMatrix(start.covariance)).trace() / 2 : 0;
  const cost = valueAt(discrete, gaussian ? start.mean : start.parameters) + spread;
  const { minimum } = linearQuadraticOf(problem);
  const rounding = 1e-12 * value.norm() * (1 + minimum.reduce((sum, x) => sum + x * x, 0));
  if (!(cost <= rounding)) return { cost, unitStart: false };
  return { cost: valueAt(discrete, minimum) + value.trace() / 2, unitStart: true };
}

function valueAt({ valueMatrix, valueVector, valueConstant }: RiccatiSolution, at: Vector): number {
  const theta = column(at);
  const varying = bilinear(theta, toMatrix(valueMatrix), theta) / 2 - inner(column(valueVector), theta);
  return varying + (valueConstant ?? Number.NaN);
}
