/**
 * What turns a stream of gradients into increments of the parameters, as a pure pair. `update` works in place on
 * a row-major `[n, d]` batch and returns the next state; it may reuse the state that it was given.
 */
export interface GradientTransform<State = unknown> {
  /** Whether `update` looks at the parameters; one that does not may be given an empty array. */
  readonly readsParameters?: boolean;
  /** State for n = `batch` environments with d = `dimension` parameters each. */
  init(batch: number, dimension: number): State;
  update(updates: Float64Array, state: State, parameters: Float64Array): State;
}

/** Multiplies by a constant. */
export function scale(factor: number): GradientTransform<null> {
  return {
    init: () => null,
    update: (updates, state) => {
      for (let i = 0; i < updates.length; i++) updates[i] *= factor;
      return state;
    },
  };
}

/** −α times the update: what makes a descent of it. */
export function descend(learningRate: number): GradientTransform<null> {
  requireRange("learningRate", learningRate, learningRate > 0, "> 0");
  return scale(-learningRate);
}

/** One transform after another; the state is the list of theirs. */
export function chain(...transforms: readonly GradientTransform[]): GradientTransform<readonly unknown[]> {
  return {
    readsParameters: transforms.some(({ readsParameters }) => readsParameters),
    init: (batch, dimension) => transforms.map((transform) => transform.init(batch, dimension)),
    update: (updates, states, parameters) =>
      transforms.map((transform, i) => transform.update(updates, states[i], parameters)),
  };
}

/** @throws Error that names the argument, its value and the range */
export function requireRange(name: string, value: number, accepted: boolean, range: string): void {
  if (!accepted || !Number.isFinite(value)) throw new Error(`${name}: must be ${range}, got ${value}`);
}
