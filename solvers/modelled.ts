import { actionOf, channelsOf, delayOf, type NavigationProblem } from "../envs/problem/problem.js";

/** @throws Error when the action is not the velocity that the solution is about */
export function requireVelocity(problem: NavigationProblem): void {
  const { kind } = actionOf(problem);
  if (kind !== "velocity")
    throw new Error(`action.kind: must be "velocity" for an exact solution, got "${kind}"`);
}

/**
 * @throws Error when the gradient comes late or not of every coordinate, which the beliefs do not model
 */
export function requirePromptGradient(problem: NavigationProblem): void {
  const { observation } = problem;
  const delay = delayOf(problem, "gradient");
  if (delay > 0) throw new Error(`observation.delay: must be 0 for a belief, got ${delay}`);
  if ("coordinates" in observation && observation.coordinates)
    throw new Error(
      `observation.coordinates: must be absent for a belief, got [${observation.coordinates.join(", ")}]`,
    );
}

/** Whether the learner sees the whole gradient of the present, with noise or without. */
export function showsGradient(problem: NavigationProblem): boolean {
  const { observation } = problem;
  if (observation.kind !== "gradient" || observation.coordinates) return false;
  return delayOf(problem, "gradient") === 0 && channelsOf(problem).includes("gradient");
}
