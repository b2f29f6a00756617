import type { Landscape } from "./landscape.js";

/** ∂L/∂θⱼ by central differences: error of order step², balanced against rounding. */
export function centralGradient(
  loss: (parameters: Float64Array) => number,
  parameters: Float64Array,
): Float64Array {
  const at = parameters.slice();
  return parameters.map((value, j) => {
    const step = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(value));
    at[j] = value + step;
    const above = loss(at);
    at[j] = value - step;
    const below = loss(at);
    at[j] = value;
    return (above - below) / (2 * step);
  });
}

/** Hessian-vector products from a gradient: (∇L(θ + εv) − ∇L(θ − εv)) / 2ε, one batch each way. */
export function centralHessianVector(
  evaluate: Landscape["evaluate"],
  dimension: number,
): Landscape["hessianVector"] {
  return (points, instances, count, vectors, products) => {
    const shifted = new Float64Array(count * dimension);
    const below = new Float64Array(count * dimension);
    const steps = new Float64Array(count);
    for (let n = 0; n < count; n++) {
      let norm = 0;
      let size = 1;
      for (let i = n * dimension; i < (n + 1) * dimension; i++) {
        norm = Math.max(norm, Math.abs(vectors[i]));
        size = Math.max(size, Math.abs(points[i]));
      }
      steps[n] = norm === 0 ? 1 : (Math.cbrt(Number.EPSILON) * size) / norm;
    }
    const shift = (sign: number) => {
      for (let i = 0; i < shifted.length; i++) {
        shifted[i] = points[i] + sign * steps[Math.floor(i / dimension)] * vectors[i];
      }
    };
    shift(-1);
    evaluate(shifted, instances, count, null, below);
    shift(1);
    evaluate(shifted, instances, count, null, products);
    for (let i = 0; i < shifted.length; i++) {
      products[i] = (products[i] - below[i]) / (2 * steps[Math.floor(i / dimension)]);
    }
  };
}
