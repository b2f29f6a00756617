import { landscapeDimension } from "../landscapes/dimension.js";
import type { AddedLandscapeSpec } from "../landscapes/specs.js";
import type { Table } from "../landscapes/table.js";
import type { Action } from "./actions.js";
import type { Observation } from "./observations.js";

export {
  type Action,
  type ActionLayout,
  actionLayoutOf,
  actionOf,
  actionSizeOf,
  type InnerRule,
  velocitySizeOf,
} from "./actions.js";
export {
  type Channel,
  type ChannelLayout,
  channelOffset,
  channelsOf,
  delayOf,
  type GradientNoise,
  layoutOf,
  type Observation,
  observationSizeOf,
} from "./observations.js";

/**
 * The navigation problem: the single source of truth that the simulator, the solvers and the trainers share.
 * Source: Vastola, Gershman, Rajan, "Gradient Descent as Loss Landscape Navigation", NeurIPS 2025
 * (arXiv:2510.26997). A learner moves parameters θ ∈ R^d and minimises
 *
 *     J = E ∫ e^{−γt} [ (1/2η)(θ̇ − f(θ))ᵀ G (θ̇ − f(θ)) + k·L_t(θ) ] dt.
 */
export type Vector = readonly number[];
export type Matrix = readonly Vector[];

/** What is not known to the learner: log h ~ U[log low, log high], drawn per coordinate and episode. */
export interface LogUniform {
  readonly logUniform: readonly [low: number, high: number];
}

/** L = ½(θ − μ)ᵀH(θ − μ). */
export interface QuadraticSpec {
  readonly kind: "quadratic";
  /** d. */
  readonly dimension: number;
  /** H ⪰ 0, and ≻ 0 where the minimum is hidden: its diagonal, the whole symmetric matrix, or a distribution of hidden diagonals. */
  readonly curvature: Vector | Matrix | LogUniform;
  /** μ, shape [d], unit of θ. Default 0. A hidden or changing task overrides it. */
  readonly minimum: Vector;
}

/** L = (x² − 1)² − tilt·x + Σ yᵢ²: two valleys, the global minimum at x > 0 for tilt > 0. Fig. 1 of arXiv:2510.26997. */
export interface DoubleWellSpec {
  readonly kind: "double-well";
  /** d; the wells lie along the first coordinate. Default 1. */
  readonly dimension: number;
  /** Default 0.5. */
  readonly tilt: number;
}

/** Mean cross-entropy of softmax(Wx + b) over a table, plus (ridge/2)‖θ‖²; θ = [W | b], class by class. */
export interface RegressionSpec {
  readonly kind: "regression";
  /** Shape [examples, features]: rows, or a `Table` for data too large for arrays of arrays. */
  readonly features: Matrix | Table;
  /** Class of each example: whole numbers from 0. */
  readonly labels: Vector;
  /** Default 0. A positive ridge gives separable data a finite minimum. */
  readonly ridge: number;
}

/** A landscape of the caller's own. */
export interface CustomSpec {
  readonly kind: "custom";
  /** d. */
  readonly dimension: number;
  /** L(θ), θ of shape [d]. */
  readonly loss: (parameters: Float64Array) => number;
  /** ∇L(θ), shape [d]. Central differences of `loss` when absent. */
  readonly gradient?: ((parameters: Float64Array) => ArrayLike<number>) | undefined;
  /** In what it all is computed, which the checker goes by. Default "float64". */
  readonly precision?: "float64" | "float32" | undefined;
  /** Hv, shape [d]. Central differences of the gradient when absent. */
  readonly hessianVector?:
    | ((parameters: Float64Array, vector: Float64Array) => ArrayLike<number>)
    | undefined;
  /** How many examples the loss averages over, if it does. */
  readonly exampleCount?: number | undefined;
  /** Mean gradient over the examples of these numbers, shape [d]. Needs `exampleCount`. */
  readonly minibatchGradient?:
    | ((parameters: Float64Array, examples: Int32Array) => ArrayLike<number>)
    | undefined;
  /** Mean loss over the examples of these numbers. Needed where the loss of a minibatch is charged. */
  readonly minibatchLoss?: ((parameters: Float64Array, examples: Int32Array) => number) | undefined;
}

