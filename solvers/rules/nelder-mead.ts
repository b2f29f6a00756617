export interface Minimum {
  readonly at: number[];
  readonly value: number;
}

interface SearchOptions {
  /** Edge of the first simplex. Default 1. */
  readonly edge?: number;
  /** Spread of the values, relative to the least, at which to stop. Default 1e-9. */
  readonly tolerance?: number;
  /** Default 200. */
  readonly evaluations?: number;
}

/**
 * The simplex search of Nelder and Mead (1965), with an Infinity where a function is not defined. It is only ever
 * asked about a few hyperparameters, whose scale is known.
 */
export function nelderMead(
  f: (at: readonly number[]) => number,
  start: readonly number[],
  { edge = 1, tolerance = 1e-9, evaluations = 200 }: SearchOptions = {},
): Minimum {
  let left = evaluations;
  const look = (at: number[]): Minimum => {
    left--;
    return { at, value: f(at) };
  };
  const corner = (j: number) => start.map((value, i) => value + (i === j ? edge : 0));
  const simplex = [-1, ...start.keys()].map((j) => look(corner(j)));
  const sort = () => simplex.sort((a, b) => (a.value === b.value ? 0 : a.value - b.value));
  sort();
  while (left > 0 && !hasConverged(simplex, tolerance)) {
    const worst = simplex[simplex.length - 1];
    const middle = start.map((_, i) => mean(simplex.slice(0, -1).map(({ at }) => at[i])));
    const along = (t: number) => look(middle.map((value, i) => value + t * (worst.at[i] - value)));
    const reflected = along(-1);
    const next =
      reflected.value < simplex[0].value
        ? better(along(-2), reflected)
        : reflected.value < simplex[simplex.length - 2].value
          ? reflected
          : better(along(reflected.value < worst.value ? -0.5 : 0.5), reflected);
    if (next.value < worst.value) simplex[simplex.length - 1] = next;
    else for (let j = 1; j < simplex.length; j++) simplex[j] = look(halfway(simplex[0].at, simplex[j].at));
    sort();
  }
  return simplex[0];
}

function hasConverged(simplex: readonly Minimum[], tolerance: number): boolean {
  const [best, worst] = [simplex[0], simplex[simplex.length - 1]];
  if (!Number.isFinite(worst.value)) return false;
  const size = Math.max(...worst.at.map((value, i) => Math.abs(value - best.at[i])));
  return worst.value - best.value <= tolerance * Math.abs(best.value) && size < 1e-2;
}

function better(a: Minimum, b: Minimum): Minimum {
  return a.value < b.value ? a : b;
}

function halfway(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => (value + b[i]) / 2);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
