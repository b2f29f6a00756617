import { Matrix } from "ml-matrix";
import {
  discountOf,
  hidesMinimum,
  type NavigationProblem,
  type Matrix as Rows,
} from "../../envs/problem/problem.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import { gradientModelOf } from "../beliefs/gradient-model.js";
import { norm, toMatrix } from "../dense.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import { requireWholeGradient } from "../modelled.js";

/** Coordinates that nothing couples to the others, measured from the prior mean. Matrices are flat, [size, size]. */
export interface Block {
  readonly size: number;
  /** How many such blocks the problem has. */
  count: number;
  readonly drift: Float64Array;
  /** f at the prior mean. */
  readonly offset: Float64Array;
  readonly metric: Float64Array;
  readonly curvature: Float64Array;
  /** What the rule multiplies the gradient by. */
  readonly preconditioner: Float64Array;
  /** Covariance of the gradient's noise. */
  readonly noise: Float64Array;
  readonly startMean: Float64Array;
  readonly startCovariance: Float64Array;
  readonly taskCovariance: Float64Array;
}

/** What all blocks share. */
export interface Stage {
  readonly mobility: number;
  readonly lossWeight: number;
  readonly timeStep: number;
  readonly discount: number;
  /** a: what is left of μ − μ₀ after a step. */
  readonly survival: number;
  readonly hidden: boolean;
}

export function stageOf(problem: NavigationProblem): Stage {
  const { mobility, lossWeight, timeStep } = problem.objective;
  return {
    mobility,
    lossWeight,
    timeStep,
    discount: discountOf(problem),
    survival: survivalOf(problem),
    hidden: hidesMinimum(problem),
  };
}

/**
 * The blocks of a problem under a linear rule: one per coordinate where every matrix is diagonal, with equal ones
 * counted together, or else a single one.
 */
export function blocksOf(problem: NavigationProblem, preconditioner: Matrix, unitStart: boolean): Block[] {
  const { drift, offset, metric, curvature, minimum } = linearQuadraticOf(problem);
  const d = minimum.length;
  const zero = Matrix.zeros(d, d);
  const h = toMatrix(curvature);
  const start = startOf(problem, unitStart ? minimum : undefined);
  const matrices = {
    drift: toMatrix(drift),
    metric: toMatrix(metric),
    curvature: h,
    preconditioner,
    noise: noiseCovariance(problem) ?? zero,
    startCovariance: toMatrix(start.covariance),
    taskCovariance: problem.task.covariance ? toMatrix(problem.task.covariance) : zero,
  };
  const startMean = start.mean.map((value, i) => value - minimum[i]);
  const pushed = matrices.drift.mmul(Matrix.columnVector(minimum as number[])).to1DArray();
  const block = (rows: readonly number[]): Block => {
    const pick = (matrix: Matrix) =>
      Float64Array.from(rows.flatMap((i) => rows.map((j) => matrix.get(i, j))));
    return {
      size: rows.length,
      count: 1,
      drift: pick(matrices.drift),
      offset: Float64Array.from(rows, (i) => offset[i] + pushed[i]),
      metric: pick(matrices.metric),
      curvature: pick(h),
      preconditioner: pick(preconditioner),
      noise: pick(matrices.noise),
      startMean: Float64Array.from(rows, (i) => startMean[i]),
      startCovariance: pick(matrices.startCovariance),
      taskCovariance: pick(matrices.taskCovariance),
    };
  };
  const all = Array.from({ length: d }, (_, i) => i);
  const separable = Object.values(matrices).every(isNearlyDiagonal);
  return separable ? distinct(all.map((i) => block([i]))) : [block(all)];
}

/** A preconditioner made by an eigen-decomposition is diagonal only to rounding. */
function isNearlyDiagonal(matrix: Matrix): boolean {
  const scale = 1e-14 * norm(matrix);
  return matrix.to2DArray().every((row, i) => row.every((x, j) => i === j || Math.abs(x) <= scale));
}

function distinct(blocks: readonly Block[]): Block[] {
  const found = new Map<string, Block>();
  for (const block of blocks) {
    const key = Object.values(block).join(";");
    const same = found.get(key);
    if (same) same.count++;
    else found.set(key, { ...block });
  }
  return [...found.values()];
}

function startOf({ start }: NavigationProblem, unitAround: readonly number[] | undefined) {
  if (unitAround) return { mean: unitAround, covariance: eye(unitAround.length, 1) };
  if (start.kind === "gaussian") return start;
  return { mean: start.parameters, covariance: eye(start.parameters.length, 0) };
}

function eye(size: number, value: number): Rows {
  return Matrix.eye(size, size, value).to2DArray();
}

/** Of a gradient that tells of a hidden minimum; where nothing is hidden a rule is given the exact one. */
function noiseCovariance(problem: NavigationProblem): Matrix | undefined {
  if (!hidesMinimum(problem) || problem.observation.kind === "state") return undefined;
  requireWholeGradient(problem);
  return gradientModelOf(problem).noise;
}
