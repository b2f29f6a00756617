import {
  dimensionOf,
  isDense,
  isLogUniform,
  type NavigationProblem,
  type Vector,
} from "../../envs/problem/problem.js";
import { requireWholeGradient } from "../modelled.js";
import { requireRange } from "../rules/transform.js";
import type { Belief, BeliefState } from "./belief.js";
import { noiseOf } from "./gradient-model.js";

export interface MomentsState extends BeliefState {
  /** m̂ and v̂: averages of gradients and of their squares, each weight less by β per step, shape [n, d]. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** ĥ, shape [n, d]: the curvature where it is known, and B·v̂ where Fisher noise is to tell it. */
  readonly curvature: Float64Array;
  /** 1 + β + β² + …, the weight of all gradients seen relative to the last. */
  firstMass: number;
  secondMass: number;
}

export interface MomentsOptions {
  /** β₁ in [0, 1]: what is left of a gradient's weight after a step; 1 averages all of them. Default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1], for the squares. Default 0.999. */
  readonly beta2?: number;
}

/**
 * The belief that Adam acts on (Kingma and Ba, arXiv:1412.6980): μ̂ = θ − m̂/ĥ from bias-corrected moving averages. Each
 * average is a filter with no prior whose memory fades, with gain 1/(1 + β + … + β^{t−1}) = (1 − β)/(1 − βᵗ), which is the
 * bias correction, and 1/t for β = 1. It is exact for a static minimum of known curvature without a prior and with
 * the parameters at rest; otherwise it neglects the prior, that gradients age as θ moves, and what m̂ adds to v̂.
 *
 * @throws Error when the landscape is not quadratic, its curvature a matrix, or hidden behind noise that does not tell it
 */
export function moments(
  problem: NavigationProblem,
  { beta1 = 0.9, beta2 = 0.999 }: MomentsOptions = {},
): Belief<MomentsState> {
  requireRange("beta1", beta1, beta1 >= 0 && beta1 <= 1, "in [0, 1]");
  requireRange("beta2", beta2, beta2 >= 0 && beta2 <= 1, "in [0, 1]");
  const curvature = curvatureSource(problem);
  const prior = priorMean(problem);
  const d = dimensionOf(problem);
  return {
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => prior[i % d]),
      first: new Float64Array(batch * d),
      second: new Float64Array(batch * d),
      curvature: new Float64Array(batch * d),
      firstMass: 0,
      secondMass: 0,
    }),
    update: (gradients, parameters, state) => {
      state.firstMass = beta1 * state.firstMass + 1;
      state.secondMass = beta2 * state.secondMass + 1;
      state.step++;
      const { first, second, firstMass, secondMass, posteriorMean } = state;
      for (let i = 0; i < first.length; i++) {
        first[i] += (gradients[i] - first[i]) / firstMass;
        second[i] += (gradients[i] * gradients[i] - second[i]) / secondMass;
        state.curvature[i] = curvature(i % d, second[i]);
        posteriorMean[i] = parameters[i] - (first[i] / state.curvature[i] || 0);
      }
      return state;
    },
  };
}

/** ĥ of a coordinate, given its v̂. */
function curvatureSource(problem: NavigationProblem): (coordinate: number, second: number) => number {
  const { landscape } = problem;
  if (landscape.kind !== "quadratic")
    throw new Error(`landscape.kind: must be "quadratic" for a belief, got "${landscape.kind}"`);
  const { curvature } = landscape;
  if (isDense(curvature))
    throw new Error("landscape.curvature: must be a diagonal or logUniform for moments, got a matrix");
  const noise = noiseOf(problem);
  requireWholeGradient(problem);
  if (!isLogUniform(curvature)) return (coordinate) => (curvature as Vector)[coordinate];
  if (noise.kind !== "fisher")
    throw new Error("observation.noise: must be fisher for moments to tell a hidden curvature");
  return (_, second) => noise.batchSize * second;
}

function priorMean({ task, landscape }: NavigationProblem): Vector {
  return task.mean ?? (landscape.kind === "quadratic" ? landscape.minimum : []);
}
