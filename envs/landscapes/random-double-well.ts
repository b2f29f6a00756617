import { fillNormalsFrom, pooled } from "./family.js";
import type { Landscape } from "./landscape.js";
import type { RandomDoubleWellSpec } from "./specs.js";

/** L = barrier·(x² − 1)² − tilt·x + ‖z‖² − x² with x = w·z. An instance is the barrier, the tilt and w. */
export function randomDoubleWell({ kind, dimension, tilt, barrier, pool }: RandomDoubleWellSpec): Landscape {
  // As many numbers as uniforms are drawn: normals come in pairs.
  const instanceSize = 2 + dimension + (dimension % 2);
  const between = ([low, high]: readonly [number, number], share: number) => low + (high - low) * share;

  /** The product of w with a row. */
  const along = (instances: Float64Array, n: number, rows: Float64Array): number => {
    let x = 0;
    for (let j = 0; j < dimension; j++) x += instances[n * instanceSize + 2 + j] * rows[n * dimension + j];
    return x;
  };

  const family: Landscape = {
    kind,
    dimension,
    instanceSize,
    gradientSource: "exact",
    bounds: [-2, 2],
    sampleInstance(uniform, instances, offset) {
      instances[offset] = between(barrier, uniform(0));
      instances[offset + 1] = between(tilt, uniform(1));
      fillNormalsFrom(uniform, 2, dimension, instances, offset + 2);
      let norm = 0;
      for (let j = 0; j < dimension; j++) norm += instances[offset + 2 + j] ** 2;
      for (let j = 0; j < dimension; j++) instances[offset + 2 + j] /= Math.sqrt(norm);
    },
    evaluate(points, instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        const x = along(instances, n, points);
        const own = n * instanceSize;
        const well = x * x - 1;
        const slope = 4 * instances[own] * x * well - instances[own + 1] - 2 * x;
        let norm = 0;
        for (let j = 0; j < dimension; j++) {
          const z = points[n * dimension + j];
          norm += z * z;
          if (gradients) gradients[n * dimension + j] = 2 * z + slope * instances[own + 2 + j];
        }
        if (losses) losses[n] = instances[own] * well * well - instances[own + 1] * x + norm - x * x;
      }
    },
    hessianVector(points, instances, count, vectors, products) {
      for (let n = 0; n < count; n++) {
        const x = along(instances, n, points);
        const own = n * instanceSize;
        const bend = (instances[own] * (12 * x * x - 4) - 2) * along(instances, n, vectors);
        for (let j = 0; j < dimension; j++)
          products[n * dimension + j] = 2 * vectors[n * dimension + j] + bend * instances[own + 2 + j];
      }
    },
  };
  return pooled(family, pool);
}
