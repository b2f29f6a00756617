import { Matrix } from "ml-matrix";
import { diagonal } from "../../envs/problem/linear-algebra.js";
import {
  dimensionOf,
  isDense,
  isLogUniform,
  type NavigationProblem,
  type Observation,
  type Matrix as Rows,
  type Vector,
} from "../../envs/problem/problem.js";
import { times, toMatrix } from "../dense.js";
import { requireGradient } from "../modelled.js";

/** What a gradient tells of the minimum: y = C(θ − μ) + noise of covariance R. */
export interface GradientModel {
  /** C: the rows of H whose coordinates are seen, in their order, shape [k, d]. */
  readonly observation: Matrix;
  /** R, shape [k, k]. */
  readonly noise: Matrix;
}

/** @throws Error when the landscape is not a known quadratic, or the problem shows no gradient */
export function gradientModelOf(problem: NavigationProblem): GradientModel {
  const curvature = knownCurvatureOf(problem);
  const noise = noiseOf(problem);
  const d = curvature.rows;
  const covariance =
    noise.kind === "fisher" ? times(curvature, 1 / noise.batchSize) : Matrix.eye(d, d, noise.deviation ** 2);
  const seen = coordinatesSeen(problem);
  return {
    observation: new Matrix(seen.map((i) => curvature.getRow(i))),
    noise: covariance.selection(seen, seen),
  };
}

/** The coordinates of the gradient that are shown, in their order. */
export function coordinatesSeen(problem: NavigationProblem): number[] {
  const { observation } = problem;
  const chosen = "coordinates" in observation ? observation.coordinates : undefined;
  return chosen ? [...chosen] : Array.from({ length: dimensionOf(problem) }, (_, i) => i);
}

export type Noise =
  | { readonly kind: "isotropic"; readonly deviation: number }
  | { readonly kind: "fisher"; readonly batchSize: number };

/** @throws Error when the problem shows no gradient, or one of real minibatches */
export function noiseOf(problem: NavigationProblem): Noise {
  requireGradient(problem);
  const { noise } = problem.observation as Extract<Observation, { readonly kind: "gradient" }>;
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
