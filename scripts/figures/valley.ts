import { defineProblem, type NavigationProblem } from "../../envs/index.js";
import { type RiccatiSolution, solveLinearQuadratic } from "../../solvers/index.js";
import type { Point } from "./flow.js";

/** L = ½θᵀHθ with curvatures 4 : 1, the valley of figures 2. */
export const curvature = [4, 1] as const;

export function valleyLoss([x, y]: Point): number {
  return (curvature[0] * x * x + curvature[1] * y * y) / 2;
}

/** The continuous optimum of a quadratic landscape, η = k = 1. */
export function optimumOf(
  landscape: { readonly curvature: number | number[] | number[][]; readonly minimum?: number[] },
  discountRate: number,
  geometry: NavigationProblem["geometry"] = {},
): RiccatiSolution {
  const objective = { mobility: 1, lossWeight: 1, discountRate };
  return solveLinearQuadratic(
    defineProblem({ landscape: { kind: "quadratic", ...landscape }, objective, geometry }),
  ).continuous;
}
