import type { Policy } from "../envs/core/policy.js";
import {
  delayOf,
  dimensionOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
  type Vector,
} from "../envs/problem/problem.js";
import { type ExpectedCost, expectedCost } from "./expected-cost.js";
import { finiteHorizonPolicy, type ScheduledLaw } from "./finite-horizon-policy.js";
import { bestPath, type StartOfBestPath, solveGlobally } from "./hjb/solve-landscape.js";
import { informedValue } from "./informed-value.js";
import { solveLinearQuadratic } from "./linear-quadratic.js";
import { localQuadratic } from "./local-quadratic.js";
import { ignoredChannels, isCued, requireVelocity, tellsMinimum } from "./modelled.js";
import { bayesOptimalPolicy } from "./policies/bayes-optimal.js";
import { erase, type PosteriorState } from "./policies/erase.js";
import { informedPolicy } from "./policies/known.js";
import { qmdpPolicy } from "./policies/qmdp.js";
import type { RiccatiSolution } from "./riccati.js";
import { hiddenCurvatureRule, type Rule, ruleOf } from "./rule.js";
import { show } from "./rules/words.js";
import { discreteTaskLaw, type TaskLaw } from "./task-law.js";

export interface SolveOptions {
  /** Points of the belief about a hidden curvature. Default 41. */
  readonly curvatureGrid?: number;
}

export interface Solution {
  /** The optimal policy, or the best one known. */
  readonly policy: Policy<PosteriorState>;
  /**
   * Cost-to-go V(θ, μ, h) of a learner that is told μ and h: the optimum where nothing is hidden, a lower bound
   * otherwise. μ defaults to the known minimum or the prior mean; h is only needed when it is hidden. On
   * landscapes that are not parabolas it is of continuous time, less that of resting at the lowest minimum.
   */
  value(parameters: Vector, minimum?: Vector, curvature?: Vector): number;
  /** "exact": optimal; on landscapes that are not parabolas, within the box that `method` names. "bracketed": its cost and `expectedCost.informed` bracket the optimum. "local": of the parabola at a minimum. "not-converged": see the evidence. */
  readonly status: "exact" | "bracketed" | "local" | "not-converged";
  readonly evidence: Readonly<Record<string, number>>;
  readonly rule: Rule;
  /** Why this method. */
  readonly method: string;
  readonly expectedCost: ExpectedCost;
  /** The law at the prior mean, where the curvature is known. */
  readonly continuous?: RiccatiSolution;
  readonly discrete?: RiccatiSolution;
  /** For a problem with a horizon: one law a step. */
  readonly schedule?: readonly ScheduledLaw[];
  /** For hidden minima: s of θ* = μ₀ + s(μ̂ − μ₀), and w = 1 − s. */
  readonly shrinkage?: TaskLaw["shrinkage"];
  readonly priorWeight?: TaskLaw["priorWeight"];
  /** On landscapes that are not parabolas: V at the start, less that of resting for ever at the lowest minimum. */
  readonly start?: StartOfBestPath;
  /** On landscapes of one or two parameters without drift: γ at which the best basin from the start flips, or null. */
  readonly criticalDiscountRate?: number | null;
}

/**
 * Solves a problem by the method that its structure allows: a Riccati equation where the curvature is known,
 * QMDP over a grid of curvatures where it is hidden, and for any other landscape the Hamilton-Jacobi-Bellman
 * equation in one or two dimensions, above that the Riccati equation of the parabola at the minimum in whose
 * valley the start lies.
 *
 * A problem with a horizon is solved by backward recursion, for a known quadratic landscape.
 *
 * @throws Error when the problem is not stabilisable, has a horizon and is not a known quadratic, and for
 * landscapes that are not quadratic when the minimum is hidden or none is found
 */
export function solve(problem: NavigationProblem, { curvatureGrid = 41 }: SolveOptions = {}): Solution {
  const { landscape, objective } = problem;
  if (objective.horizon !== undefined) return solveSchedule(problem);
  if (landscape.kind !== "quadratic") return solveLandscape(problem);
  return hidesCurvature(problem)
    ? solveHiddenCurvature(problem, curvatureGrid)
    : solveKnownCurvature(problem);
}

function solveKnownCurvature(problem: NavigationProblem): Solution {
  const { continuous, discrete } = solveLinearQuadratic(problem);
  const law = discreteTaskLaw(problem);
  const converged = continuous.status === "exact" && discrete.status === "exact";
  const ignored = ignoredChannels(problem);
  const bracketed = ignored.length > 0;
  return {
    policy: bayesOptimalPolicy(problem),
    value: valueFunction(problem),
    status: converged ? (bracketed ? "bracketed" : "exact") : "not-converged",
    evidence: {
      continuousResidual: continuous.evidence.relativeResidual,
      discreteResidual: discrete.evidence.relativeResidual,
      continuousIterations: continuous.evidence.iterations,
      discreteIterations: discrete.evidence.iterations,
    },
    rule: ruleOf(problem, discrete, law),
    method: knownMethod(problem, ignored) + roundedNote(continuous, discrete),
    expectedCost: expectedCost(problem),
    continuous,
    discrete,
    ...(hidesMinimum(problem) && { shrinkage: law.shrinkage, priorWeight: law.priorWeight }),
  };
}

