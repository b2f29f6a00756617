import { isLogUniform, type NavigationProblem } from "../../envs/index.js";
import { continuousRate } from "../../solvers/index.js";

/** Steepest curvature that a problem may show, loss/θ²; what is not quadratic is taken to be `fallback`. */
export function steepestCurvature({ landscape }: NavigationProblem, fallback = 10): number {
  if (landscape.kind !== "quadratic") return fallback;
  const { curvature } = landscape;
  if (isLogUniform(curvature)) return curvature.logUniform[1];
  return Math.max(...diagonalOf(curvature));
}

/** The diagonal of a known curvature, `[d]`. */
export function diagonalOf(curvature: readonly (number | readonly number[])[]): readonly number[] {
  return curvature.map((row, i) => (typeof row === "number" ? row : row[i]));
}

/** What multiplies −∇L in the velocity that a rate R held over a step Δt amounts to: (1 − e^{−RΔt})/(hΔt). */
export function optimalGain(problem: NavigationProblem, curvature: number): number {
  const { timeStep } = problem.objective;
  const rate = continuousRate({ curvature, ...problem.objective });
  return -Math.expm1(-rate * timeStep) / (curvature * timeStep);
}
