import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { hidesMinimum, type NavigationProblem, type Matrix as Rows } from "../../envs/problem/problem.js";
import { norm, product, quotient, scalarOf, symmetrise, toMatrix } from "../dense.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import { type Block, blocksOf, type Stage, stageOf } from "./linear-blocks.js";
import { type LinearRule, linearRuleCost } from "./linear-cost.js";
import { nelderMead } from "./nelder-mead.js";
import { spectralFunction } from "./spectral.js";

/** A linear textbook rule at its best on a problem. */
export interface TunedRule {
  readonly rule: string;
  readonly hyperparameters: Readonly<Record<string, number>> & { readonly learningRate: number };
  readonly cost: number;
}

/** Largest work of one evaluation, blocks × size³, for which a rule is tuned. */
const AFFORDABLE = 30_000;

type Hyperparameter = "momentum" | "weight";

interface Family {
  readonly rule: string;
  readonly preconditioner: Matrix;
  readonly extra: readonly Hyperparameter[];
}

/**
 * Every linear textbook rule with the hyperparameters that cost least; the rules that are told the curvature only
 * where the minimum is not hidden, and the pull to the prior mean only where the task changes. Empty where the
 * control is not I, or tuning would take too long. `gain` is the optimum's, where the search begins.
 */
export function tunedRules(problem: NavigationProblem, gain: Rows, unitStart: boolean): TunedRule[] {
  const { control } = linearQuadraticOf(problem);
  if (scalarOf(toMatrix(control)) !== 1) return [];
  return familiesOf(problem).flatMap((family) => {
    const blocks = blocksOf(problem, family.preconditioner, unitStart);
    const work = blocks.reduce((sum, { size }) => sum + (3 * size) ** 3, 0);
    const best = work <= AFFORDABLE ? tune(problem, gain, family, blocks) : undefined;
    return best ? [best] : [];
  });
}

function familiesOf(problem: NavigationProblem): Family[] {
  const { metric, curvature } = linearQuadraticOf(problem);
  const [g, h] = [toMatrix(metric), toMatrix(curvature)];
  const eye = Matrix.eye(h.rows);
  const rule = (name: string, preconditioner: Matrix, ...extra: Hyperparameter[]): Family => ({
    rule: name,
    preconditioner,
    extra,
  });
  const plain = [rule("gradient descent", eye), rule("heavy ball", eye, "momentum")];
  if (problem.task.kind !== "static")
    return [...plain, rule("heavy ball with L2 to the initial weights", eye, "momentum", "weight")];
  if (hidesMinimum(problem)) return plain;
  const unroot = spectralFunction(g, (value) => 1 / Math.sqrt(value));
  const white = symmetrise(product(product(unroot, h), unroot));
  const least = 1e-12 * norm(white);
  const bent = spectralFunction(white, (value) => 1 / Math.sqrt(Math.max(value, least)));
  const natural = scalarOf(g) === null ? [rule("natural gradient", quotient(g, eye))] : [];
  return [
    ...plain,
    ...natural,
    rule("ballistic", product(product(unroot, bent), unroot)),
    ...(isRegular(h) ? [rule("Newton", quotient(h, eye))] : []),
  ];
}

function isRegular(matrix: Matrix): boolean {
  const { realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return Math.min(...realEigenvalues) > 1e-12 * Math.max(...realEigenvalues);
}

/** The search is over log α, logit β and log w. */
function tune(
  problem: NavigationProblem,
  gain: Rows,
  { rule, preconditioner, extra }: Family,
  blocks: readonly Block[],
): TunedRule | undefined {
  const stage = stageOf(problem);
  const named = (at: readonly number[]): LinearRule => {
    const momentum = extra.includes("momentum") ? 1 / (1 + Math.exp(-at[1])) : 0;
    // What α means beside a momentum is α/(1 − β): the search keeps it apart from β.
    const learningRate = Math.exp(at[0]) * (1 - momentum);
    return { learningRate, momentum, weight: extra.includes("weight") ? Math.exp(at[2]) : 0 };
  };
  const start = [
    Math.log(firstRate(problem, gain, preconditioner)),
    ...extra.map((name) => first(name, stage, problem)),
  ];
  const { at, value } = nelderMead((point) => linearRuleCost(blocks, stage, named(point)), start, {
    tolerance: 1e-8,
    evaluations: 60 * start.length,
  });
  if (!Number.isFinite(value)) return undefined;
  const found = named(at);
  const others = Object.fromEntries(extra.map((name) => [name, found[name] as number]));
  return { rule, hyperparameters: { learningRate: found.learningRate, ...others }, cost: value };
}

/** The rate with the trace of the exact gain, or less where that would not settle. */
function firstRate(problem: NavigationProblem, gain: Rows, preconditioner: Matrix): number {
  const pull = product(preconditioner, toMatrix(linearQuadraticOf(problem).curvature));
  return Math.min((problem.objective.timeStep * toMatrix(gain).trace()) / pull.trace(), 1 / norm(pull));
}

function first(name: Hyperparameter, { survival }: Stage, problem: NavigationProblem): number {
  if (name === "momentum") return problem.observation.kind === "state" ? -2 : 0;
  const curvature = toMatrix(linearQuadraticOf(problem).curvature);
  return Math.log((curvature.trace() / curvature.rows) * Math.max(1 - survival, 1e-3));
}
