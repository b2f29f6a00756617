import { inverse, Matrix } from "ml-matrix";
import { createLandscape } from "../../envs/landscapes/create-landscape.js";
import type { Landscape } from "../../envs/landscapes/landscape.js";
import { diagonal } from "../../envs/problem/linear-algebra.js";
import {
  hidesMinimum,
  isDense,
  isLogUniform,
  type NavigationProblem,
  type Matrix as Rows,
} from "../../envs/problem/problem.js";
import { symmetrise, toMatrix } from "../dense.js";
import { spectralFunction } from "./spectral.js";
import type { GradientTransform } from "./transform.js";

/** H at a point, shape [d, d]: the same everywhere, or a function of θ. */
export type Curvature = Matrix | ((parameters: Float64Array) => Matrix);

/** G⁻¹g for a constant metric, shape [d, d]. The state is d. */
export function scaleByMetric(metric: Rows): GradientTransform<number> {
  return multiplyBy(inverse(toMatrix(metric)));
}

/**
 * G^{−1/2}f(W)G^{−1/2}g with W = G^{−1/2}HG^{−1/2}: f(h) = 1/h is Newton's step, f(h) = h^{−1/2} the ballistic one. G is I
 * when absent. The state is d.
 */
export function scaleByCurvature(
  curvature: Curvature,
  of: (eigenvalue: number) => number,
  metric?: Rows,
): GradientTransform<number> {
  const unroot = metric && spectralFunction(toMatrix(metric), (value) => 1 / Math.sqrt(value));
  const shaped = (hessian: Matrix) => {
    if (!unroot) return spectralFunction(hessian, of);
    const white = symmetrise(unroot.mmul(hessian).mmul(unroot));
    return unroot.mmul(spectralFunction(white, of)).mmul(unroot);
  };
  if (typeof curvature !== "function") return multiplyBy(shaped(curvature));
  return {
    readsParameters: true,
    init: (_, dimension) => dimension,
    update: (updates, d, parameters) => {
      for (let first = 0; first < updates.length; first += d) {
        const own = updates.subarray(first, first + d);
        multiplyRow(shaped(curvature(parameters.subarray(first, first + d))), own);
      }
      return d;
    },
  };
}

function multiplyBy(matrix: Matrix): GradientTransform<number> {
  return {
    init: (_, dimension) => {
      if (matrix.rows !== dimension)
        throw new Error(`matrix: must have ${dimension} rows, as many as parameters, got ${matrix.rows}`);
      return dimension;
    },
    update: (updates, d) => {
      for (let first = 0; first < updates.length; first += d)
        multiplyRow(matrix, updates.subarray(first, first + d));
      return d;
    },
  };
}

function multiplyRow(matrix: Matrix, row: Float64Array): void {
  row.set(matrix.mmul(Matrix.columnVector(row)).to1DArray());
}

/**
 * The landscape's own Hessian, for rules that are told the curvature.
 *
 * @throws Error when the curvature is hidden, or depends on where a hidden minimum lies
 */
export function curvatureOf(problem: NavigationProblem): Curvature {
  const { landscape: spec } = problem;
  if (spec.kind === "quadratic") {
    const { curvature } = spec;
    if (isLogUniform(curvature))
      throw new Error("curvature: must be given where the landscape hides its own, got logUniform");
    return toMatrix(isDense(curvature) ? curvature : diagonal(curvature));
  }
  if (hidesMinimum(problem))
    throw new Error(`curvature: must be given where the minimum of a "${spec.kind}" landscape is hidden`);
  const landscape = createLandscape(spec);
  return (parameters) => hessianAt(landscape, parameters);
}

function hessianAt(landscape: Landscape, parameters: Float64Array): Matrix {
  const d = parameters.length;
  const points = Float64Array.from({ length: d * d }, (_, i) => parameters[i % d]);
  const units = Float64Array.from(Matrix.eye(d).to1DArray());
  const products = new Float64Array(d * d);
  const instances = new Float64Array(d * landscape.instanceSize);
  landscape.hessianVector(points, instances, d, units, products);
  return symmetrise(Matrix.from1DArray(d, d, Array.from(products)));
}