export type LandscapeSpec = QuadraticSpec | DoubleWellSpec | RegressionSpec | CustomSpec | AddedLandscapeSpec;

export interface Objective {
  /** Mobility η > 0: how cheap movement is, θ²/(loss·time²) when k = 1. The paper calls it the learning rate; the rate that multiplies a gradient is α = ηkΔt/γ. Default 1. */
  readonly mobility: number;
  /** Loss weight k > 0. Default 1. */
  readonly lossWeight: number;
  /** Discount rate γ ≥ 0, per unit time; 1/γ is the planning horizon. Default 0. */
  readonly discountRate: number;
  /** Time step Δt > 0. Default 0.1. */
  readonly timeStep: number;
  /** Time at which the problem ends for good. Absent: it never does. */
  readonly horizon?: number | undefined;
}

export interface Geometry {
  /** G ≻ 0, shape [m, m]: what a movement costs. Absent: I. */
  readonly metric?: Matrix | undefined;
  /** f(θ) = matrix·θ + offset: what θ does by itself, per unit time. Absent: 0. */
  readonly drift?: { readonly matrix: Matrix; readonly offset: Vector } | undefined;
  /** B, shape [d, m]: the directions that the learner can push. Absent: I. */
  readonly control?: Matrix | undefined;
}

/** The task is where the minimum μ is. */
export type Task =
  /** μ does not change. With a mean and covariance it is hidden, and drawn at the start of an episode. */
  | { readonly kind: "static"; readonly mean?: Vector | undefined; readonly covariance?: Matrix | undefined }
  /** μ ~ N(mean, covariance), drawn anew with hazard λ per unit time. */
  | {
      readonly kind: "redrawn";
      readonly hazardRate: number;
      readonly mean: Vector;
      readonly covariance: Matrix;
    }
  /** μ follows a stationary Ornstein-Uhlenbeck process with that mean and covariance. */
  | {
      readonly kind: "drifting";
      readonly relaxationRate: number;
      readonly mean: Vector;
      readonly covariance: Matrix;
    };

export type Start =
  | { readonly kind: "point"; readonly parameters: Vector }
  | { readonly kind: "gaussian"; readonly mean: Vector; readonly covariance: Matrix };

export interface NavigationProblem {
  readonly landscape: LandscapeSpec;
  readonly objective: Objective;
  readonly geometry: Geometry;
  readonly task: Task;
  readonly observation: Observation;
  /** Absent: the velocity. */
  readonly action?: Action | undefined;
  readonly start: Start;
}

/** d, the number of parameters. */
export function dimensionOf({ landscape }: { readonly landscape: LandscapeSpec }): number {
  return landscapeDimension(landscape);
}

export function isLogUniform(curvature: QuadraticSpec["curvature"]): curvature is LogUniform {
  return "logUniform" in curvature;
}

export function isDense(curvature: QuadraticSpec["curvature"]): curvature is Matrix {
  return Array.isArray(curvature) && Array.isArray(curvature[0]);
}

/** Whether the minimum is hidden from a learner that sees gradients. */
export function hidesMinimum({ task }: NavigationProblem): boolean {
  return task.kind !== "static" || task.mean !== undefined;
}

/** Whether the curvature is hidden from a learner that sees gradients. */
export function hidesCurvature({ landscape }: NavigationProblem): boolean {
  return landscape.kind === "quadratic" && isLogUniform(landscape.curvature);
}

/** Steps until the problem ends for good: the first that reaches the horizon. Infinity without one. */
export function horizonStepsOf({ objective: { horizon, timeStep } }: NavigationProblem): number {
  if (horizon === undefined) return Number.POSITIVE_INFINITY;
  const steps = horizon / timeStep;
  const nearest = Math.round(steps);
  // 2.1 / 0.3 is 7.000000000000001: a quotient within rounding of a whole number is that number.
  return Math.abs(steps - nearest) <= 1e-9 * steps ? Math.max(nearest, 1) : Math.ceil(steps);
}

/** Discount per step, ρ = e^{−γΔt}. */
export function discountOf({ objective }: NavigationProblem): number {
  return Math.exp(-objective.discountRate * objective.timeStep);
}
