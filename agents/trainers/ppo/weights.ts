/** How many weights of each kind there are. */
export interface WeightCounts {
  readonly policy: number;
  readonly actions: number;
  readonly value: number;
}

/** All weights, or their gradient, in one vector, and views of its parts. */
export interface Weights {
  readonly all: Float64Array;
  readonly policy: Float64Array;
  /** log σ, one for each action. */
  readonly logDeviations: Float64Array;
  /** The policy and log σ. */
  readonly actor: Float64Array;
  /** Of the value function. */
  readonly value: Float64Array;
}

export function weightsOf({ policy, actions, value }: WeightCounts): Weights {
  const all = new Float64Array(policy + actions + value);
  return {
    all,
    policy: all.subarray(0, policy),
    logDeviations: all.subarray(policy, policy + actions),
    actor: all.subarray(0, policy + actions),
    value: all.subarray(policy + actions),
  };
}
