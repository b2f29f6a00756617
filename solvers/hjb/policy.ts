import type { Policy } from "../../envs/core/policy.js";
import { dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import { channelReader } from "../policies/channels.js";
import type { PosteriorState } from "../policies/erase.js";
import { type ControlField, driftAt } from "./control-field.js";
import type { Feedback } from "./feedback.js";

/** `posteriorMean` is the resting point that the learner is bound for. */
interface FlowState extends PosteriorState {
  readonly parameters: Float64Array;
}

export interface FlowOptions {
  /** Longest stride along the flow: the spacing of the grid. */
  readonly stride: number;
  /** Fastest rate at which the flow contracts near a resting point, per unit time. */
  readonly fastest: number;
}

/**
 * Follows the optimal flow: in one environment step it moves to where the continuous optimum would be by then,
 * u = B⁻¹((Φ(θ) − θ)/Δt − f(θ)). As Δt → 0 this is the feedback law −ηG⁻¹Bᵀ∇V; for long steps it does not overshoot.
 *
 * @throws Error when the problem does not show the parameters
 */
export function flowPolicy(
  problem: NavigationProblem,
  field: ControlField,
  feedback: Feedback,
  rests: readonly (readonly number[])[],
  options: FlowOptions,
): Policy<FlowState> {
  const d = dimensionOf(problem);
  const { timeStep } = problem.objective;
  const read = channelReader(problem, "parameters", d);
  const [at, wanted] = [new Float64Array(d), new Float64Array(d)];
  const follow = follower(feedback, d, options);
  return {
    name: "Hamilton-Jacobi-Bellman optimum",
    init: (batch) => ({
      posteriorMean: new Float64Array(batch * d),
      parameters: new Float64Array(batch * d),
    }),
    act(observations, state, actions) {
      read(observations, state.parameters);
      for (let first = 0; first < actions.length; first += d) {
        const own = state.parameters.subarray(first, first + d);
        at.set(own);
        state.posteriorMean.set(rests[feedback.basin(at)] ?? own, first);
        follow(at, timeStep);
        const drift = driftAt(field, own);
        for (let i = 0; i < d; i++) wanted[i] = (at[i] - own[i]) / timeStep - drift[i];
        push(field.unpush, wanted, actions, first);
      }
      return state;
    },
  };
}

function push(unpush: Float64Array, wanted: Float64Array, actions: Float64Array, first: number): void {
  const d = wanted.length;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += unpush[i * d + j] * wanted[j];
    actions[first + i] = sum;
  }
}

/** Moves a point along the flow for a time, by midpoint steps of at most a stride. */
export function follower(
  feedback: Feedback,
  dimension: number,
  { stride, fastest }: FlowOptions,
): (at: Float64Array, time: number) => void {
  const velocity = new Float64Array(dimension);
  const middle = new Float64Array(dimension);
  return (at, time) => {
    for (let left = time; left > 0; ) {
      feedback.velocity(at, velocity);
      const speed = dimension === 1 ? Math.abs(velocity[0]) : Math.hypot(...velocity);
      if (!(speed > 0)) return;
      const step = Math.min(left, stride / speed, 0.5 / fastest);
      for (let i = 0; i < dimension; i++) middle[i] = at[i] + (step / 2) * velocity[i];
      feedback.velocity(middle, velocity);
      for (let i = 0; i < dimension; i++) at[i] += step * velocity[i];
      left -= step;
    }
  };
}
