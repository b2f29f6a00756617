import { inverse } from "ml-matrix";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { toMatrix } from "../dense.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import type { Belief } from "./belief.js";

/**
 * What an exact gradient tells: μ = θ − H⁻¹y.
 *
 * @throws Error when the landscape is not a known quadratic
 */
export function revealedMinimum(problem: NavigationProblem): Belief {
  const { curvature, minimum } = linearQuadraticOf(problem);
  const size = minimum.length;
  const back = Float64Array.from(inverse(toMatrix(curvature)).to1DArray());
  return {
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * size }, (_, i) => minimum[i % size]),
    }),
    update: (gradients, parameters, state) => {
      for (let e = 0; e < state.batch; e++) {
        for (let i = 0; i < size; i++) {
          let sum = parameters[e * size + i];
          for (let j = 0; j < size; j++) sum -= back[i * size + j] * gradients[e * size + j];
          state.posteriorMean[e * size + i] = sum;
        }
      }
      state.step++;
      return state;
    },
  };
}
