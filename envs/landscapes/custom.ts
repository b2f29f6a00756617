import type { CustomSpec } from "../problem/problem.js";
import { centralGradient, centralHessianVector } from "./differences.js";
import type { Landscape } from "./landscape.js";

/** A caller's own loss. The gradient comes from central differences of the loss when it is not given. */
export function custom({ dimension, loss, gradient }: CustomSpec): Landscape {
  const parameters = new Float64Array(dimension);
  const slope = gradient ?? ((at: Float64Array) => centralGradient(loss, at));
  const evaluate: Landscape["evaluate"] = (points, _instances, count, losses, gradients) => {
    for (let n = 0; n < count; n++) {
      parameters.set(points.subarray(n * dimension, (n + 1) * dimension));
      if (losses) losses[n] = loss(parameters);
      if (gradients) gradients.set(checkedLength(slope(parameters), dimension), n * dimension);
    }
  };
  return {
    kind: "custom",
    dimension,
    instanceSize: 0,
    gradientSource: gradient ? "exact" : "central-differences",
    evaluate,
    hessianVector: centralHessianVector(evaluate, dimension),
  };
}

function checkedLength(gradient: ArrayLike<number>, dimension: number): ArrayLike<number> {
  if (gradient.length === dimension) return gradient;
  throw new Error(`landscape.gradient: must return ${dimension} numbers, got ${gradient.length}`);
}
