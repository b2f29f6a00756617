import type { Policy } from "../../envs/core/policy.js";

/** What every exact policy's state shows: its mean of the minimum, shape [n, d]. */
export interface PosteriorState {
  readonly posteriorMean: Float64Array;
}

/** Hides the concrete state; a policy is only ever given a state that it made. */
export function erase<State extends PosteriorState>(policy: Policy<State>): Policy<PosteriorState> {
  return {
    ...policy,
    act: (observations, state, actions) => policy.act(observations, state as State, actions),
  };
}
