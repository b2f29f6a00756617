import { isCharged } from "../dynamics/minibatches.js";
import { actionOf, channelsOf, type NavigationProblem } from "../problem/problem.js";

/** Kernels write up to 60 bytes beyond the rows of these, and memory has 64 to spare. */
const shown = new Set(["gradient", "parameters", "cue"]);

/** What about a problem, beside its landscape, has no kernel; null where everything has. */
export function obstacleOf(problem: NavigationProblem): string | null {
  const { geometry, observation, task } = problem;
  for (const part of ["metric", "drift", "control"] as const)
    if (geometry[part]) return `geometry.${part}: has no kernel`;
  if (actionOf(problem).kind !== "velocity") return "action.kind: only velocities have a kernel";
  if (observation.kind !== "gradient") return `observation.kind: "${observation.kind}" has no kernel`;
  const channels = channelsOf(problem);
  const other = channels.find((channel) => !shown.has(channel));
  if (other) return `observation.channels: "${other}" has no kernel`;
  if (!channels.includes("gradient")) return 'observation.channels: kernels need "gradient"';
  if (observation.coordinates) return "observation.coordinates: have no kernel";
  if (observation.delay) return "observation.delay: has no kernel";
  if (task.kind === "drifting" && !isDiagonal(task.covariance))
    return "task.covariance: kernels need a diagonal one where the task drifts";
  return noiseObstacle(problem);
}

function noiseObstacle({ landscape, observation }: NavigationProblem): string | null {
  if (observation.kind !== "gradient" || typeof observation.noise === "number") return null;
  if (isCharged(observation.noise)) return "observation.noise.minibatch.charged: has no kernel";
  if ("minibatch" in observation.noise)
    return landscape.kind === "regression"
      ? null
      : `observation.noise: minibatches of "${landscape.kind}" have no kernel`;
  const isDiagonalCurvature =
    landscape.kind === "quadratic" &&
    !(Array.isArray(landscape.curvature) && Array.isArray(landscape.curvature[0]));
  return isDiagonalCurvature
    ? null
    : "observation.noise: Fisher noise has a kernel for diagonal curvature only";
}

function isDiagonal(matrix: readonly (readonly number[])[]): boolean {
  return matrix.every((row, i) => row.every((value, j) => i === j || value === 0));
}
