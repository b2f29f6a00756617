import type { NavigationProblem } from "../../envs/problem/problem.js";
import { isDiagonal, toMatrix } from "../dense.js";
import { requireVelocity } from "../modelled.js";
import type { ScalarProblem } from "../scalar.js";

/**
 * The scalar problem of each entry i of a row-major `[n, d]` batch, where coordinates do not interact.
 *
 * @throws Error when a drift, a control or a dense metric couples them
 */
export function separableObjective(
  problem: NavigationProblem,
): (i: number, curvature: number) => ScalarProblem {
  const { geometry, objective } = problem;
  requireVelocity(problem);
  if (geometry.drift) throw new Error("geometry.drift: must be absent when the curvature is hidden");
  if (geometry.control) throw new Error("geometry.control: must be absent when the curvature is hidden");
  const { mobility, lossWeight, discountRate, timeStep } = objective;
  const metric = geometry.metric ? toMatrix(geometry.metric) : undefined;
  if (metric && !isDiagonal(metric))
    throw new Error("geometry.metric: must be diagonal when the curvature is hidden");
  const weights = metric?.diagonal() ?? [1];
  return (i, curvature) => ({
    curvature,
    metric: weights[i % weights.length],
    mobility,
    lossWeight,
    discountRate,
    timeStep,
  });
}
