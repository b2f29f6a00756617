import { actionOf, channelsOf, isDense, isLogUniform, type NavigationProblem } from "../problem/problem.js";

/** The kernels that a landscape has, by the end of their names. */
export type FamilyName = "Quadratic" | "DoubleWell" | "Rastrigin" | "StyblinskiTang";

export interface Family {
  readonly name: FamilyName;
  /** The one number that a landscape may have: tilt, amplitude. */
  readonly shape: number;
  /** Curvatures that all environments share, `[dimension]`; null where each has its own, or none. */
  readonly curvature: readonly number[] | null;
}

/** What is simulated by kernels, or else why not: the path, the value, and what has a kernel. */
export function familyOf(problem: NavigationProblem): Family | string {
  return obstacleOf(problem) ?? landscapeFamily(problem);
}

function landscapeFamily({ landscape }: NavigationProblem): Family | string {
  switch (landscape.kind) {
    case "quadratic": {
      const { curvature } = landscape;
      if (isLogUniform(curvature)) return { name: "Quadratic", shape: 0, curvature: null };
      if (isDense(curvature)) return "landscape.curvature: a whole matrix has no kernel";
      return { name: "Quadratic", shape: 0, curvature };
    }
    case "double-well":
      return { name: "DoubleWell", shape: landscape.tilt, curvature: null };
    case "rastrigin":
      return { name: "Rastrigin", shape: landscape.amplitude, curvature: null };
    case "styblinski-tang":
      return { name: "StyblinskiTang", shape: 0, curvature: null };
    default:
      return `landscape.kind: "${landscape.kind}" has no kernel`;
  }
}

const shown = new Set(["gradient", "parameters"]);

function obstacleOf(problem: NavigationProblem): string | null {
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
  if (typeof observation.noise === "object" && "minibatch" in observation.noise)
    return "observation.noise: minibatches have no kernel";
  if (task.kind === "drifting" && !isDiagonal(task.covariance))
    return "task.covariance: kernels need a diagonal one where the task drifts";
  return null;
}

function isDiagonal(matrix: readonly (readonly number[])[]): boolean {
  return matrix.every((row, i) => row.every((value, j) => i === j || value === 0));
}
