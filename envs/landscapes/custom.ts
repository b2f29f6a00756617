import type { CustomSpec } from "../problem/problem.js";
import { centralGradient, centralHessianVector } from "./differences.js";
import type { Landscape } from "./landscape.js";

/** A caller's own loss. The gradient comes from central differences of the loss when it is not given. */
export function custom(spec: CustomSpec): Landscape {
  const { dimension, loss, gradient, hessianVector, exampleCount, minibatchGradient, minibatchLoss } = spec;
  const parameters = new Float64Array(dimension);
  const vector = new Float64Array(dimension);
  const slope = gradient ?? ((at: Float64Array) => centralGradient(loss, at));
  const load = (rows: Float64Array, n: number, out: Float64Array) =>
    out.set(rows.subarray(n * dimension, (n + 1) * dimension));
  const evaluate: Landscape["evaluate"] = (points, _instances, count, losses, gradients) => {
    for (let n = 0; n < count; n++) {
      load(points, n, parameters);
      if (losses) losses[n] = loss(parameters);
      if (gradients) store("gradient", slope(parameters), gradients, n, dimension);
    }
  };
  const multiply: Landscape["hessianVector"] | undefined =
    hessianVector &&
    ((points, _instances, count, vectors, products) => {
      for (let n = 0; n < count; n++) {
        load(points, n, parameters);
        load(vectors, n, vector);
        store("hessianVector", hessianVector(parameters, vector), products, n, dimension);
      }
    });
  const sampled: Landscape["minibatchGradient"] | undefined =
    minibatchGradient &&
    ((points, examples, batchSize, count, gradients, _instances, losses) => {
      for (let n = 0; n < count; n++) {
        load(points, n, parameters);
        const chosen = examples.slice(n * batchSize, (n + 1) * batchSize);
        store("minibatchGradient", minibatchGradient(parameters, chosen), gradients, n, dimension);
        if (losses && minibatchLoss) losses[n] = minibatchLoss(parameters, chosen);
      }
    });
  return {
    kind: "custom",
    dimension,
    instanceSize: 0,
    precision: spec.precision,
    gradientSource: gradient ? "exact" : "central-differences",
    evaluate,
    hessianVector: multiply ?? centralHessianVector(evaluate, dimension),
    ...(exampleCount !== undefined && sampled && { exampleCount, minibatchGradient: sampled }),
    ...(minibatchLoss && { hasMinibatchLoss: true }),
  };
}

function store(
  name: string,
  values: ArrayLike<number>,
  out: Float64Array,
  n: number,
  dimension: number,
): void {
  if (values.length !== dimension)
    throw new Error(`landscape.${name}: must return ${dimension} numbers, got ${values.length}`);
  out.set(values, n * dimension);
}
