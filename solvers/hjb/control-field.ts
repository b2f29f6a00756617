import { inverse, Matrix } from "ml-matrix";
import { createLandscape } from "../../envs/landscapes/create-landscape.js";
import {
  dimensionOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
} from "../../envs/problem/problem.js";
import { symmetrise, toMatrix } from "../dense.js";

/**
 * What steers and what costs, for a known landscape: θ̇ = f(θ) + w with f = Aθ + b, cost ½wᵀNw + kL(θ), where
 * w = Bu, M = ηBG⁻¹Bᵀ and N = M⁻¹. Matrices are flat and row-major.
 */
export interface ControlField {
  /** d. */
  readonly dimension: number;
  /** γ. */
  readonly discountRate: number;
  /** k. */
  readonly lossWeight: number;
  /** M, shape [d, d]. */
  readonly push: Float64Array;
  /** N = M⁻¹, shape [d, d]. */
  readonly effort: Float64Array;
  /** A, shape [d, d]. */
  readonly drift: Float64Array;
  /** b, shape [d]. */
  readonly offset: Float64Array;
  readonly isDriftless: boolean;
  /** Whether ∇L is exact to rounding. */
  readonly isExact: boolean;
  /** B⁻¹, shape [d, d]: u = B⁻¹w. */
  readonly unpush: Float64Array;
  /** kL of `count` points, shape [count]. */
  losses(points: Float64Array, count: number): Float64Array;
  /** k∇L of `count` points, shape [count, d]. */
  gradients(points: Float64Array, count: number): Float64Array;
  /** k∇²L of `count` points, shape [count, d, d]. */
  hessians(points: Float64Array, count: number): Float64Array;
}

/** @throws Error when something is hidden, or the control does not reach every direction */
export function controlFieldOf(problem: NavigationProblem): ControlField {
  checkKnown(problem);
  const { geometry, objective } = problem;
  const d = dimensionOf(problem);
  const control = geometry.control ? toMatrix(geometry.control) : Matrix.eye(d);
  const metric = geometry.metric ? toMatrix(geometry.metric) : Matrix.eye(control.columns);
  const drift = geometry.drift ?? {
    matrix: Matrix.zeros(d, d).to2DArray(),
    offset: new Array<number>(d).fill(0),
  };
  const unpush = inverseOf(control);
  const effort = symmetrise(unpush.transpose().mmul(metric).mmul(unpush)).div(objective.mobility);
  const flat = (matrix: Matrix) => Float64Array.from(matrix.to1DArray());
  return {
    dimension: d,
    discountRate: objective.discountRate,
    lossWeight: objective.lossWeight,
    push: flat(symmetrise(inverse(effort))),
    effort: flat(effort),
    drift: flat(toMatrix(drift.matrix)),
    offset: Float64Array.from(drift.offset),
    isDriftless: [...drift.matrix.flat(), ...drift.offset].every((value) => value === 0),
    unpush: flat(unpush),
    ...weightedLoss(problem),
  };
}

/** f(θ) of one point. */
export function driftAt({ dimension, drift, offset }: ControlField, point: ArrayLike<number>): Float64Array {
  return offset.map((constant, i) => {
    let sum = constant;
    for (let j = 0; j < dimension; j++) sum += drift[i * dimension + j] * point[j];
    return sum;
  });
}

/** ½fᵀNf: what it costs per unit time to stay where the drift is f. */
export function restingEffort(field: ControlField, point: ArrayLike<number>): number {
  if (field.isDriftless) return 0;
  const f = driftAt(field, point);
  return quadraticForm(field.effort, f) / 2;
}

export function quadraticForm(matrix: Float64Array, x: Float64Array): number {
  const d = x.length;
  let sum = 0;
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) sum += x[i] * matrix[i * d + j] * x[j];
  return sum;
}

function checkKnown(problem: NavigationProblem): void {
  if (hidesMinimum(problem) || hidesCurvature(problem)) {
    throw new Error(
      "task: must be a static task without mean, and the curvature known, for a path to be planned",
    );
  }
}

function inverseOf(control: Matrix): Matrix {
  try {
    if (control.rows === control.columns) return inverse(control);
  } catch {}
  throw new Error(
    `geometry.control: must be square and invertible for a path to be planned, got ${JSON.stringify(control.to2DArray())}`,
  );
}

function weightedLoss(problem: NavigationProblem) {
  const landscape = createLandscape(problem.landscape);
  const { dimension: d } = landscape;
  const { lossWeight } = problem.objective;
  const minimum = problem.landscape.kind === "quadratic" ? problem.landscape.minimum : null;
  const none = new Float64Array(0);
  const displaced = (points: Float64Array) =>
    minimum ? points.map((value, i) => value - minimum[i % d]) : points;
  const weighted = (values: Float64Array) => {
    for (let i = 0; i < values.length; i++) values[i] *= lossWeight;
    return values;
  };
  return {
    isExact: landscape.gradientSource === "exact",
    losses(points: Float64Array, count: number) {
      const out = new Float64Array(count);
      landscape.evaluate(displaced(points), none, count, out, null);
      return weighted(out);
    },
    gradients(points: Float64Array, count: number) {
      const out = new Float64Array(count * d);
      landscape.evaluate(displaced(points), none, count, null, out);
      return weighted(out);
    },
    hessians(points: Float64Array, count: number) {
      const at = displaced(points);
      const out = new Float64Array(count * d * d);
      const products = new Float64Array(count * d);
      for (let j = 0; j < d; j++) {
        const units = Float64Array.from({ length: count * d }, (_, i) => (i % d === j ? 1 : 0));
        landscape.hessianVector(at, none, count, units, products);
        for (let i = 0; i < products.length; i++) out[i * d + j] = lossWeight * products[i];
      }
      return symmetric(out, d);
    },
  };
}

/** Averages each [d, d] block with its transpose. */
function symmetric(blocks: Float64Array, d: number): Float64Array {
  for (let first = 0; first < blocks.length; first += d * d) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) {
        const mean = (blocks[first + i * d + j] + blocks[first + j * d + i]) / 2;
        blocks[first + i * d + j] = mean;
        blocks[first + j * d + i] = mean;
      }
    }
  }
  return blocks;
}
