import type { Vector } from "../../envs/problem/problem.js";
import { type GradientTransform, requireRange } from "./transform.js";

/** g + λθ: the weight decay of AdamW and Lion, where it comes after the scaling. */
export function addDecayedWeights(weightDecay: number): GradientTransform<null> {
  requireRange("weightDecay", weightDecay, weightDecay >= 0, ">= 0");
  return {
    readsParameters: true,
    init: () => null,
    update: (updates, state, parameters) => {
      for (let i = 0; i < updates.length; i++) updates[i] += weightDecay * parameters[i];
      return state;
    },
  };
}

/** The parameters that a rule calls initial, shape [n, d]: given, or those of the first step. */
export interface InitialState {
  readonly initial: Float64Array;
  isKnown: boolean;
}

export function initInitial(given: Vector | undefined, batch: number, dimension: number): InitialState {
  if (given && given.length !== dimension)
    throw new Error(`initial: must have length ${dimension}, got ${given.length}`);
  return {
    initial: Float64Array.from({ length: batch * dimension }, (_, i) => given?.[i % dimension] ?? 0),
    isKnown: given !== undefined,
  };
}

/** θ₀, which the first parameters become where none was given. */
export function initialOf(state: InitialState, parameters: Float64Array): Float64Array {
  if (!state.isKnown) state.initial.set(parameters);
  state.isKnown = true;
  return state.initial;
}

/** g + λ(θ − θ₀), the gradient of L + (λ/2)‖θ − θ₀‖². θ₀ is `initial`, or else where the rule began. */
export function addPullToInitial(weight: number, initial?: Vector): GradientTransform<InitialState> {
  requireRange("weight", weight, weight >= 0, ">= 0");
  return {
    readsParameters: true,
    init: (batch, dimension) => initInitial(initial, batch, dimension),
    update: (updates, state, parameters) => {
      const origin = initialOf(state, parameters);
      for (let i = 0; i < updates.length; i++) updates[i] += weight * (parameters[i] - origin[i]);
      return state;
    },
  };
}
