import type { Policy } from "../../envs/core/policy.js";
import { dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import {
  type CurvatureGridOptions,
  type CurvatureGridState,
  curvatureGrid,
} from "../beliefs/curvature-grid.js";
import { solveScalar } from "../scalar.js";
import { type FilteredState, observer } from "./filtered.js";
import { separableObjective } from "./separable.js";

/**
 * Minimises the expected cost-to-go under the belief about a hidden curvature, as if everything were revealed
 * after the step (QMDP): u = −Σ p_h M_h(θ − μ̂_h)/(g/η + Δt Σ p_h M_h).
 *
 * @throws Error when the curvature is not hidden, or something couples the coordinates
 */
export function qmdpPolicy(
  problem: NavigationProblem,
  options: CurvatureGridOptions = {},
): Policy<FilteredState<CurvatureGridState>> {
  const belief = curvatureGrid(problem, options);
  const look = observer(problem, belief);
  const objective = separableObjective(problem);
  const { mobility, timeStep } = problem.objective;
  const d = dimensionOf(problem);
  const points = belief.curvatures.length;
  const after = Float64Array.from({ length: d * points }, (_, i) => {
    return solveScalar(objective(Math.floor(i / points), belief.curvatures[i % points])).after;
  });
  const effort = Float64Array.from({ length: d }, (_, i) => (objective(i, 1).metric ?? 1) / mobility);
  return {
    name: "QMDP",
    init: look.init,
    act: (observations, state, actions) => {
      look.update(observations, state);
      const { weights, means } = state.belief;
      for (let i = 0; i < actions.length; i++) {
        let pull = 0;
        let stiffness = 0;
        const table = (i % d) * points;
        for (let j = 0; j < points; j++) {
          const weight = weights[i * points + j] * after[table + j];
          pull += weight * (state.parameters[i] - means[i * points + j]);
          stiffness += weight;
        }
        actions[i] = -pull / (effort[i % d] + timeStep * stiffness);
      }
      return state;
    },
  };
}
