/**
 * What turns a stream of gradients into increments of the parameters, as a pure pair. `update` works in place on
 * a row-major `[n, d]` batch and returns the next state; it may reuse the state that it was given.
 */
export interface GradientTransform<State = unknown> {
  /** State for a batch of `size` = n·d numbers. */
  init(size: number): State;
  update(updates: Float64Array, state: State): State;
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

/** One transform after another; the state is the pair of theirs. */
export function chain<First, Second>(
  first: GradientTransform<First>,
  second: GradientTransform<Second>,
): GradientTransform<readonly [First, Second]> {
  return {
    init: (size) => [first.init(size), second.init(size)],
    update: (updates, [one, two]) => {
      const next = first.update(updates, one);
      return [next, second.update(updates, two)];
    },
  };
}

/** @throws Error that names the argument, its value and the range */
export function requireRange(name: string, value: number, accepted: boolean, range: string): void {
  if (!accepted || !Number.isFinite(value)) throw new Error(`${name}: must be ${range}, got ${value}`);
}
