import type { ControlField } from "./control-field.js";
import type { Grid } from "./grid.js";
import { nodeSolver } from "./node-solver.js";

export interface SweptValue {
  /** V, shape [nodes]. */
  readonly values: Float64Array;
  /** v = θ̇, shape [nodes, 2]; in one dimension the first is 0. */
  readonly velocities: Float64Array;
  readonly sweeps: number;
  /** Largest change of V in the last round of sweeps, relative to its range. */
  readonly residual: number;
}

export interface SweepOptions {
  /** Change of V in a round of sweeps, relative to its range, at which it has converged. */
  readonly tolerance: number;
  /** 1: monotone and sure. 2: begins with order 1. */
  readonly order: 1 | 2;
}

/** Rounds of four sweeps allowed per order. */
const ROUNDS = 200;

/**
 * Fast sweeping: Gauss-Seidel passes over the nodes in four alternating orders, so that values travel along
 * whole characteristics in one pass. Starts from above, so that order 1 descends to its solution; order 2
 * replaces the differences by one-sided ones of three points, taken where the flow goes, and so never across a
 * crest from which it parts.
 *
 * `caps` [nodes] are upper bounds that hold from the start, such as values near a minimum.
 */
export function sweep(
  field: ControlField,
  grid: Grid,
  running: Float64Array,
  caps: Float64Array,
  { tolerance, order }: SweepOptions,
): SweptValue {
  const [rows, columns] = grid.points.length === 1 ? [1, grid.points[0]] : [grid.points[0], grid.points[1]];
  const solver = nodeSolver(field, grid, running, caps);
  const { values } = solver;
  let sweeps = 0;
  let residual = Infinity;
  for (let stage = 1; stage <= order; stage++) {
    for (let round = 0; round < ROUNDS; round++) {
      const range = rangeOf(values);
      let change = 0;
      for (let direction = 0; direction < (rows === 1 ? 2 : 4); direction++, sweeps++) {
        change = Math.max(change, pass(solver.update, rows, columns, direction, stage));
      }
      residual = range > 0 ? change / range : change;
      if (!(residual > tolerance)) break;
    }
  }
  const velocities = new Float64Array(2 * values.length);
  for (let node = 0; node < values.length; node++) solver.velocity(node, order, velocities);
  return { values, velocities, sweeps, residual };
}

function pass(
  update: (node: number, row: number, column: number, stage: number) => number,
  rows: number,
  columns: number,
  direction: number,
  stage: number,
): number {
  let change = 0;
  for (let i = 0; i < rows; i++) {
    const row = direction & 2 ? rows - 1 - i : i;
    for (let j = 0; j < columns; j++) {
      const column = direction & 1 ? columns - 1 - j : j;
      const moved = update(row * columns + column, row, column, stage);
      if (moved > change) change = moved;
    }
  }
  return change;
}

function rangeOf(values: Float64Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(value < 1e100)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}
