import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { diagonal } from "../../envs/problem/linear-algebra.js";
import {
  isDense,
  isLogUniform,
  type NavigationProblem,
  type Matrix as Rows,
  type Vector,
} from "../../envs/problem/problem.js";
import { isDiagonal, symmetrise, toMatrix } from "../dense.js";
import { requirePromptGradient } from "../modelled.js";

/**
 * Coordinates in which a noisy gradient is an independent look at each coordinate of the minimum.
 *
 * z = T(θ − H⁻¹y − μ₀) = T(μ − μ₀) + noise, where T makes the noise white and the prior covariance diagonal.
 * A diagonal T (and its inverse) has d entries, a dense one d².
 */
export interface Evidence {
  readonly dimension: number;
  readonly isDiagonal: boolean;
  /** μ₀, shape [d]. */
  readonly mean: Float64Array;
  /** T, and TH⁻¹, row-major. */
  readonly whiten: Float64Array;
  readonly whitenGradient: Float64Array;
  /** T⁻¹, row-major. */
  readonly unwhiten: Float64Array;
  /** Prior variances of the coordinates of T(μ − μ₀), in units of the noise, shape [d]. */
  readonly priorVariance: Float64Array;
}

/**
 * @throws Error when the landscape is not a known quadratic, the task has no prior, or the gradient is exact
 */
export function evidenceOf(problem: NavigationProblem): Evidence {
  const { task } = problem;
  if (task.mean === undefined || task.covariance === undefined) {
    throw new Error(`task: needs a mean and a covariance for a belief, got ${JSON.stringify(task)}`);
  }
  const curvature = knownCurvatureOf(problem);
  const noise = noiseOf(problem);
  if (noise.kind === "isotropic" && noise.deviation === 0) {
    throw new Error(
      "observation.noise: must be > 0 for a belief, got 0; an exact gradient tells the minimum",
    );
  }
  const covariance = toMatrix(task.covariance);
  const transform = isDiagonal(curvature) && isDiagonal(covariance) ? diagonalTransform : denseTransform;
  return {
    dimension: curvature.rows,
    mean: Float64Array.from(task.mean),
    ...transform(curvature, covariance, noise),
  };
}

export type Noise =
  | { readonly kind: "isotropic"; readonly deviation: number }
  | { readonly kind: "fisher"; readonly batchSize: number };

/** @throws Error when the problem shows no gradient, a part of one, a late one, or one of real minibatches */
export function noiseOf(problem: NavigationProblem): Noise {
  const { observation } = problem;
  if (observation.kind !== "gradient")
    throw new Error(`observation.kind: must be "gradient", got "${observation.kind}"`);
  requirePromptGradient(problem);
  const { noise } = observation;
  if (typeof noise === "number") return { kind: "isotropic", deviation: noise };
  if ("fisher" in noise) return { kind: "fisher", batchSize: noise.fisher.batchSize };
  throw new Error("observation.noise: must be a standard deviation or fisher for a belief, got minibatch");
}

function knownCurvatureOf({ landscape }: NavigationProblem): Matrix {
  if (landscape.kind !== "quadratic")
    throw new Error(`landscape.kind: must be "quadratic" for a belief, got "${landscape.kind}"`);
  const { curvature } = landscape;
  if (isLogUniform(curvature))
    throw new Error("landscape.curvature: must be known for this belief, got logUniform; use curvatureGrid");
  return toMatrix(isDense(curvature) ? (curvature as Rows) : diagonal(curvature as Vector));
}

type Transform = Omit<Evidence, "dimension" | "mean">;

function diagonalTransform(curvature: Matrix, covariance: Matrix, noise: Noise): Transform {
  const h = curvature.diagonal();
  const whiten = h.map((value) =>
    noise.kind === "fisher" ? Math.sqrt(value * noise.batchSize) : value / noise.deviation,
  );
  return {
    isDiagonal: true,
    whiten: Float64Array.from(whiten),
    whitenGradient: Float64Array.from(whiten, (value, i) => value / h[i]),
    unwhiten: Float64Array.from(whiten, (value) => 1 / value),
    priorVariance: Float64Array.from(whiten, (value, i) => value * value * covariance.get(i, i)),
  };
}

/** W = N^{−1/2} for the noise covariance N of H⁻¹y; then Uᵀ with WΣ₀W = UΛUᵀ. */
function denseTransform(curvature: Matrix, covariance: Matrix, noise: Noise): Transform {
  const { eigenvectorMatrix: q, realEigenvalues: h } = new EigenvalueDecomposition(curvature, {
    assumeSymmetric: true,
  });
  const shaped = (of: (value: number) => number) => q.mmul(Matrix.diag(h.map(of))).mmul(q.transpose());
  const root = (value: number) =>
    noise.kind === "fisher" ? Math.sqrt(value * noise.batchSize) : value / noise.deviation;
  const white = symmetrise(shaped(root).mmul(covariance).mmul(shaped(root)));
  const { eigenvectorMatrix: u, realEigenvalues } = new EigenvalueDecomposition(white, {
    assumeSymmetric: true,
  });
  return {
    isDiagonal: false,
    whiten: flat(u.transpose().mmul(shaped(root))),
    whitenGradient: flat(u.transpose().mmul(shaped((value) => root(value) / value))),
    unwhiten: flat(shaped((value) => 1 / root(value)).mmul(u)),
    priorVariance: Float64Array.from(realEigenvalues, (value) => Math.max(value, 0)),
  };
}

function flat(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.to1DArray());
}

/** z of every environment: T(θ − μ₀) − TH⁻¹y, shape [n, d]. */
export function whitenInto(
  evidence: Evidence,
  gradients: Float64Array,
  parameters: Float64Array,
  batch: number,
  out: Float64Array,
): void {
  const { dimension: d, mean, whiten, whitenGradient } = evidence;
  if (evidence.isDiagonal) {
    for (let e = 0, i = 0; e < batch; e++) {
      for (let j = 0; j < d; j++, i++)
        out[i] = whiten[j] * (parameters[i] - mean[j]) - whitenGradient[j] * gradients[i];
    }
    return;
  }
  for (let e = 0; e < batch; e++) {
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        sum +=
          whiten[i * d + j] * (parameters[e * d + j] - mean[j]) -
          whitenGradient[i * d + j] * gradients[e * d + j];
      }
      out[e * d + i] = sum;
    }
  }
}

/** μ̂ = μ₀ + T⁻¹m of every environment, shape [n, d]. */
export function unwhitenInto(
  evidence: Evidence,
  means: Float64Array,
  batch: number,
  out: Float64Array,
): void {
  const { dimension: d, mean, unwhiten } = evidence;
  for (let e = 0; e < batch; e++) {
    for (let i = 0; i < d; i++) {
      if (evidence.isDiagonal) {
        out[e * d + i] = mean[i] + unwhiten[i] * means[e * d + i];
        continue;
      }
      let sum = mean[i];
      for (let j = 0; j < d; j++) sum += unwhiten[i * d + j] * means[e * d + j];
      out[e * d + i] = sum;
    }
  }
}
