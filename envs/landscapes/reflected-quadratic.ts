import { fillNormalsFrom } from "./family.js";
import type { Landscape } from "./landscape.js";
import { minimumAt } from "./pointwise.js";
import { sampleEigenvalues } from "./random-quadratic.js";
import type { RandomQuadraticSpec } from "./specs.js";

/**
 * L = ½zᵀRΛRz with the reflection R = I − 2wwᵀ (Householder), w uniform on the sphere: products cost O(d). An instance
 * is the d eigenvalues and then w.
 */
export function reflected(spec: RandomQuadraticSpec): Landscape {
  const { kind, dimension } = spec;
  // As many numbers as uniforms are drawn: normals come in pairs.
  const instanceSize = 2 * dimension + (dimension % 2);
  const row = new Float64Array(dimension);

  /** row = R·row, for the w at `at`. */
  const reflect = (instances: Float64Array, at: number) => {
    let along = 0;
    for (let j = 0; j < dimension; j++) along += instances[at + j] * row[j];
    for (let j = 0; j < dimension; j++) row[j] -= 2 * along * instances[at + j];
  };

  /** row = RΛR·vectors[n]; returns half the product of the two. */
  const multiply = (instances: Float64Array, n: number, vectors: Float64Array): number => {
    const own = n * instanceSize;
    for (let j = 0; j < dimension; j++) row[j] = vectors[n * dimension + j];
    reflect(instances, own + dimension);
    let product = 0;
    for (let j = 0; j < dimension; j++) {
      const steep = instances[own + j] * row[j];
      product += steep * row[j];
      row[j] = steep;
    }
    reflect(instances, own + dimension);
    return 0.5 * product;
  };

  return {
    kind,
    dimension,
    instanceSize,
    gradientSource: "exact",
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-2, 2],
    sampleInstance(uniform, instances, offset) {
      sampleEigenvalues(spec, uniform, instances, offset);
      const at = offset + dimension;
      fillNormalsFrom(uniform, dimension, dimension, instances, at);
      let norm = 0;
      for (let j = 0; j < dimension; j++) norm += instances[at + j] ** 2;
      for (let j = 0; j < dimension; j++) instances[at + j] /= Math.sqrt(norm);
    },
    evaluate(points, instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        const loss = multiply(instances, n, points);
        if (losses) losses[n] = loss;
        if (gradients) gradients.set(row, n * dimension);
      }
    },
    hessianVector(_points, instances, count, vectors, products) {
      for (let n = 0; n < count; n++) {
        multiply(instances, n, vectors);
        products.set(row, n * dimension);
      }
    },
    shapeFisherNoise(instances, count, normals) {
      for (let n = 0; n < count; n++) {
        const own = n * instanceSize;
        for (let j = 0; j < dimension; j++)
          row[j] = Math.sqrt(instances[own + j]) * normals[n * dimension + j];
        reflect(instances, own + dimension);
        normals.set(row, n * dimension);
      }
    },
  };
}
