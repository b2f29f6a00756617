import type { DoubleWellSpec } from "../problem/problem.js";
import type { Landscape } from "./landscape.js";

/** L = (x² − 1)² − tilt·x + Σ yᵢ². */
export function doubleWell({ dimension, tilt }: DoubleWellSpec): Landscape {
  return {
    kind: "double-well",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        const first = n * dimension;
        const x = points[first];
        const well = x * x - 1;
        let loss = well * well - tilt * x;
        if (gradients) gradients[first] = 4 * x * well - tilt;
        for (let i = first + 1; i < first + dimension; i++) {
          const y = points[i];
          loss += y * y;
          if (gradients) gradients[i] = 2 * y;
        }
        if (losses) losses[n] = loss;
      }
    },
    hessianVector(points, _instances, count, vectors, products) {
      for (let i = 0; i < count * dimension; i++) {
        const curvature = i % dimension === 0 ? 12 * points[i] * points[i] - 4 : 2;
        products[i] = curvature * vectors[i];
      }
    },
  };
}
