import type { Seed } from "../core/random.js";
import type { Matrix, RegressionSpec, Vector } from "../problem/problem.js";
import type { Table } from "./table.js";

/** L = Σ steepness·(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²: a bent valley. Rosenbrock, Computer J. 3 (1960). */
export interface RosenbrockSpec {
  readonly kind: "rosenbrock";
  /** d ≥ 2. Default 2. */
  readonly dimension: number;
  /** Default 100. */
  readonly steepness: number;
}

/** L = Σ xᵢ² + amplitude·(1 − cos 2πxᵢ): a bowl of regular dents. */
export interface RastriginSpec {
  readonly kind: "rastrigin";
  /** d. Default 2. */
  readonly dimension: number;
  /** Default 10. */
  readonly amplitude: number;
}

/**
 * Sums over coordinates, with the constants of the literature.
 * - Ackley: −20·exp(−0.2·√(Σxᵢ²/d)) − exp(Σcos(2πxᵢ)/d) + 20 + e. Its minimum is the tip of a cone, where the
 *   gradient counts as 0.
 * - Griewank: 1 + Σxᵢ²/4000 − Πcos(xᵢ/√i).
 * - Lévy: sin²πw₁ + Σ(wᵢ−1)²(1 + 10·sin²(πwᵢ+1)) + (w_d−1)²(1 + sin²2πw_d), wᵢ = 1 + (xᵢ−1)/4.
 * - Styblinski-Tang: ½Σ xᵢ⁴ − 16xᵢ² + 5xᵢ.
 */
export interface MultimodalSpec {
  readonly kind: "ackley" | "griewank" | "levy" | "styblinski-tang";
  /** d. Default 2. */
  readonly dimension: number;
}

/**
 * Two famous functions of the plane.
 * - Himmelblau: (x² + y − 11)² + (x + y² − 7)², with four minima alike.
 * - Beale: (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)².
 */
export interface PlanarSpec {
  readonly kind: "himmelblau" | "beale";
  readonly dimension: 2;
}

/** L = ½Σxᵢ² − ½·escape·y² + ¼y⁴, y the last coordinate: a saddle at 0 between minima at y = ±√escape. */
export interface SaddleSpec {
  readonly kind: "saddle";
  /** d ≥ 2. Default 2. */
  readonly dimension: number;
  /** Curvature of the way out, negated; > 0. Default 1. */
  readonly escape: number;
}

/** L = ‖UV − M‖² over θ = [U | V], row by row. Zero is a saddle; the minima are M's best approximations of that rank. */
export interface MatrixFactorisationSpec {
  readonly kind: "matrix-factorisation";
  /** M, shape [rows, columns]. */
  readonly matrix: Matrix;
  /** Columns of U and rows of V. Default 1. */
  readonly rank: number;
}

/** L = mean ½‖Wx + b − y‖² over a table, plus (ridge/2)‖θ‖²; θ = [W | b], output by output. */
export interface LinearRegressionSpec {
  readonly kind: "linear-regression";
  /** Shape [examples, features]: rows, or a `Table` for data too large for arrays of arrays. */
  readonly features: Matrix | Table;
  /** One number per example, or a row of them. */
  readonly targets: Vector | Matrix;
  /** Default 0. */
  readonly ridge: number;
}

/**
 * A multilayer network on a table, plus (ridge/2)‖θ‖². With labels its loss is the mean cross-entropy of the
 * softmax, with targets the mean of ½‖output − y‖². θ holds layer after layer: weights [units, inputs], biases.
 */
export interface NetworkSpec {
  readonly kind: "network";
  /** Shape [examples, features]: rows, or a `Table` for data too large for arrays of arrays. */
  readonly features: Matrix | Table;
  /** Class of each example: whole numbers from 0. Either these or targets. */
  readonly labels?: Vector | undefined;
  /** One number per example, or a row of them. */
  readonly targets?: Vector | Matrix | undefined;
  /** Units of each hidden layer; may be empty. Default [16]. */
  readonly hidden: Vector;
  /** Default "tanh". */
  readonly activation: "tanh" | "relu";
  /** Default 0. */
  readonly ridge: number;
}

