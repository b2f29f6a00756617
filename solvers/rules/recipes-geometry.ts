import type { Policy } from "../../envs/core/policy.js";
import { diagonal } from "../../envs/problem/linear-algebra.js";
import type { Matrix, NavigationProblem, Vector } from "../../envs/problem/problem.js";
import { toMatrix } from "../dense.js";
import { accumulateMomentum } from "./momentum.js";
import { type OrthogonaliseOptions, orthogonalise } from "./orthogonalise.js";
import type { HeavyBallOptions, LearningRate } from "./recipes.js";
import { type RuleState, rulePolicy } from "./rule-policy.js";
import { type Curvature, curvatureOf, scaleByCurvature, scaleByMetric } from "./scale-by-curvature.js";
import { type ScaleByShampooOptions, scaleByShampoo } from "./scale-by-shampoo.js";
import { chain, descend, requireRange } from "./transform.js";

/** The rules that know a metric, a curvature or the shape of a matrix. */

/**
 * θ ← θ − αG⁻¹g (Amari, Neural Computation 10, 1998). G defaults to the problem's metric.
 *
 * @throws Error when neither is given
 */
export function naturalGradient(
  problem: NavigationProblem,
  { learningRate, metric = problem.geometry.metric }: LearningRate & { readonly metric?: Matrix | undefined },
): Policy<RuleState> {
  if (!metric) throw new Error("metric: must be given where the problem has none, got undefined");
  return rulePolicy("natural gradient", problem, chain(scaleByMetric(metric), descend(learningRate)));
}

export interface GivenCurvature {
  /** H: its diagonal or the whole matrix. Default: the landscape's Hessian at θ. */
  readonly curvature?: Vector | Matrix;
}

export interface NewtonOptions extends Partial<LearningRate>, GivenCurvature {
  /** δ ≥ 0, added to every eigenvalue (Levenberg, 1944). Default 0. */
  readonly damping?: number;
}

/** θ ← θ − α(H + δI)⁻¹g. Default α 1. It goes to any stationary point, a maximum as well. */
export function newton(
  problem: NavigationProblem,
  { learningRate = 1, damping = 0, curvature }: NewtonOptions = {},
): Policy<RuleState> {
  requireRange("damping", damping, damping >= 0, ">= 0");
  const solve = scaleByCurvature(givenOr(problem, curvature), (h) => 1 / (h + damping));
  return rulePolicy("Newton", problem, chain(solve, descend(learningRate)));
}

export interface BallisticOptions extends Partial<LearningRate>, GivenCurvature {
  /** Least |h| that is told from zero. Default 1e-8. */
  readonly floor?: number;
}

/**
 * θ ← θ − α(G⁻¹H)^{−1/2}G⁻¹g: the optimum of a long horizon on a parabola (arXiv:2510.26997). Default α Δt√(ηk). Where H
 * is not positive definite, |h| stands for its eigenvalues.
 */
export function ballistic(
  problem: NavigationProblem,
  { learningRate, floor = 1e-8, curvature }: BallisticOptions = {},
): Policy<RuleState> {
  requireRange("floor", floor, floor > 0, "> 0");
  const { mobility, lossWeight, timeStep } = problem.objective;
  const scale = scaleByCurvature(
    givenOr(problem, curvature),
    (h) => 1 / Math.sqrt(Math.max(Math.abs(h), floor)),
    problem.geometry.metric,
  );
  const rate = learningRate ?? timeStep * Math.sqrt(mobility * lossWeight);
  return rulePolicy("ballistic", problem, chain(scale, descend(rate)));
}

function givenOr(problem: NavigationProblem, given: Vector | Matrix | undefined): Curvature {
  if (!given) return curvatureOf(problem);
  return toMatrix(typeof given[0] === "number" ? diagonal(given as Vector) : (given as Matrix));
}

/** W ← W − αL^{−1/4}GR^{−1/4}, L and R the sums of GGᵀ and GᵀG (Gupta, Koren and Singer, arXiv:1802.09568). */
export function shampoo(
  problem: NavigationProblem,
  { learningRate, ...sums }: LearningRate & ScaleByShampooOptions,
): Policy<RuleState> {
  return rulePolicy("Shampoo", problem, chain(scaleByShampoo(sums), descend(learningRate)));
}

export interface MuonOptions extends HeavyBallOptions, OrthogonaliseOptions {
  /** Whether the momentum looks ahead. Default true. */
  readonly nesterov?: boolean;
}

/**
 * V ← βV + G, W ← W − α·√max(1, rows/columns)·(MMᵀ)^{−1/2}M with M = G + βV, or V (Jordan et al., "Muon", 2024). Default
 * β 0.95.
 */
export function muon(
  problem: NavigationProblem,
  { learningRate, momentum = 0.95, nesterov = true, ...orthogonal }: MuonOptions,
): Policy<RuleState> {
  const [rows, columns] = orthogonal.shape;
  const rate = learningRate * Math.sqrt(Math.max(1, rows / columns));
  const look = accumulateMomentum(momentum, { nesterov });
  return rulePolicy("Muon", problem, chain(look, orthogonalise(orthogonal), descend(rate)));
}
