import {
  actionOf,
  hidesCurvature,
  hidesMinimum,
  isDense,
  isLogUniform,
  type NavigationProblem,
  type Vector,
} from "../envs/problem/problem.js";
import { type CurvatureGridOptions, logSpaced } from "./beliefs/curvature-grid.js";
import { kalman } from "./beliefs/kalman.js";
import { isDiagonal, toMatrix, toRows, trySolve } from "./dense.js";
import { type ExpectedCost, expectedCost } from "./expected-cost.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { isCued, requireWholeGradient, showsGradient } from "./modelled.js";
import { separableObjective } from "./policies/separable.js";
import { solveScalar } from "./scalar.js";
import { discreteTaskLaw } from "./task-law.js";

/** What each probe should find in an optimal learner of a problem; absent where the problem leaves it undefined. */
export interface Prediction {
  /** Slopes of log|u| on the gradient and on the curvature: uncoupled coordinates. */
  readonly horizonExponents?: PredictedExponents;
  /** Answer to a pulse in the gradient: changing minima of known curvature, seen through noise, uncoupled. */
  readonly momentum?: PredictedMomentum;
  /** p of u ∝ cᵖ when the gradients are multiplied by c: hidden curvatures that Fisher noise tells. */
  readonly adaptivity?: number;
  /** w: the weight of the prior mean in the resting point; hidden minima of known curvature. */
  readonly resetWeight?: number | number[][];
  /** P of u = −P·∇L, shape [m, d], where ∇L is the gradient expected now: known curvature, no drift. G⁻¹ up to a factor for a short horizon. */
  readonly geometry?: number[][];
  /** Of an endless episode; quadratic landscapes. */
  readonly expectedCost?: ExpectedCost;
}

/**
 * Every prediction that a problem allows.
 *
 * @throws Error when the problem is not stabilisable
 */
export function predict(problem: NavigationProblem, options: CurvatureGridOptions = {}): Prediction {
  if (problem.landscape.kind !== "quadratic" || actionOf(problem).kind !== "velocity") return {};
  if (hidesCurvature(problem)) return isUncoupled(problem) ? predictHidden(problem, options) : {};
  const { priorWeight: weight } = discreteTaskLaw(problem);
  const geometry = preconditioner(problem);
  return {
    ...(isUncoupled(problem) && { horizonExponents: predictedExponents(problem, options) }),
    ...(hasMomentum(problem) && { momentum: predictedMomentum(problem) }),
    ...(hidesMinimum(problem) && weight !== null && { resetWeight: weight }),
    ...(geometry && { geometry }),
    expectedCost: expectedCost(problem),
  };
}

function predictHidden(problem: NavigationProblem, options: CurvatureGridOptions): Prediction {
  const horizonExponents = predictedExponents(problem, options);
  const { task, observation } = problem;
  const noise = showsGradient(problem) && observation.kind === "gradient" ? observation.noise : 0;
  const tells = task.kind === "static" && typeof noise === "object" && "fisher" in noise;
  return {
    horizonExponents,
    ...(tells && { adaptivity: horizonExponents.adaptivity }),
    ...(task.kind === "static" && { expectedCost: expectedCost(problem) }),
  };
}

/** Whether the coordinates are scalar problems side by side, as far as movement goes. */
function isUncoupled({ geometry: { drift, control, metric }, landscape }: NavigationProblem): boolean {
  const dense = landscape.kind === "quadratic" && isDense(landscape.curvature);
  return !dense && !drift && !control && (!metric || isDiagonal(toMatrix(metric)));
}

/** Whether a problem has a momentum per coordinate: a noisy gradient of a minimum that changes uncued, and all is diagonal. */
export function hasMomentum(problem: NavigationProblem): boolean {
  const { observation, task } = problem;
  if (task.kind === "static" || observation.kind !== "gradient" || observation.noise === 0) return false;
  if (isCued(problem)) return false;
  const { curvature, metric, drift, control } = linearQuadraticOf(problem);
  const matrices = [curvature, metric, drift, control, task.covariance];
  return showsGradient(problem) && matrices.every((rows) => isDiagonal(toMatrix(rows)));
}

/** K·H⁻¹. */
function preconditioner(problem: NavigationProblem): number[][] | undefined {
  if (problem.geometry.drift) return undefined;
  const { gain } = discreteTaskLaw(problem);
  const curvature = toMatrix(linearQuadraticOf(problem).curvature);
  const transposed = trySolve(curvature, toMatrix(gain).transpose());
  return transposed ? toRows(transposed.transpose()) : undefined;
}

