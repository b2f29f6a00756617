import type { Vector } from "../../envs/problem/problem.js";

/** A box of parameters, one interval per coordinate. */
export interface Bounds {
  readonly lower: Vector;
  readonly upper: Vector;
}

export function isWithin({ lower, upper }: Bounds, at: Vector): boolean {
  return at.every((value, i) => value >= lower[i] && value <= upper[i]);
}

/** A uniform grid over a box; nodes are row-major, the last coordinate fastest. */
export interface Grid {
  readonly lower: Vector;
  /** Distance of neighbouring nodes along each coordinate. */
  readonly spacing: Vector;
  /** Nodes along each coordinate. */
  readonly points: Vector;
}

/** @throws Error when a bound or the number of points is out of range */
export function gridOver({ lower, upper }: Bounds, gridPoints: number): Grid {
  if (!(Number.isInteger(gridPoints) && gridPoints >= 5))
    throw new Error(`gridPoints: must be a whole number >= 5, got ${gridPoints}`);
  lower.forEach((low, i) => {
    if (!(low < upper[i])) throw new Error(`bounds.upper[${i}]: must be > lower (${low}), got ${upper[i]}`);
  });
  return {
    lower,
    spacing: lower.map((low, i) => (upper[i] - low) / (gridPoints - 1)),
    points: lower.map(() => gridPoints),
  };
}

/** Every node, shape [nodes, d]. */
export function nodesOf({ lower, spacing, points }: Grid): Float64Array {
  const d = points.length;
  const count = points.reduce((product, n) => product * n, 1);
  const nodes = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    let rest = n;
    for (let i = d - 1; i >= 0; i--) {
      nodes[n * d + i] = lower[i] + (rest % points[i]) * spacing[i];
      rest = Math.floor(rest / points[i]);
    }
  }
  return nodes;
}

export function isInside({ lower, spacing, points }: Grid, at: ArrayLike<number>): boolean {
  return lower.every((low, i) => at[i] >= low && at[i] <= low + spacing[i] * (points[i] - 1));
}

/** The node nearest to a point of the box. */
export function nearestNode({ lower, spacing, points }: Grid, at: ArrayLike<number>): number {
  return lower.reduce((node, low, i) => {
    const along = Math.round((at[i] - low) / spacing[i]);
    return node * points[i] + Math.min(Math.max(along, 0), points[i] - 1);
  }, 0);
}
