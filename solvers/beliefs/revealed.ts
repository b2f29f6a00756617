import { inverse, Matrix } from "ml-matrix";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { minus, symmetrise, toMatrix, trySolve } from "../dense.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import { requirePromptGradient } from "../modelled.js";
import type { Belief } from "./belief.js";
import { coordinatesSeen, gradientModelOf } from "./gradient-model.js";

export interface RevealedBelief extends Belief {
  /** Cov[μ | y], shape [d, d]: 0 where all of the gradient is seen. */
  readonly covariance: Matrix;
}

/**
 * What an exact gradient y = C(θ − μ) tells: μ = θ − H⁻¹y where all of it is seen, and otherwise
 * E[μ | y] = μ₀ + K(C(θ − μ₀) − y) with K = Σ₀Cᵀ(CΣ₀Cᵀ)⁻¹. Earlier gradients add nothing, since all of μ − μ₀ ages alike.
 *
 * @throws Error when the landscape is not a known quadratic, the gradient is late, or only some of it is seen
 * and the prior has no variance there
 */
export function revealedMinimum(problem: NavigationProblem): RevealedBelief {
  const { minimum } = linearQuadraticOf(problem);
  const { observation } = gradientModelOf(problem);
  requirePromptGradient(problem);
  const [k, d] = [observation.rows, observation.columns];
  const { gain, covariance } =
    k === d
      ? { gain: inverse(observation), covariance: Matrix.zeros(d, d) }
      : regression(problem, observation);
  const [told, own] = [gain.mmul(observation), gain].map((each) => Float64Array.from(each.to1DArray()));
  return {
    covariance,
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => minimum[i % d]),
    }),
    update: (gradients, parameters, state) => {
      for (let e = 0; e < state.batch; e++) {
        for (let i = 0; i < d; i++) {
          let sum = minimum[i];
          for (let j = 0; j < d; j++) sum += told[i * d + j] * (parameters[e * d + j] - minimum[j]);
          for (let j = 0; j < k; j++) sum -= own[i * k + j] * gradients[e * k + j];
          state.posteriorMean[e * d + i] = sum;
        }
      }
      state.step++;
      return state;
    },
  };
}

/** K, and the covariance Σ₀ − KCΣ₀ of what y does not tell. */
function regression(problem: NavigationProblem, observation: Matrix) {
  const covariance = toMatrix(problem.task.covariance ?? []);
  const shared = observation.mmul(covariance);
  const transposed = trySolve(symmetrise(shared.mmul(observation.transpose())), shared);
  if (!transposed)
    throw new Error(
      `task.covariance: must give variance to the coordinates [${coordinatesSeen(problem).join(", ")}] of the exact gradient that is seen`,
    );
  const gain = transposed.transpose();
  return { gain, covariance: symmetrise(minus(covariance, gain.mmul(shared))) };
}
