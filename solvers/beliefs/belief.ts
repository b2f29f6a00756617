/**
 * What an observer believes about the hidden minimum of each of `n` environments, as a pure pair.
 *
 * `update` takes the gradients y_t, `[n, k]` row-major with the k coordinates that the problem shows, and the parameters
 * θ_t, `[n, d]`, of one step, and returns the belief after seeing them. It may reuse the state it was given, so a state is passed on once. The first
 * update sees the first task; each later one lets the task age by a step before it looks. `cues`, `[n]`, are 1 where the
 * problem tells that the task has just changed; only a belief about such a problem needs them.
 */
export interface Belief<State extends BeliefState = BeliefState> {
  init(batch: number): State;
  update(gradients: Float64Array, parameters: Float64Array, state: State, cues?: Float64Array): State;
}

export interface BeliefState {
  /** n. */
  readonly batch: number;
  /** Steps seen so far. */
  step: number;
  /** μ̂ = E[μ_t | y_0 … y_t], shape [n, d]; before the first step the prior mean. */
  readonly posteriorMean: Float64Array;
}
