import { delayOf, hidesCurvature, hidesMinimum, type NavigationProblem } from "../envs/problem/problem.js";
import {
  type BeliefFeatures,
  ofCuedRun,
  ofCurvature,
  ofDelayed,
  ofExactGradient,
  ofKalman,
  ofRunLengths,
} from "./belief-parts.js";
import type { Belief, BeliefState } from "./beliefs/belief.js";
import type { CurvatureGridOptions } from "./beliefs/curvature-grid.js";
import { promptly } from "./beliefs/delayed.js";
import { ignoredChannels, isCued, requireGradient } from "./modelled.js";

/**
 * The exact belief of a problem:
 * - an exact gradient: `posteriorMean`, the minimum itself, and where only some coordinates are seen `posteriorVariance`;
 * - a static or drifting minimum, seen with noise: `posteriorMean` and `posteriorVariance` (Kalman filter);
 * - a redrawn one: the same of the mixture over run lengths, and `runLength`, the expected number of looks that the
 *   present task has had. The mixture itself is not of fixed size; its mean is all that the optimal action needs. Where
 *   the problem shows the cue there is one run, of known length;
 * - a known curvature and gradients that come late: mean and variance of the present minimum;
 * - a hidden curvature: `posteriorMean`, `posteriorVariance`, `posteriorLogCurvature`, and the grid itself: `weights`
 *   p(h | history) and `means` E[μ | history, h], each [d, points].
 *
 * @throws Error when nothing is hidden, or no exact belief is known for the problem
 */
export function beliefFeatures(
  problem: NavigationProblem,
  options: CurvatureGridOptions = {},
): BeliefFeatures {
  const ignored = ignoredChannels(problem);
  if (problem.observation.kind === "state" || !(hidesMinimum(problem) || hidesCurvature(problem)))
    throw new Error("beliefObservation: needs a problem that hides something, and this one shows everything");
  if (ignored.length > 0)
    throw new Error(
      `observation.channels: must not include ${ignored.map((name) => `"${name}"`).join(" or ")}, which the belief does not use`,
    );
  return hidesCurvature(problem) ? erase(ofCurvature(problem, options)) : minimumFeatures(problem);
}

/** The exact belief about a hidden minimum where the curvature is known. */
export function exactBelief(problem: NavigationProblem): Belief {
  return minimumFeatures(problem).belief;
}

function minimumFeatures(problem: NavigationProblem): BeliefFeatures {
  requireGradient(problem);
  if (delayOf(problem, "gradient") > 0) return erase(ofDelayed(problem, minimumFeatures(promptly(problem))));
  if (problem.observation.kind === "gradient" && problem.observation.noise === 0)
    return ofExactGradient(problem);
  if (problem.task.kind !== "redrawn") return erase(ofKalman(problem));
  return isCued(problem) ? erase(ofCuedRun(problem)) : erase(ofRunLengths(problem));
}

/** Hides the concrete state; a belief is only ever given a state that it made. */
function erase<State extends BeliefState>(features: BeliefFeatures<State>): BeliefFeatures {
  return features as object as BeliefFeatures;
}
