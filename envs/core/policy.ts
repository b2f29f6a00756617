/**
 * Anything that acts: a textbook rule, an optimal solution, a trained network.
 *
 * A policy is a pair of functions with explicit state. `init` makes the state for a batch of `n`
 * environments. `act` reads observations `[n, observationSize]` and writes actions `[n, actionSize]`,
 * both row-major, and returns the next state; it may reuse the state that it was given, so a state is
 * passed on once and then forgotten.
 */
export interface Policy<State = unknown> {
  readonly name: string;
  init(batch: number): State;
  act(observations: Float64Array, state: State, actions: Float64Array): State;
}
