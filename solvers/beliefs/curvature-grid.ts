import {
  dimensionOf,
  isLogUniform,
  type LogUniform,
  type NavigationProblem,
} from "../../envs/problem/problem.js";
import { isDiagonal, toMatrix } from "../dense.js";
import { requireLastingTask, requireWholeGradient } from "../modelled.js";
import type { Belief, BeliefState } from "./belief.js";
import { noiseOf } from "./gradient-model.js";

export interface CurvatureGridState extends BeliefState {
  /** p(h_j | history) of each coordinate, shape [n, d, points]. */
  readonly weights: Float64Array;
  /** E[μ | history, h_j], shape [n, d, points]. */
  readonly means: Float64Array;
  /** log p(history | h_j), less the largest, shape [n, d, points]. */
  readonly logLikelihoods: Float64Array;
  /** E[log h | history], shape [n, d]. */
  readonly posteriorLogCurvature: Float64Array;
  /** Var[μ | history, h_j] before the next look, shape [d, points]; shared by the batch. */
  readonly variances: Float64Array;
}

export interface CurvatureGridOptions {
  /** Points of the grid, spaced evenly in log h from end to end. Default 41. */
  readonly curvatureGrid?: number;
  /**
   * Prior weights of the points. "trapezoid": half at both ends, as the trapezoidal rule has it for a prior that is even in
   * log h. "equal": all the same, which makes the ends too likely, and costs up to 2 % with 41 points where hΔt is large. Default "equal".
   */
  readonly gridWeights?: "equal" | "trapezoid";
}

export interface CurvatureGridBelief extends Belief<CurvatureGridState> {
  /** h_j, shape [points]. */
  readonly curvatures: Float64Array;
}

/**
 * The belief about a hidden curvature, and a hidden or known static minimum, coordinate by coordinate: given h
 * the minimum is Gaussian, so it is one Kalman filter per h on a grid, weighted by likelihood
 * (Rao-Blackwellised). With Fisher noise, Var(y | θ) = h/B, the noise tells the curvature too.
 *
 * @throws Error when the curvature is not hidden, the task changes, the prior couples coordinates, or the
 * gradient is exact, late or partial
 */
export function curvatureGrid(
  problem: NavigationProblem,
  { curvatureGrid: points = 41, gridWeights = "equal" }: CurvatureGridOptions = {},
): CurvatureGridBelief {
  const curvatures = gridOf(problem, points);
  const ends = { equal: 1, trapezoid: 0.5 }[gridWeights];
  if (ends === undefined)
    throw new Error(`gridWeights: must be "equal" or "trapezoid", got ${JSON.stringify(gridWeights)}`);
  const prior = curvatures.map((_, j) => (j === 0 || j === points - 1 ? ends : 1) / (points - 2 + 2 * ends));
  const logs = curvatures.map(Math.log);
  const noise = noiseOf(problem);
  requireWholeGradient(problem);
  if (noise.kind === "isotropic" && noise.deviation === 0) {
    throw new Error("observation.noise: must be > 0 when the curvature is hidden, got 0");
  }
  const noises = curvatures.map((h) =>
    noise.kind === "fisher" ? h / noise.batchSize : noise.deviation ** 2,
  );
  const { mean, variance } = priorOf(problem);
  const tables = {
    curvatures,
    logs,
    noises,
    gains: new Float64Array(points),
    precisions: new Float64Array(points),
    logNorms: new Float64Array(points),
  };
  return {
    curvatures,
    init: (batch) => initialState(mean, variance, logs, prior, batch),
    update: (gradients, parameters, state) => {
      for (let i = 0; i < mean.length; i++)
        updateCoordinate(state, gradients, parameters, i, mean.length, tables);
      state.step++;
      return state;
    },
  };
}

function gridOf({ landscape }: NavigationProblem, points: number): Float64Array {
  if (landscape.kind !== "quadratic" || !isLogUniform(landscape.curvature)) {
    throw new Error("landscape.curvature: must be { logUniform: [low, high] } for a belief about curvature");
  }
  if (!Number.isInteger(points) || points < 2)
    throw new Error(`curvatureGrid: must be a whole number >= 2, got ${points}`);
  return logSpaced(landscape.curvature.logUniform, points);
}

/** `points` curvatures from low to high, both included, evenly spaced in log h. */
export function logSpaced([low, high]: LogUniform["logUniform"], points: number): Float64Array {
  return Float64Array.from({ length: points }, (_, j) => low * (high / low) ** (j / (points - 1)));
}

