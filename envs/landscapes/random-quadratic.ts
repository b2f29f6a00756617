import { multiplyAdd, multiplyTransposedAdd } from "../problem/linear-algebra.js";
import { fillNormalsFrom, pooled } from "./family.js";
import type { Landscape } from "./landscape.js";
import { minimumAt } from "./pointwise.js";
import { reflected } from "./reflected-quadratic.js";
import type { RandomQuadraticSpec } from "./specs.js";

/** L = ½zᵀHz, H with eigenvalues log-uniform between 1/conditionNumber and 1, turned at random. */
export function randomQuadratic(spec: RandomQuadraticSpec): Landscape {
  return pooled(spec.rotation === "householder" ? reflected(spec) : turned(spec), spec.pool);
}

/** The eigenvalues: the least and the greatest at the ends; uniform numbers 0 … d − 3 place the others. */
export function sampleEigenvalues(
  { dimension, conditionNumber }: RandomQuadraticSpec,
  uniform: (i: number) => number,
  instances: Float64Array,
  offset: number,
): void {
  for (let j = 0; j < dimension; j++) {
    const share = j === 0 ? 0 : j === dimension - 1 ? 1 : uniform(j - 1);
    instances[offset + j] = conditionNumber ** -share;
  }
}

/** H = FFᵀ, F = QΛ^{1/2} for a rotation Q uniform over all (Haar). An instance is the d eigenvalues and then F, row by row. */
function turned(spec: RandomQuadraticSpec): Landscape {
  const { kind, dimension } = spec;
  const size = dimension * dimension;
  const instanceSize = dimension + size;
  const inner = new Float64Array(dimension);
  const factor = new Float64Array(size);
  const row = new Float64Array(dimension);

  /** row = FFᵀ·vectors[first…]; returns half the product of the two. */
  const multiply = (instances: Float64Array, n: number, vectors: Float64Array): number => {
    const first = n * dimension;
    for (let i = 0; i < size; i++) factor[i] = instances[n * instanceSize + dimension + i];
    inner.fill(0);
    row.fill(0);
    multiplyTransposedAdd(factor, dimension, dimension, vectors, first, 1, inner, 0);
    multiplyAdd(factor, dimension, dimension, inner, 0, 1, row, 0);
    let norm = 0;
    for (let j = 0; j < dimension; j++) norm += inner[j] * inner[j];
    return 0.5 * norm;
  };

  return {
    kind,
    dimension,
    instanceSize,
    gradientSource: "exact",
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-2, 2],
    sampleInstance(uniform, instances, offset) {
      const base = Math.max(dimension - 2, 0);
      sampleEigenvalues(spec, uniform, instances, offset);
      fillNormalsFrom(uniform, base, size, instances, offset + dimension);
      orthonormalise(instances, offset + dimension, dimension);
      for (let i = 0; i < size; i++)
        instances[offset + dimension + i] *= Math.sqrt(instances[offset + (i % dimension)]);
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
        for (let i = 0; i < size; i++) factor[i] = instances[n * instanceSize + dimension + i];
        row.fill(0);
        multiplyAdd(factor, dimension, dimension, normals, n * dimension, 1, row, 0);
        normals.set(row, n * dimension);
      }
    },
  };
}

/** Makes the rows of a square matrix orthonormal (Gram-Schmidt, twice for rounding); of normals, that is Haar. */
function orthonormalise(matrix: Float64Array, offset: number, size: number): void {
  for (let i = 0; i < size; i++) {
    const own = offset + i * size;
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const other = offset + k * size;
        let along = 0;
        for (let j = 0; j < size; j++) along += matrix[own + j] * matrix[other + j];
        for (let j = 0; j < size; j++) matrix[own + j] -= along * matrix[other + j];
      }
      let norm = 0;
      for (let j = 0; j < size; j++) norm += matrix[own + j] * matrix[own + j];
      for (let j = 0; j < size; j++) matrix[own + j] /= Math.sqrt(norm);
    }
  }
}
