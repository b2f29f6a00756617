import type { Policy } from "../../envs/core/policy.js";
import { isLogUniform, type NavigationProblem } from "../../envs/problem/problem.js";
import { type RolloutOptions, rollout } from "../../envs/rollout.js";
import { informedTerminalCost } from "../informed-value.js";
import { bayesOptimalPolicy } from "../policies/bayes-optimal.js";
import { informedPolicy } from "../policies/known.js";
import { qmdpPolicy } from "../policies/qmdp.js";
import { separableObjective } from "../policies/separable.js";
import { solveScalar } from "../scalar.js";
import type { TunedRule } from "./compare-linear.js";
import type { Comparison } from "./comparison.js";
import { accumulateMomentum } from "./momentum.js";
import { nelderMead } from "./nelder-mead.js";
import { adam, gradientDescent } from "./recipes.js";
import { rulePolicy } from "./rule-policy.js";
import { chain, descend } from "./transform.js";
import { addPullToInitial } from "./weights.js";

/** Episodes that a comparison is measured on, and others that hyperparameters are tuned on. */
const MEASURED = 200;
const TUNED = 64;
/** Steps at most; what lies beyond is charged at its cost when everything is told. */
const STEPS = 150;

function episodesOf(problem: NavigationProblem): Omit<RolloutOptions, "episodes"> {
  const { discountRate, timeStep } = problem.objective;
  const negligible = Math.ceil(10 / (discountRate * timeStep));
  return {
    steps: Math.max(20, Math.min(STEPS, negligible)),
    seed: "comparison",
    terminalCost: informedTerminalCost(problem),
  };
}

/** The linear rules beside the Bayes optimum of a redrawn task, whose cost has no closed form. */
export function compareRedrawn(problem: NavigationProblem, rules: readonly TunedRule[]): Comparison[] {
  if (rules.length === 0) return [];
  const reference = costsOf(problem, bayesOptimalPolicy(problem));
  const { mean } = problem.task;
  return rules.map(({ rule, hyperparameters }) => {
    const { learningRate, momentum = 0, weight = 0 } = hyperparameters;
    const transform = chain(
      addPullToInitial(weight, mean),
      accumulateMomentum(momentum),
      descend(learningRate),
    );
    const costs = costsOf(problem, rulePolicy(rule, problem, transform));
    return { rule, hyperparameters, ...excess(costs, reference) };
  });
}

/** Gradient descent and Adam, tuned on episodes of their own, beside the policy for a hidden curvature. */
export function compareHiddenCurvature(problem: NavigationProblem, curvatureGrid: number): Comparison[] {
  const told = problem.observation.kind === "state";
  const policy = told ? informedPolicy(problem) : qmdpPolicy(problem, { curvatureGrid });
  const reference = costsOf(problem, policy as Policy);
  const shown: NavigationProblem = told
    ? { ...problem, observation: { kind: "gradient", noise: 0, channels: ["gradient", "parameters"] } }
    : problem;
  return candidates(shown).map(({ rule, start, make, read }) => {
    const options = { ...episodesOf(shown), seed: "tuning", episodes: TUNED };
    const costAt = (at: readonly number[]) => mean(rollout(shown, make(read(at)), options).costs);
    const { at } = nelderMead(costAt, start, { tolerance: 1e-4, evaluations: 20 * start.length });
    return { rule, hyperparameters: read(at), ...excess(costsOf(shown, make(read(at))), reference) };
  });
}

interface Candidate {
  readonly rule: string;
  readonly start: readonly number[];
  read(at: readonly number[]): Record<string, number> & { readonly learningRate: number };
  make(hyperparameters: ReturnType<Candidate["read"]>): Policy;
}

function candidates(problem: NavigationProblem): Candidate[] {
  const { mobility, lossWeight, timeStep } = problem.objective;
  const decay = (logit: number) => 1 / (1 + Math.exp(-logit));
  return [
    {
      rule: "gradient descent",
      start: [Math.log(descentRate(problem))],
      read: ([logRate]) => ({ learningRate: Math.exp(logRate) }),
      make: (hyperparameters) => gradientDescent(problem, hyperparameters),
    },
    {
      rule: "Adam",
      start: [Math.log(timeStep * Math.sqrt(mobility * lossWeight)), 2, 4],
      read: ([logRate, first, second]) => ({
        learningRate: Math.exp(logRate),
        beta1: decay(first),
        beta2: decay(second),
      }),
      make: (hyperparameters) => adam(problem, hyperparameters),
    },
  ];
}

/** The rate of the exact gain in the middle of the prior, or less where that would not settle at its end. */
function descentRate(problem: NavigationProblem): number {
  const { landscape, objective } = problem;
  if (landscape.kind !== "quadratic" || !isLogUniform(landscape.curvature)) return objective.timeStep;
  const [low, high] = landscape.curvature.logUniform;
  const middle = Math.sqrt(low * high);
  const { gain } = solveScalar(separableObjective(problem)(0, middle));
  return Math.min((objective.timeStep * gain) / middle, 1 / high);
}

function costsOf(problem: NavigationProblem, policy: Policy): Float64Array {
  return rollout(problem, policy, { ...episodesOf(problem), episodes: MEASURED }).costs;
}

/** Paired: both met the same starts, tasks and noise. The error is that of a ratio of means. */
function excess(
  costs: Float64Array,
  reference: Float64Array,
): Pick<Comparison, "excessCost" | "standardError"> {
  const scale = mean(reference);
  const excessCost = mean(costs) / scale - 1;
  const squares = costs.map((cost, n) => (cost - (1 + excessCost) * reference[n]) ** 2);
  return { excessCost, standardError: Math.sqrt(mean(squares) / (costs.length - 1)) / scale };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
