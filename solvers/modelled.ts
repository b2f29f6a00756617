import {
  actionOf,
  type Channel,
  channelsOf,
  delayOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
} from "../envs/problem/problem.js";

/** @throws Error when the action is not the velocity that the solution is about */
export function requireVelocity(problem: NavigationProblem): void {
  const { kind } = actionOf(problem);
  if (kind !== "velocity")
    throw new Error(`action.kind: must be "velocity" for an exact solution, got "${kind}"`);
}

/** @throws Error when the task changes: a hidden curvature is about one minimum that stays */
export function requireLastingTask({ task: { kind } }: NavigationProblem): void {
  if (kind !== "static")
    throw new Error(`task.kind: must be "static" when the curvature is hidden, got "${kind}"`);
}

/** @throws Error when the gradient comes late */
export function requirePromptGradient(problem: NavigationProblem): void {
  const delay = delayOf(problem, "gradient");
  if (delay > 0)
    throw new Error(`observation.delay: must be 0 where the present gradient is needed, got ${delay}`);
}

/** @throws Error when the gradient comes late or not of every coordinate */
export function requireWholeGradient(problem: NavigationProblem): void {
  const { observation } = problem;
  requirePromptGradient(problem);
  if ("coordinates" in observation && observation.coordinates)
    throw new Error(
      `observation.coordinates: must be absent where the whole gradient is needed, got [${observation.coordinates.join(", ")}]`,
    );
}

/** @throws Error when a sign or the loss is all that the landscape tells: after them no belief of finite size is exact */
export function requireGradient({ observation: { kind } }: NavigationProblem): void {
  if (kind !== "gradient")
    throw new Error(
      `observation.kind: must be "gradient", of all or some coordinates, for an exact belief, or "state", got "${kind}"`,
    );
}

/** Whether what the learner sees tells it where the minimum is. */
export function tellsMinimum(problem: NavigationProblem): boolean {
  const { observation, task } = problem;
  if (observation.kind !== "gradient" || observation.noise !== 0 || observation.coordinates) return false;
  const late = delayOf(problem, "gradient") > 0 && task.kind !== "static";
  return !late && channelsOf(problem).includes("gradient");
}

/** Whether the learner is told when a task that is redrawn has changed. */
export function isCued(problem: NavigationProblem): boolean {
  return problem.task.kind === "redrawn" && channelsOf(problem).includes("cue");
}

/** Channels that tell more of a hidden minimum or curvature than the belief uses: the loss. */
export function ignoredChannels(problem: NavigationProblem): readonly Channel[] {
  if (!hidesMinimum(problem) && !hidesCurvature(problem)) return [];
  return channelsOf(problem).filter((channel) => channel === "loss");
}

/** Whether the learner sees the whole gradient of the present, with noise or without. */
export function showsGradient(problem: NavigationProblem): boolean {
  const { observation } = problem;
  if (observation.kind !== "gradient" || observation.coordinates) return false;
  return delayOf(problem, "gradient") === 0 && channelsOf(problem).includes("gradient");
}
