import { EigenvalueDecomposition, inverse, Matrix } from "ml-matrix";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { isDiagonal, minus, symmetrise, toMatrix } from "../dense.js";
import { requirePromptGradient } from "../modelled.js";
import { type GradientModel, gradientModelOf } from "./gradient-model.js";

/**
 * Coordinates in which k seen entries of a noisy gradient, y = C(θ − μ) + noise, are k independent looks.
 *
 * z = T(θ − μ₀) − Uy = T(μ − μ₀) + noise, where U makes the noise white and the prior covariance of T(μ − μ₀), T = UC,
 * diagonal. Since all of μ − μ₀ ages alike, what no look tells stays independent of what they tell.
 * A diagonal problem seen whole has d entries for each of these matrices, any other all of them.
 */
export interface Evidence {
  /** d, and k ≤ d. */
  readonly dimension: number;
  readonly seen: number;
  readonly isDiagonal: boolean;
  /** μ₀, shape [d]. */
  readonly mean: Float64Array;
  /** T, shape [k, d], and U, shape [k, k], row-major. */
  readonly whiten: Float64Array;
  readonly whitenGradient: Float64Array;
  /** Σ₀Tᵀ(TΣ₀Tᵀ)⁻¹, which is T⁻¹ where all is seen, shape [d, k], row-major. */
  readonly unwhiten: Float64Array;
  /** Prior variances of the coordinates of T(μ − μ₀), in units of the noise, shape [k]. */
  readonly priorVariance: Float64Array;
  /** Covariance of the rest of μ, which no look tells, shape [d, d]; 0 where all is seen. */
  readonly unseen: Matrix;
}

/**
 * @throws Error when the landscape is not a known quadratic, the task has no prior, or the gradient is exact or late
 */
export function evidenceOf(problem: NavigationProblem): Evidence {
  const { task } = problem;
  if (task.mean === undefined || task.covariance === undefined) {
    throw new Error(`task: needs a mean and a covariance for a belief, got ${JSON.stringify(task)}`);
  }
  const model = gradientModelOf(problem);
  requirePromptGradient(problem);
  if (model.noise.get(0, 0) === 0) {
    throw new Error(
      "observation.noise: must be > 0 for a belief, got 0; an exact gradient tells the minimum",
    );
  }
  const covariance = toMatrix(task.covariance);
  const whole = model.observation.rows === covariance.rows;
  const separate = whole && [model.observation, covariance].every(isDiagonal);
  const transform = separate ? diagonalTransform : denseTransform;
  return {
    dimension: covariance.rows,
    seen: model.noise.rows,
    mean: Float64Array.from(task.mean),
    ...transform(model, covariance),
  };
}

type Transform = Omit<Evidence, "dimension" | "seen" | "mean">;

function diagonalTransform({ observation, noise }: GradientModel, covariance: Matrix): Transform {
  const h = observation.diagonal();
  const whiten = noise.diagonal().map((variance, i) => h[i] / Math.sqrt(variance));
  return {
    isDiagonal: true,
    whiten: Float64Array.from(whiten),
    whitenGradient: Float64Array.from(whiten, (value, i) => value / h[i]),
    unwhiten: Float64Array.from(whiten, (value) => 1 / value),
    priorVariance: Float64Array.from(whiten, (value, i) => value * value * covariance.get(i, i)),
    unseen: Matrix.zeros(h.length, h.length),
  };
}

