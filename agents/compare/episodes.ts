import {
  createLandscape,
  discountOf,
  horizonStepsOf,
  type NavigationProblem,
  type RolloutOptions,
} from "../../envs/index.js";
import { informedTerminalCost } from "../../solvers/index.js";
import { defaultTerminal } from "../trainers/terminal-cost.js";

const LONGEST = 200;
const SHORTEST = 20;
/** Times the discount that the last step of an episode counts with has fallen by e. */
const DECADES_OF_E = 5;

/**
 * Steps to the horizon, or until little counts, and the cost of what lies beyond them to a learner that is told
 * everything, where it is known: nobody gains by an end that the theory does not know of.
 */
export function episodesFor(
  problem: NavigationProblem,
  steps = stepsFor(problem),
): Pick<RolloutOptions, "steps" | "terminalCost"> {
  return defaultTerminal(problem) === "none"
    ? { steps }
    : { steps, terminalCost: informedTerminalCost(problem) };
}

function stepsFor(problem: NavigationProblem): number {
  const { discountRate, timeStep } = problem.objective;
  const counted = Math.ceil(DECADES_OF_E / (discountRate * timeStep));
  return Math.min(horizonStepsOf(problem), Math.max(SHORTEST, Math.min(LONGEST, counted)));
}

/** The problem with the other members of its landscape's pool, where it has one. */
export function splitOf(problem: NavigationProblem, split: "train" | "test"): NavigationProblem {
  const { landscape } = problem;
  if (!("pool" in landscape) || !landscape.pool) return problem;
  return { ...problem, landscape: { ...landscape, pool: { ...landscape.pool, split } } };
}

/**
 * Cost of resting through an episode at the least loss of all, where a landscape declares it: what no policy can
 * save. Elsewhere 0.
 */
export function restingCost(problem: NavigationProblem, steps: number): number {
  const { minima } = createLandscape(problem.landscape);
  const least = minima?.find(({ global }) => global)?.loss ?? 0;
  const rho = discountOf(problem);
  const { lossWeight, timeStep } = problem.objective;
  const weight = rho === 1 ? steps : (1 - rho ** steps) / (1 - rho);
  return weight * timeStep * lossWeight * least;
}
