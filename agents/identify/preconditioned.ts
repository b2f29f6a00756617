import { isLogUniform, type Matrix, type NavigationProblem } from "../../envs/index.js";
import { type GradientTransform, scaleByCurvature, scaleByMetric } from "../../solvers/index.js";
import { curvatureOf } from "../../solvers/rules/scale-by-curvature.js";
import { type Candidate, positive } from "./candidate.js";

/**
 * The rules that are told a metric or the curvature of a parabola. Where those are multiples of I the rules are
 * gradient descent, and not listed.
 */
export function preconditioned(problem: NavigationProblem): Candidate[] {
  const { landscape, geometry } = problem;
  const { metric } = geometry;
  const shaped = metric && !isScalar(metric);
  const natural = shaped ? [direct("natural gradient", scaleByMetric(metric))] : [];
  if (landscape.kind !== "quadratic" || isLogUniform(landscape.curvature)) return natural;
  const hessian = curvatureOf(problem);
  if (typeof hessian === "function" || isScalar(hessian.to2DArray())) return natural;
  return [
    ...natural,
    direct(
      "Newton",
      scaleByCurvature(hessian, (h) => 1 / h),
    ),
    {
      name: "Newton",
      memory: "none",
      degree: 1,
      axes: [positive("damping", [0.01, 0.1, 1])],
      columns: ({ damping }) => [scaleByCurvature(hessian, (h) => 1 / (h + damping))],
    },
    direct(
      "ballistic",
      scaleByCurvature(hessian, (h) => 1 / Math.sqrt(Math.max(Math.abs(h), 1e-8)), metric),
    ),
  ];
}

function direct(name: string, column: GradientTransform): Candidate {
  return { name, memory: "none", degree: 1, axes: [], columns: () => [column] };
}

function isScalar(matrix: Matrix): boolean {
  return matrix.every((row, i) => row.every((value, j) => value === (i === j ? matrix[0][0] : 0)));
}