/** W = R^{−1/2}C; then U = QᵀR^{−1/2} with WΣ₀Wᵀ = QΛQᵀ. */
function denseTransform({ observation, noise }: GradientModel, covariance: Matrix): Transform {
  const { eigenvectorMatrix: v, realEigenvalues: r } = symmetricEigen(noise);
  const white = v.mmul(Matrix.diag(r.map((value) => 1 / Math.sqrt(value)))).mmul(v.transpose());
  const looks = white.mmul(observation);
  const prior = symmetrise(looks.mmul(covariance).mmul(looks.transpose()));
  const { eigenvectorMatrix: q, realEigenvalues: variances } = symmetricEigen(prior);
  const whiten = q.transpose().mmul(looks);
  const whole = observation.rows === observation.columns;
  const unwhiten = whole ? inverse(looks).mmul(q) : regression(covariance, whiten, variances);
  return {
    isDiagonal: false,
    whiten: flat(whiten),
    whitenGradient: flat(q.transpose().mmul(white)),
    unwhiten: flat(unwhiten),
    priorVariance: Float64Array.from(variances, (value) => Math.max(value, 0)),
    unseen: whole ? Matrix.zeros(whiten.rows, whiten.rows) : residual(covariance, unwhiten, variances),
  };
}

function symmetricEigen(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}

/** Of μ on T(μ − μ₀); a look at what the prior knows already tells nothing. */
function regression(covariance: Matrix, whiten: Matrix, variances: readonly number[]): Matrix {
  const negligible = 1e-14 * Math.max(...variances);
  const inverses = variances.map((value) => (value > negligible ? 1 / value : 0));
  return covariance.mmul(whiten.transpose()).mmul(Matrix.diag(inverses));
}

function residual(covariance: Matrix, unwhiten: Matrix, variances: readonly number[]): Matrix {
  const told = unwhiten.mmul(Matrix.diag([...variances])).mmul(unwhiten.transpose());
  return symmetrise(minus(covariance, told));
}

function flat(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.to1DArray());
}

/** z of every environment, shape [n, k], from gradients [n, k] and parameters [n, d]. */
export function whitenInto(
  evidence: Evidence,
  gradients: Float64Array,
  parameters: Float64Array,
  batch: number,
  out: Float64Array,
): void {
  const { dimension: d, seen: k, mean, whiten, whitenGradient } = evidence;
  if (evidence.isDiagonal) {
    for (let e = 0, i = 0; e < batch; e++) {
      for (let j = 0; j < d; j++, i++)
        out[i] = whiten[j] * (parameters[i] - mean[j]) - whitenGradient[j] * gradients[i];
    }
    return;
  }
  for (let e = 0; e < batch; e++) {
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += whiten[i * d + j] * (parameters[e * d + j] - mean[j]);
      for (let j = 0; j < k; j++) sum -= whitenGradient[i * k + j] * gradients[e * k + j];
      out[e * k + i] = sum;
    }
  }
}

/** μ̂ of every environment, shape [n, d], from means of T(μ − μ₀), shape [n, k]. */
export function unwhitenInto(
  evidence: Evidence,
  means: Float64Array,
  batch: number,
  out: Float64Array,
): void {
  const { dimension: d, seen: k } = evidence;
  for (let e = 0; e < batch; e++) {
    for (let i = 0; i < d; i++) out[e * d + i] = meanOf(evidence, i, means, e * k);
  }
}

/** E[μᵢ] where T(μ − μ₀) has the mean that stands in `means` from `first` on. */
export function meanOf(
  { isDiagonal, seen: k, mean, unwhiten }: Evidence,
  i: number,
  means: Float64Array,
  first: number,
): number {
  if (isDiagonal) return mean[i] + unwhiten[i] * means[first + i];
  let sum = mean[i];
  for (let j = 0; j < k; j++) sum += unwhiten[i * k + j] * means[first + j];
  return sum;
}

/** Var[μᵢ] where the coordinates of T(μ − μ₀) have these variances, shape [k]. */
export function varianceOf(
  { isDiagonal, seen: k, unwhiten, unseen }: Evidence,
  i: number,
  variances: Float64Array,
): number {
  if (isDiagonal) return unwhiten[i] ** 2 * variances[i];
  let sum = unseen.get(i, i);
  for (let j = 0; j < k; j++) sum += unwhiten[i * k + j] ** 2 * variances[j];
  return sum;
}
