/** Keeps track of which step went backwards last. */
export interface Carried {
  /** A step forward: what comes backwards next is the last step. */
  forward(): void;
  /** By how much the gradient that step t + 1 left in the memory counts for step t: not at all where t is the last. */
  factor(t: number, discount: number): number;
}

export function carried(): Carried {
  let previous = 0;
  return {
    forward() {
      previous = 0;
    },
    factor(t, discount) {
      const factor = previous === t + 1 ? discount : 0;
      previous = t;
      return factor;
    },
  };
}
