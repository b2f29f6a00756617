/** Values on a grid of `columns` × `rows` points, row by row. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float64Array;
}

/** Levels that cut the grid's points into parts of equal number: as many lines in the flat as in the steep. */
export function levelsOf({ values }: Grid, count: number): number[] {
  const sorted = values.filter(Number.isFinite).sort();
  if (sorted.length === 0) return [];
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) / count) * sorted.length)]);
}

export type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

/**
 * Where the values cross a level, as segments in grid units: marching squares, a saddle resolved by the mean of
 * its four corners.
 */
export function contour({ columns, rows, values }: Grid, level: number): Segment[] {
  const segments: Segment[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const corners = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
      if (!corners.every(Number.isFinite)) continue;
      for (const [from, to] of crossedEdges(corners, level)) {
        const [x0, y0] = crossing(from, corners, level);
        const [x1, y1] = crossing(to, corners, level);
        segments.push([column + x0, row + y0, column + x1, row + y1]);
      }
    }
  }
  return segments;
}

/** Edge i runs from corner i to corner i + 1; corners go around from the lower left. */
function crossedEdges(corners: readonly number[], level: number): (readonly [number, number])[] {
  const above = corners.map((value) => value > level);
  const crossed = [0, 1, 2, 3].filter((i) => above[i] !== above[(i + 1) % 4]);
  if (crossed.length < 4) return crossed.length === 2 ? [[crossed[0], crossed[1]]] : [];
  const centre = corners.reduce((sum, value) => sum + value, 0) / 4 > level;
  return centre === above[0]
    ? [
        [0, 1],
        [2, 3],
      ]
    : [
        [3, 0],
        [1, 2],
      ];
}

const corner = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

function crossing(edge: number, corners: readonly number[], level: number): readonly [number, number] {
  const next = (edge + 1) % 4;
  const share = (level - corners[edge]) / (corners[next] - corners[edge]);
  const [x0, y0] = corner[edge];
  const [x1, y1] = corner[next];
  return [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
}
