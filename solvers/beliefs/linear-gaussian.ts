import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { Matrix as Rows, Vector } from "../../envs/problem/problem.js";
import { column, minus, symmetrise, toMatrix } from "../dense.js";

/** x of shape [d], seen as y = Cx + noise of covariance R, which between looks goes to m₀ + A(x − m₀) + noise of covariance Q. */
export interface LinearGaussianModel {
  /** C, shape [k, d]. */
  readonly observation: Rows;
  /** R, shape [k, k], positive semidefinite; 0 where a look is exact. */
  readonly noise: Rows;
  /** A: a number a for a·I, or a matrix, shape [d, d]. Default 1. */
  readonly transition?: number | Rows;
  /** Q, shape [d, d], positive semidefinite. Default Σ₀ − AΣ₀Aᵀ, with which x is stationary. */
  readonly processNoise?: Rows;
  /** m₀, shape [d]. */
  readonly mean: Vector;
  /** Σ₀, shape [d, d], positive semidefinite. */
  readonly covariance: Rows;
}

export interface LinearGaussianState {
  /** n. */
  readonly batch: number;
  /** Looks so far. */
  step: number;
  /** E[x | looks], shape [n, d]; before the first look m₀. */
  readonly posteriorMean: Float64Array;
  /** Cov[x | looks], shape [d, d]; it does not depend on what is seen, so the batch shares it. */
  covariance: Matrix;
}

export interface LinearGaussianFilter {
  init(batch: number): LinearGaussianState;
  /** Takes looks y, shape [n, k]; before each but the first x moves on. It may reuse the state that it was given. */
  update(looks: Float64Array, state: LinearGaussianState): LinearGaussianState;
}

/**
 * The Kalman filter of any linear look at a linear Gaussian state: S = CPCᵀ + R, K = PCᵀS⁺ and P ← (I − KC)P(I − KC)ᵀ + KRKᵀ
 * (Joseph's form, which stays symmetric and positive). S⁺ is a pseudo-inverse: an exact look at what is known tells nothing.
 *
 * @throws Error when a shape does not fit, or R, Q or Σ₀ is not symmetric and positive semidefinite
 */
export function linearGaussianFilter(model: LinearGaussianModel): LinearGaussianFilter {
  const { observation, noise, transition, processNoise, prior } = matricesOf(model);
  const mean = column(model.mean);
  const scale = noise.trace() + observation.mmul(prior).mmul(observation.transpose()).trace();
  return {
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * mean.rows }, (_, i) => model.mean[i % mean.rows]),
      covariance: prior,
    }),
    update: (looks, state) => {
      if (looks.length !== state.batch * observation.rows)
        throw new Error(`looks: must have ${state.batch * observation.rows} entries, got ${looks.length}`);
      if (state.step > 0) {
        moveMeans(state, transition, model.mean);
        state.covariance = symmetrise(
          transition.mmul(state.covariance).mmul(transition.transpose()).add(processNoise),
        );
      }
      const across = state.covariance.mmul(observation.transpose());
      const gain = across.mmul(pseudoInverse(symmetrise(observation.mmul(across).add(noise)), scale));
      const left = minus(Matrix.eye(mean.rows), gain.mmul(observation));
      const own = gain.mmul(noise).mmul(gain.transpose());
      state.covariance = symmetrise(left.mmul(state.covariance).mmul(left.transpose()).add(own));
      lookWith(state, gain, observation, looks);
      state.step++;
      return state;
    },
  };
}

/** x̂ ← m₀ + A(x̂ − m₀). */
function moveMeans({ batch, posteriorMean }: LinearGaussianState, transition: Matrix, mean: Vector): void {
  const d = mean.length;
  for (let e = 0; e < batch; e++) {
    const gap = mean.map((value, j) => posteriorMean[e * d + j] - value);
    const moved = transition.mmul(column(gap)).to1DArray();
    for (let j = 0; j < d; j++) posteriorMean[e * d + j] = mean[j] + moved[j];
  }
}

/** x̂ ← x̂ + K(y − Cx̂). */
function lookWith(
  { batch, posteriorMean }: LinearGaussianState,
  gain: Matrix,
  observation: Matrix,
  looks: Float64Array,
): void {
  const [k, d] = [observation.rows, observation.columns];
  for (let e = 0; e < batch; e++) {
    const believed = column(Array.from(posteriorMean.subarray(e * d, (e + 1) * d)));
    const seen = column(Array.from(looks.subarray(e * k, (e + 1) * k)));
    const moved = gain.mmul(minus(seen, observation.mmul(believed))).to1DArray();
    for (let j = 0; j < d; j++) posteriorMean[e * d + j] += moved[j];
  }
}

/** Of a positive semidefinite matrix; what is below rounding of `scale` counts as 0. */
function pseudoInverse(matrix: Matrix, scale: number): Matrix {
  const { eigenvectorMatrix: q, realEigenvalues } = eigen(matrix);
  const inverses = realEigenvalues.map((value) => (value > 1e-14 * scale ? 1 / value : 0));
  return q.mmul(Matrix.diag(inverses)).mmul(q.transpose());
}

function matricesOf(model: LinearGaussianModel) {
  const d = model.mean.length;
  const k = model.observation.length;
  const { transition: a = 1 } = model;
  const observation = shaped("observation", model.observation, k, d);
  const prior = spread("covariance", shaped("covariance", model.covariance, d, d));
  const transition = typeof a === "number" ? Matrix.eye(d, d, a) : shaped("transition", a, d, d);
  const stationary = minus(prior, transition.mmul(prior).mmul(transition.transpose()));
  return {
    observation,
    prior,
    transition,
    noise: spread("noise", shaped("noise", model.noise, k, k)),
    processNoise: model.processNoise
      ? spread("processNoise", shaped("processNoise", model.processNoise, d, d))
      : spread("processNoise (default covariance − AΣ₀Aᵀ)", stationary, prior.trace()),
  };
}

function shaped(name: string, rows: Rows, height: number, width: number): Matrix {
  if (rows.length === height && height > 0 && rows.every((row) => row.length === width))
    return toMatrix(rows);
  throw new Error(
    `linearGaussianFilter: ${name} must have shape [${height}, ${width}], got [${rows.length}, ${rows[0]?.length ?? 0}]`,
  );
}

function spread(name: string, matrix: Matrix, scale = matrix.trace()): Matrix {
  const lowest = Math.min(...eigen(symmetrise(matrix)).realEigenvalues);
  const symmetric = minus(matrix, matrix.transpose()).norm() <= 1e-12 * matrix.norm();
  if (symmetric && lowest >= -1e-12 * scale) return symmetrise(matrix);
  throw new Error(
    `linearGaussianFilter: ${name} must be symmetric and positive semidefinite, got ${JSON.stringify(matrix.to2DArray())}`,
  );
}

function eigen(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}
