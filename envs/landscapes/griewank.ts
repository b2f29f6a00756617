import type { Landscape } from "./landscape.js";
import { minimumAt, pointwise } from "./pointwise.js";

/**
 * L = 1 + Σxᵢ²/4000 − Πcos(xᵢ/√i). Products of all factors but one come from those before and those after it,
 * so that a factor of 0 does no harm; their movement along a vector gives the Hessian.
 */
export function griewank(dimension: number): Landscape {
  const frequencies = Float64Array.from({ length: dimension }, (_, j) => 1 / Math.sqrt(j + 1));
  const before = new Float64Array(dimension + 1);
  const after = new Float64Array(dimension + 1);
  const movedBefore = new Float64Array(dimension + 1);
  const movedAfter = new Float64Array(dimension + 1);
  const multiply = (points: Float64Array, first: number) => {
    before[0] = 1;
    after[dimension] = 1;
    for (let j = 0; j < dimension; j++)
      before[j + 1] = before[j] * Math.cos(points[first + j] * frequencies[j]);
    for (let j = dimension - 1; j >= 0; j--)
      after[j] = after[j + 1] * Math.cos(points[first + j] * frequencies[j]);
  };
  /** Movement of the cosine of coordinate j. */
  const moved = (points: Float64Array, vectors: Float64Array, first: number, j: number) =>
    -Math.sin(points[first + j] * frequencies[j]) * frequencies[j] * vectors[first + j];
  return pointwise({
    kind: "griewank",
    dimension,
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-10, 10],
    evaluateAt(points, first, losses, n, gradients) {
      let squares = 0;
      multiply(points, first);
      for (let j = 0; j < dimension; j++) {
        const x = points[first + j];
        squares += x * x;
        if (!gradients) continue;
        const others = before[j] * after[j + 1];
        gradients[first + j] = x / 2000 + frequencies[j] * Math.sin(x * frequencies[j]) * others;
      }
      losses[n] = 1 - before[dimension] + squares / 4000;
    },
    multiplyAt(points, first, vectors, products) {
      multiply(points, first);
      for (let j = 0; j < dimension; j++) {
        const cosine = Math.cos(points[first + j] * frequencies[j]);
        movedBefore[j + 1] = movedBefore[j] * cosine + before[j] * moved(points, vectors, first, j);
      }
      for (let j = dimension - 1; j >= 0; j--) {
        const cosine = Math.cos(points[first + j] * frequencies[j]);
        movedAfter[j] = movedAfter[j + 1] * cosine + after[j + 1] * moved(points, vectors, first, j);
      }
      for (let j = 0; j < dimension; j++) {
        const f = frequencies[j];
        const phase = points[first + j] * f;
        const v = vectors[first + j];
        const others = before[j] * after[j + 1];
        const movedOthers = movedBefore[j] * after[j + 1] + before[j] * movedAfter[j + 1];
        products[first + j] =
          v / 2000 + f * (Math.cos(phase) * f * v * others + Math.sin(phase) * movedOthers);
      }
    },
  });
}