/** The prior of each coordinate of the minimum; a known one has variance 0. */
function priorOf(problem: NavigationProblem): {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
} {
  const { task, landscape } = problem;
  requireLastingTask(problem);
  const known = landscape.kind === "quadratic" ? landscape.minimum : [];
  if (!task.mean || !task.covariance)
    return { mean: Float64Array.from(known), variance: new Float64Array(dimensionOf(problem)) };
  const covariance = toMatrix(task.covariance);
  if (!isDiagonal(covariance))
    throw new Error("task.covariance: must be diagonal when the curvature is hidden");
  return { mean: Float64Array.from(task.mean), variance: Float64Array.from(covariance.diagonal()) };
}

function initialState(
  mean: Float64Array,
  variance: Float64Array,
  logs: Float64Array,
  prior: Float64Array,
  batch: number,
): CurvatureGridState {
  const [d, points] = [mean.length, logs.length];
  const average = logs.reduce((sum, log, j) => sum + prior[j] * log, 0);
  return {
    batch,
    step: 0,
    posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => mean[i % d]),
    weights: Float64Array.from({ length: batch * d * points }, (_, i) => prior[i % points]),
    means: Float64Array.from({ length: batch * d * points }, (_, i) => mean[Math.floor(i / points) % d]),
    logLikelihoods: Float64Array.from({ length: batch * d * points }, (_, i) =>
      Math.log(prior[i % points] / prior[1]),
    ),
    posteriorLogCurvature: new Float64Array(batch * d).fill(average),
    variances: Float64Array.from({ length: d * points }, (_, i) => variance[Math.floor(i / points)]),
  };
}

/** What one look does for each h, the same for every environment. All of shape [points]. */
interface Tables {
  readonly curvatures: Float64Array;
  readonly logs: Float64Array;
  /** Var(y | θ, μ, h). */
  readonly noises: Float64Array;
  /** Gain on y − h(θ − m). */
  readonly gains: Float64Array;
  /** 1/Var(y | θ, history, h), and −½ log of that variance. */
  readonly precisions: Float64Array;
  readonly logNorms: Float64Array;
}

function updateCoordinate(
  state: CurvatureGridState,
  gradients: Float64Array,
  parameters: Float64Array,
  i: number,
  d: number,
  tables: Tables,
): void {
  prepare(state.variances, i, tables);
  const points = tables.curvatures.length;
  for (let e = 0; e < state.batch; e++) {
    const at = e * d + i;
    const best = look(state, at * points, gradients[at], parameters[at], tables);
    weigh(state, at, best, tables.logs);
  }
}

/** Fills the tables and takes the look into the shared variances. */
function prepare(
  variances: Float64Array,
  i: number,
  { curvatures, noises, gains, precisions, logNorms }: Tables,
): void {
  const points = curvatures.length;
  for (let j = 0; j < points; j++) {
    const before = variances[i * points + j];
    const total = curvatures[j] * curvatures[j] * before + noises[j];
    gains[j] = (curvatures[j] * before) / total;
    precisions[j] = 1 / total;
    logNorms[j] = -0.5 * Math.log(total);
    variances[i * points + j] = (before * noises[j]) / total;
  }
}

/** Adds each h's log-likelihood of y and moves its mean; returns the largest log-likelihood. */
function look(
  { means, logLikelihoods }: CurvatureGridState,
  from: number,
  y: number,
  theta: number,
  tables: Tables,
): number {
  const { curvatures, gains, precisions, logNorms } = tables;
  let best = -Infinity;
  for (let j = 0; j < curvatures.length; j++) {
    const surprise = y - curvatures[j] * (theta - means[from + j]);
    const log = logLikelihoods[from + j] + logNorms[j] - 0.5 * precisions[j] * surprise * surprise;
    means[from + j] -= gains[j] * surprise;
    logLikelihoods[from + j] = log;
    if (log > best) best = log;
  }
  return best;
}

function weigh(
  { weights, means, logLikelihoods, posteriorMean, posteriorLogCurvature }: CurvatureGridState,
  at: number,
  best: number,
  logs: Float64Array,
): void {
  const points = logs.length;
  const from = at * points;
  let total = 0;
  for (let j = from; j < from + points; j++) {
    logLikelihoods[j] -= best;
    weights[j] = Math.exp(logLikelihoods[j]);
    total += weights[j];
  }
  let mean = 0;
  let log = 0;
  for (let j = 0; j < points; j++) {
    weights[from + j] /= total;
    mean += weights[from + j] * means[from + j];
    log += weights[from + j] * logs[j];
  }
  posteriorMean[at] = mean;
  posteriorLogCurvature[at] = log;
}