function solveSchedule(problem: NavigationProblem): Solution {
  requireVelocity(problem);
  const { schedule, policy, value, startCost } = finiteHorizonPolicy(problem);
  const size = ({ gain }: ScheduledLaw) => Math.hypot(...gain.flat());
  const [first, last] = [size(schedule[0]), size(schedule[schedule.length - 1])];
  return {
    policy: erase(policy),
    value: (parameters) => value(parameters),
    status: "exact",
    evidence: { steps: schedule.length },
    rule: {
      name: "schedule",
      text: `linear feedback by a schedule of ${schedule.length} steps, whose gain goes from ${first.toPrecision(3)} to ${last.toPrecision(3)} as the end comes near`,
      hyperparameters: { firstGain: first, lastGain: last },
      comparisons: [],
    },
    method: "the problem ends, so the optimum is linear feedback from a backward recursion, one law a step",
    expectedCost: { informed: startCost, optimal: startCost },
    schedule,
  };
}

/** Values are of L less its minimum. */
function solveLandscape(problem: NavigationProblem): Solution {
  if (hidesMinimum(problem)) {
    throw new Error(
      `task.kind: must be a static task without mean on a "${problem.landscape.kind}" landscape, got "${problem.task.kind}"`,
    );
  }
  requireVelocity(problem);
  const found = solveGlobally(problem);
  if (!found) return solveLocally(problem);
  const { expectedCost: costOf, box, ...global } = found;
  const near = (parameters: Vector) => solveLocally({ ...problem, start: { kind: "point", parameters } });
  const { rule, continuous, discrete } = near(found.start.restingPoint);
  const cost = costOf((rest) => near(rest).discrete) ?? found.start.value;
  return {
    ...global,
    rule: { ...rule, text: `near its resting point: ${rule.text}` },
    method: `the landscape is not a parabola, so this is the optimum of continuous time within the box from ${show(box.lower)} to ${show(box.upper)}, from the Hamilton-Jacobi-Bellman equation on a grid, followed in steps; the expected cost is that of the best such steps, and the rule is that of the parabola where the best path rests`,
    expectedCost: { informed: cost, optimal: cost },
    ...(continuous && { continuous }),
    ...(discrete && { discrete }),
  };
}

function solveLocally(problem: NavigationProblem): Solution {
  const { problem: parabola, minimumLoss, gradientNorm, iterations } = localQuadratic(problem);
  const path = dimensionOf(problem) > 2 ? bestPath(problem) : null;
  const solution = solveKnownCurvature(parabola);
  return {
    ...solution,
    status: solution.status === "exact" ? "local" : solution.status,
    evidence: {
      ...solution.evidence,
      minimumLoss,
      gradientNorm,
      newtonIterations: iterations,
      ...(path && { pathRefinement: path.refinement }),
    },
    method:
      "the landscape is not a parabola, so this is the exact optimum of the parabola at the minimum in whose valley the start lies; near it the two agree",
    ...(path && { start: { value: path.value, restingPoint: path.restingPoint } }),
  };
}

function knownMethod(problem: NavigationProblem, ignored: readonly string[]): string {
  const { task, observation } = problem;
  const riccati =
    "the loss is quadratic and the drift affine, so the optimum is linear feedback from a Riccati equation";
  if (observation.kind === "state" || (task.kind === "static" && !task.mean)) return riccati;
  const belief =
    observation.noise === 0
      ? tellsMinimum(problem)
        ? "the exact gradient tells the minimum"
        : "the exact gradient tells a part of the minimum, and the prior what to expect of the rest"
      : isCued(problem)
        ? "the belief is an exact Kalman filter that starts anew at each cue"
        : task.kind === "redrawn"
          ? "the belief is an exact mixture over run lengths"
          : "the belief is an exact Kalman filter";
  const rest =
    ignored.length > 0
      ? `; what the ${ignored.join(" and the ")} channel tells of the minimum is not used`
      : "";
  const delay = delayOf(problem, "gradient");
  const carried = delay > 0 ? `, carried over the delay of ${delay} steps` : "";
  return `${riccati}; ${belief}${carried}, and what a gradient tells does not depend on where it is taken, so acting on the mean is optimal${rest}`;
}

/** Where a weak control makes the value matrix so large that one float64 number an entry does not hold it. */
function roundedNote(...solutions: readonly RiccatiSolution[]): string {
  const residual = Math.max(...solutions.map(({ evidence }) => evidence.relativeResidual));
  if (residual > 1e-12)
    return `; the Riccati equation holds to ${residual.toPrecision(1)} only: the control is too weak for so many growing modes`;
  const rounded = solutions.filter(({ valueRemainder }) => valueRemainder);
  const rounding = Math.max(0, ...rounded.map(({ evidence }) => evidence.roundingResidual));
  return rounding > 1e-12
    ? `; the value matrix alone, rounded to float64, holds the Riccati equation to ${rounding.toPrecision(1)} only: valueRemainder is what it lacks`
    : "";
}

function solveHiddenCurvature(problem: NavigationProblem, curvatureGrid: number): Solution {
  const told = problem.observation.kind === "state";
  const cost = expectedCost(problem);
  return {
    policy: told ? erase(informedPolicy(problem)) : erase(qmdpPolicy(problem, { curvatureGrid })),
    value: valueFunction(problem),
    status: told ? "exact" : "bracketed",
    evidence: { lowerBound: cost.informed, ...(!told && { curvatureGrid }) },
    rule: hiddenCurvatureRule(problem, curvatureGrid),
    method: told
      ? "the state tells each curvature, so every coordinate is a scalar Riccati equation"
      : "the curvature is hidden, so the optimum is bracketed: QMDP on an exact grid belief from above, being told from below",
    expectedCost: cost,
  };
}

function valueFunction(problem: NavigationProblem): Solution["value"] {
  const value = informedValue(problem);
  const { landscape, task } = problem;
  const known = task.mean ?? (landscape.kind === "quadratic" ? landscape.minimum : []);
  return (parameters, minimum = known, curvature) => {
    const out = new Float64Array(1);
    value.evaluate(parameters, minimum, curvature ?? null, 1, out, null);
    return out[0];
  };
}