/** How the velocity answers a pulse in the gradient when the parameters are held still, per coordinate. */
export interface PredictedMomentum {
  /** β* = a(1 − K_f): what is left of the answer after each step, shape [d]. */
  readonly decay: number[];
  /** −∂u/∂y in the step of the pulse, K_μ·K_f/h, shape [d]; 1/time per unit of curvature. */
  readonly initial: number[];
  /** Sum of the answer over all steps, initial/(1 − β*), shape [d]. */
  readonly mass: number[];
}

/**
 * The momentum that the steady Kalman filter of a changing task amounts to: exact for drifting tasks, and the
 * best linear filter's for redrawn ones.
 *
 * @throws Error when the minimum does not change, the gradient is exact, or the coordinates are coupled
 */
export function predictedMomentum(problem: NavigationProblem): PredictedMomentum {
  if (problem.task.kind === "static")
    throw new Error('task.kind: must be "redrawn" or "drifting" for a momentum, got "static"');
  requireWholeGradient(problem);
  const { evidence, steadyGain, survival } = kalman(problem);
  const { taskGain } = discreteTaskLaw(problem);
  const coupled = taskGain.some((row, i) => row.some((value, j) => i !== j && value !== 0));
  if (!evidence.isDiagonal || coupled)
    throw new Error(
      "landscape.curvature: must be diagonal for a momentum per coordinate, like metric and covariance",
    );
  const decay = Array.from(steadyGain, (gain) => survival * (1 - gain));
  const initial = Array.from(
    steadyGain,
    (gain, i) => (taskGain[i][i] * gain * evidence.whitenGradient[i]) / evidence.whiten[i],
  );
  return { decay, initial, mass: initial.map((value, i) => value / (1 - decay[i])) };
}

/**
 * w = 1 − s of θ* = μ₀ + s(μ̂ − μ₀) while a task lasts; a matrix where the curvature is not isotropic.
 *
 * @throws Error when the control does not reach every parameter
 */
export function priorWeight(problem: NavigationProblem): number | number[][] {
  const { priorWeight: weight } = discreteTaskLaw(problem);
  if (weight === null) throw new Error("geometry.control: must reach every parameter for a prior weight");
  return weight;
}

export interface PredictedExponents {
  /** Slope of log(K(h)/h) on log h, and so of log|u| on log v̂: 0 gradient descent, −½ Adam or ballistic, −1 Newton. */
  readonly squares: number;
  /** Slope of log|u| on log|ĝ|, where ĝ = h(θ − μ̂): 1, since the law is linear. */
  readonly gradient: number;
  /** p of u ∝ cᵖ when all gradients are multiplied by c: gradient + 2·squares. 1 is gradient descent, 0 Adam. */
  readonly adaptivity: number;
}

/**
 * What the horizon and the step make of curvature. Where it is hidden, the least-squares slope over the grid
 * that stands for its prior; where it is a known diagonal, the local slope averaged over its entries.
 *
 * @throws Error when the landscape is not quadratic, or something couples the coordinates
 */
export function predictedExponents(
  problem: NavigationProblem,
  { curvatureGrid = 41 }: Pick<CurvatureGridOptions, "curvatureGrid"> = {},
): PredictedExponents {
  const { landscape } = problem;
  if (landscape.kind !== "quadratic") {
    throw new Error(`landscape.kind: must be "quadratic" for exponents, got "${landscape.kind}"`);
  }
  const { curvature, dimension } = landscape;
  if (isDense(curvature)) {
    throw new Error("landscape.curvature: must be a diagonal or logUniform for exponents, got a matrix");
  }
  const objective = separableObjective(problem);
  const coordinates = Array.from({ length: dimension }, (_, i) => i);
  const slopes = isLogUniform(curvature)
    ? coordinates.map((i) =>
        regressedSlope(
          logSpaced(curvature.logUniform, curvatureGrid),
          (h) => solveScalar(objective(i, h)).gain,
        ),
      )
    : coordinates
        .filter((i) => (curvature as Vector)[i] > 0)
        .map((i) => solveScalar(objective(i, (curvature as Vector)[i])).horizonExponent);
  const squares = slopes.reduce((sum, value) => sum + value, 0) / slopes.length;
  return { squares, gradient: 1, adaptivity: 1 + 2 * squares };
}

/** Least-squares slope of log(K(h)/h) on log h. */
function regressedSlope(curvatures: Float64Array, gain: (h: number) => number): number {
  const x = Array.from(curvatures, Math.log);
  const y = Array.from(curvatures, (h) => Math.log(gain(h) / h));
  const centre = x.reduce((sum, value) => sum + value, 0) / x.length;
  const product = x.reduce((sum, value, i) => sum + (value - centre) * y[i], 0);
  return product / x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