/**
 * A finite share of a family, for honest generalisation: `size` members, numbered, which depend on nothing but
 * the pool's seed. The pools "train" and "test" draw from streams of different keys, and share no member.
 */
export interface Pool {
  readonly split: "train" | "test";
  /** Default 1000. */
  readonly size: number;
  /** Default 0. */
  readonly seed: Seed;
}

/**
 * L = ½zᵀHz with a random H for each episode: a random rotation, and eigenvalues log-uniform between
 * 1/conditionNumber and 1, the least and the greatest at the ends. In one dimension H = 1.
 */
export interface RandomQuadraticSpec {
  readonly kind: "random-quadratic";
  /** d. Default 2. */
  readonly dimension: number;
  /** Greatest over least eigenvalue, ≥ 1. Default 100. */
  readonly conditionNumber: number;
  /**
   * "haar": uniform over all rotations, d² numbers an instance; "householder": the reflection at a plane uniform over
   * all, 2d numbers, for high dimensions. Default "haar".
   */
  readonly rotation: "haar" | "householder";
  /** Absent: every episode draws a new member. */
  readonly pool?: Pool | undefined;
}

/**
 * L = barrier·(x² − 1)² − tilt·x + ‖z‖² − x² with x = w·z: a double well for each episode, along a direction w
 * uniform on the sphere, its barrier and tilt uniform in their ranges.
 */
export interface RandomDoubleWellSpec {
  readonly kind: "random-double-well";
  /** d. Default 2. */
  readonly dimension: number;
  /** [low, high]. Default [0.1, 0.9]. */
  readonly tilt: readonly [low: number, high: number];
  /** [low, high], > 0. Default [0.5, 2]. */
  readonly barrier: readonly [low: number, high: number];
  /** Absent: every episode draws a new member. */
  readonly pool?: Pool | undefined;
}

/** A formula as text, such as "(x^2-1)^2 - x/2 + y^2". It is parsed and differentiated, never evaluated. */
export interface ExpressionSpec {
  readonly kind: "expression";
  /** Numbers, variables, pi, e, + − * / ^ and the functions that `expressionFunctions` names. */
  readonly loss: string;
  /** The variables in the order of the parameters. Default: those of the formula, sorted, x2 before x10. */
  readonly variables: readonly string[];
  /** The number of variables. */
  readonly dimension: number;
}

/**
 * A classifier on a table whose task keeps changing, unannounced: continual learning. Each task is a variation of
 * `base`:
 * - "permuted-features": the columns in a random order, as in permuted MNIST;
 * - "permuted-labels": the classes renamed at random;
 * - "class-incremental": only the examples of some `classesPerTask` classes, others in each task, in a random order.
 * An episode begins with any task, and the last is followed by the first. Task 0 of a permutation is `base` itself.
 * The loss is that of the task of the moment. Every task in use keeps its own copy of what it permutes.
 */
export interface StreamSpec {
  readonly kind: "stream";
  readonly base: RegressionSpec | NetworkSpec;
  readonly variation: "permuted-features" | "permuted-labels" | "class-incremental";
  /** How many permutations there are. Default 10. "class-incremental" has as many tasks as the classes make. */
  readonly tasks: number;
  /** Default 1. */
  readonly classesPerTask: number;
  /** A task lasts `period` steps, or ends after a step with the probability `hazard`. */
  readonly change: { readonly period: number } | { readonly hazard: number };
  /** Of the permutations, which are the same for all environments. Default 0. */
  readonly seed: Seed;
}

export type AddedLandscapeSpec =
  | RosenbrockSpec
  | RastriginSpec
  | MultimodalSpec
  | PlanarSpec
  | SaddleSpec
  | MatrixFactorisationSpec
  | LinearRegressionSpec
  | NetworkSpec
  | RandomQuadraticSpec
  | RandomDoubleWellSpec
  | ExpressionSpec
  | StreamSpec;
