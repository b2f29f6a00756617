import type { Grid } from "./grid.js";
import { nearestNode } from "./grid.js";
import type { Branch } from "./manifold.js";
import type { SweptValue } from "./sweeping.js";

/** For each node of a line, which branch is the least; −1 where there is none. */
export function lineBasins(branches: readonly Branch[], nodes: number): Int32Array {
  return Int32Array.from({ length: nodes }, (_, node) =>
    branches.reduce((best, { values }, i) => {
      const least = best < 0 ? Infinity : branches[best].values[node];
      return values[node] < least ? i : best;
    }, -1),
  );
}

/**
 * For each node of a plane, where the flow from it ends: the resting point whose indicator function, carried
 * upstream by first-order upwind differences, is largest there.
 */
export function planeBasins(
  { velocities, values }: SweptValue,
  grid: Grid,
  rests: readonly ArrayLike<number>[],
  isLeft: (rest: number) => boolean,
): Int32Array {
  const count = values.length;
  const owner = new Int32Array(count).fill(-1);
  rests.forEach((rest, k) => {
    if (isLeft(k)) return;
    for (const node of around(grid, nearestNode(grid, rest))) owner[node] = k;
  });
  const [basins, most] = [new Int32Array(count).fill(-1), new Float64Array(count)];
  for (let k = 0; k < rests.length; k++) {
    const share = carry(velocities, grid, owner, k);
    for (let node = 0; node < count; node++) {
      if (share[node] > most[node]) [basins[node], most[node]] = [k, share[node]];
    }
  }
  return basins;
}

/** A node and its neighbours, diagonal ones too. */
function around({ points: [rows, columns] }: Grid, node: number): number[] {
  const [row, column] = [Math.floor(node / columns), node % columns];
  const steps = [-1, 0, 1];
  return steps
    .flatMap((a) => steps.map((b) => [row + a, column + b]))
    .filter(([a, b]) => a >= 0 && a < rows && b >= 0 && b < columns)
    .map(([a, b]) => a * columns + b);
}

function carry(
  velocities: Float64Array,
  { points, spacing }: Grid,
  owner: Int32Array,
  k: number,
): Float64Array {
  const [rows, columns] = points;
  const share = new Float64Array(owner.length);
  for (let node = 0; node < owner.length; node++) if (owner[node] === k) share[node] = 1;
  let change = 1;
  for (let round = 0; round < 50 && change > 1e-6; round++) {
    change = 0;
    for (let direction = 0; direction < 4; direction++) {
      for (let n = 0; n < owner.length; n++) {
        const [i, j] = [Math.floor(n / columns), n % columns];
        const node = (direction & 2 ? rows - 1 - i : i) * columns + (direction & 1 ? columns - 1 - j : j);
        if (owner[node] >= 0) continue;
        const [a, b] = [velocities[2 * node] / spacing[0], velocities[2 * node + 1] / spacing[1]];
        const total = Math.abs(a) + Math.abs(b);
        if (total === 0) continue;
        const below = a === 0 ? 0 : Math.abs(a) * share[node + Math.sign(a) * columns];
        const beside = b === 0 ? 0 : Math.abs(b) * share[node + Math.sign(b)];
        const next = (below + beside) / total;
        change = Math.max(change, Math.abs(next - share[node]));
        share[node] = next;
      }
    }
  }
  return share;
}
