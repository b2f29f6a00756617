import { cholesky, flatten, multiplyAdd } from "../problem/linear-algebra.js";
import { isDense, isLogUniform, type QuadraticSpec } from "../problem/problem.js";
import type { Landscape } from "./landscape.js";
import { minimumAt } from "./pointwise.js";

/** L = ½zᵀHz with z = θ − μ. */
export function quadratic({ dimension, curvature }: QuadraticSpec): Landscape {
  if (isLogUniform(curvature)) return hiddenDiagonal(dimension, ...curvature.logUniform);
  return isDense(curvature) ? dense(dimension, flatten(curvature)) : diagonal(Float64Array.from(curvature));
}

function diagonal(h: Float64Array): Landscape {
  const dimension = h.length;
  const roots = h.map(Math.sqrt);
  return {
    kind: "quadratic",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-2, 2],
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0, i = 0; n < count; n++) {
        let loss = 0;
        for (let j = 0; j < dimension; j++, i++) {
          const z = points[i];
          const slope = h[j] * z;
          loss += slope * z;
          if (gradients) gradients[i] = slope;
        }
        if (losses) losses[n] = 0.5 * loss;
      }
    },
    hessianVector(_points, _instances, count, vectors, products) {
      for (let i = 0; i < count * dimension; i++) products[i] = h[i % dimension] * vectors[i];
    },
    shapeFisherNoise(_instances, count, normals) {
      for (let i = 0; i < count * dimension; i++) normals[i] *= roots[i % dimension];
    },
  };
}

/** Each instance is its own diagonal h, drawn log-uniformly. */
function hiddenDiagonal(dimension: number, low: number, high: number): Landscape {
  const logLow = Math.log(low);
  const logRange = Math.log(high) - logLow;
  return {
    kind: "quadratic",
    dimension,
    instanceSize: dimension,
    gradientSource: "exact",
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-2, 2],
    sampleInstance(uniform, instances, offset) {
      for (let j = 0; j < dimension; j++) instances[offset + j] = Math.exp(logLow + logRange * uniform(j));
    },
    evaluate(points, h, count, losses, gradients) {
      for (let n = 0, i = 0; n < count; n++) {
        let loss = 0;
        for (let j = 0; j < dimension; j++, i++) {
          const z = points[i];
          const slope = h[i] * z;
          loss += slope * z;
          if (gradients) gradients[i] = slope;
        }
        if (losses) losses[n] = 0.5 * loss;
      }
    },
    hessianVector(_points, h, count, vectors, products) {
      for (let i = 0; i < count * dimension; i++) products[i] = h[i] * vectors[i];
    },
    shapeFisherNoise(h, count, normals) {
      for (let i = 0; i < count * dimension; i++) normals[i] *= Math.sqrt(h[i]);
    },
  };
}

function dense(dimension: number, h: Float64Array): Landscape {
  const factor = cholesky(h, dimension) as Float64Array;
  const row = new Float64Array(dimension);
  const multiplyRows = (matrix: Float64Array, count: number, vectors: Float64Array, out: Float64Array) => {
    for (let n = 0; n < count; n++) {
      row.fill(0);
      multiplyAdd(matrix, dimension, dimension, vectors, n * dimension, 1, row, 0);
      out.set(row, n * dimension);
    }
  };
  return {
    kind: "quadratic",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-2, 2],
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        row.fill(0);
        multiplyAdd(h, dimension, dimension, points, n * dimension, 1, row, 0);
        let loss = 0;
        for (let j = 0; j < dimension; j++) loss += row[j] * points[n * dimension + j];
        if (losses) losses[n] = 0.5 * loss;
        if (gradients) gradients.set(row, n * dimension);
      }
    },
    hessianVector(_points, _instances, count, vectors, products) {
      multiplyRows(h, count, vectors, products);
    },
    shapeFisherNoise(_instances, count, normals) {
      multiplyRows(factor, count, normals, normals);
    },
  };
}
