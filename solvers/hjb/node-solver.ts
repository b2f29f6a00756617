import type { ControlField } from "./control-field.js";
import type { Grid } from "./grid.js";

/** Stands for a value that is not known yet: finite, so that differences of it are. */
export const UNKNOWN = 1e200;

export interface NodeSolver {
  readonly values: Float64Array;
  /** Solves the equation at one node from its neighbours; returns by how much V changed. */
  update(node: number, row: number, column: number, order: number): number;
  /** Writes the optimal velocity of a node at its place in `out` [nodes, 2]. */
  velocity(node: number, order: number, out: Float64Array): void;
}

/**
 * The upwind equation at a node: γV = r + min over v of ½(v − f)ᵀN(v − f) + v·p, where r is the running cost
 * kL̃ and pᵢ is the one-sided difference of V towards where vᵢ goes. Each choice of sides, and of components
 * of v that are zero, leaves a quadratic equation for V, of which the larger root counts when its v keeps to
 * the chosen sides; the least of these is V. In one dimension the rows are a single one.
 */
export function nodeSolver(
  field: ControlField,
  grid: Grid,
  running: Float64Array,
  caps: Float64Array,
): NodeSolver {
  const isLine = grid.points.length === 1;
  const [rows, columns] = isLine ? [1, grid.points[0]] : [grid.points[0], grid.points[1]];
  const gamma = field.discountRate;
  const [m11, m12, m22] = isLine ? [1, 0, field.push[0]] : [field.push[0], field.push[1], field.push[3]];
  const [n11, n12, n22] = isLine
    ? [1, 0, field.effort[0]]
    : [field.effort[0], field.effort[1], field.effort[3]];
  const [rowStep, columnStep] = isLine ? [1, grid.spacing[0]] : [grid.spacing[0], grid.spacing[1]];
  const driftRows = driftOn(field, grid, 0, isLine);
  const driftColumns = driftOn(field, grid, 1, isLine);
  const values = caps.map((cap) => Math.min(cap, UNKNOWN));
  // Towards lower and higher rows and columns: what p = side·weight·(anchor − V) is made of.
  const anchors = new Float64Array(4);
  const weights = new Float64Array(4);
  let best = 0;
  let bestRow = 0;
  let bestColumn = 0;

  const look = (slot: number, node: number, stride: number, room: number, inverse: number, order: number) => {
    const near = room >= 1 ? values[node + stride] : UNKNOWN;
    weights[slot] = 0;
    if (near >= UNKNOWN) return;
    const far = order === 2 && room >= 2 ? values[node + 2 * stride] : UNKNOWN;
    anchors[slot] = far >= UNKNOWN ? near : (4 * near - far) / 3;
    weights[slot] = far >= UNKNOWN ? inverse : 1.5 * inverse;
  };

  const consider = (value: number, row: number, column: number) => {
    if (!(value < best)) return;
    best = value;
    bestRow = row;
    bestColumn = column;
  };

  /** Both components of v free. */
  const quadrant = (a: number, b: number, cost: number, f1: number, f2: number) => {
    if (weights[a] === 0 || weights[b] === 0) return;
    const sideA = a === 0 ? -1 : 1;
    const sideB = b === 2 ? -1 : 1;
    const r1 = sideA * weights[a];
    const r2 = sideB * weights[b];
    const base = anchors[a] < anchors[b] ? anchors[a] : anchors[b];
    const q1 = r1 * (anchors[a] - base);
    const q2 = r2 * (anchors[b] - base);
    const x = m11 * r1 + m12 * r2;
    const y = m12 * r1 + m22 * r2;
    const square = (r1 * x + r2 * y) / 2;
    const linear = gamma + f1 * r1 + f2 * r2 - q1 * x - q2 * y;
    const constant =
      (q1 * (m11 * q1 + m12 * q2) + q2 * (m12 * q1 + m22 * q2)) / 2 - f1 * q1 - f2 * q2 - cost + gamma * base;
    const rise = largerRoot(square, linear, constant);
    const p1 = q1 - r1 * rise;
    const p2 = q2 - r2 * rise;
    const v1 = f1 - m11 * p1 - m12 * p2;
    const v2 = f2 - m12 * p1 - m22 * p2;
    if (sideA * v1 >= 0 && sideB * v2 >= 0) consider(base + rise, v1, v2);
  };

  /** v along one coordinate: its drift is f₁ + N₁₂f₂/N₁₁ and its push 1/N₁₁. */
  const along = (
    slot: number,
    cost: number,
    own: number,
    cross: number,
    other: number,
    f: number,
    g: number,
  ) => {
    if (weights[slot] === 0) return;
    const side = slot % 2 ? 1 : -1;
    const r = side * weights[slot];
    const drift = f + (cross * g) / own;
    const fixed = cost + (g * g * (other - (cross * cross) / own)) / 2;
    const rise = largerRoot((r * r) / (2 * own), gamma + drift * r, gamma * anchors[slot] - fixed);
    const v = drift + (r * rise) / own;
    if (side * v >= 0) consider(anchors[slot] + rise, slot < 2 ? v : 0, slot < 2 ? 0 : v);
  };

  const solveAt = (node: number, row: number, column: number, order: number) => {
    const cost = running[node];
    best = UNKNOWN;
    bestRow = 0;
    bestColumn = 0;
    if (!(cost < Infinity)) return;
    const f1 = driftRows[node];
    const f2 = driftColumns[node];
    look(0, node, -columns, row, 1 / rowStep, order);
    look(1, node, columns, rows - 1 - row, 1 / rowStep, order);
    look(2, node, -1, column, 1 / columnStep, order);
    look(3, node, 1, columns - 1 - column, 1 / columnStep, order);
    const still = cost + (n11 * f1 * f1 + 2 * n12 * f1 * f2 + n22 * f2 * f2) / 2;
    if (gamma > 0) consider(still / gamma, 0, 0);
    for (let a = 0; a < 2; a++) for (let b = 2; b < 4; b++) quadrant(a, b, cost, f1, f2);
    for (let a = 0; a < 2; a++) along(a, cost, n11, n12, n22, f1, f2);
    for (let b = 2; b < 4; b++) along(b, cost, n22, n12, n11, f2, f1);
  };

  return {
    values,
    update(node, row, column, order) {
      solveAt(node, row, column, order);
      const next = best < caps[node] ? best : caps[node];
      if (next >= UNKNOWN) return 0;
      const change = Math.abs(next - values[node]);
      values[node] = next;
      return change;
    },
    velocity(node, order, out) {
      const row = Math.floor(node / columns);
      solveAt(node, row, node - row * columns, order);
      out[2 * node] = bestRow;
      out[2 * node + 1] = bestColumn;
    },
  };
}

/** Of ax² + bx + c with a > 0, without cancellation; NaN when there is none. */
function largerRoot(a: number, b: number, c: number): number {
  const root = Math.sqrt(b * b - 4 * a * c);
  return b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a);
}

function driftOn(
  field: ControlField,
  { lower, spacing, points }: Grid,
  axis: number,
  isLine: boolean,
): Float64Array {
  const { drift, offset, isDriftless } = field;
  const count = points.reduce((product, n) => product * n, 1);
  const out = new Float64Array(count);
  if (isDriftless || (isLine && axis === 0)) return out;
  if (isLine) return out.map((_, n) => drift[0] * (lower[0] + n * spacing[0]) + offset[0]);
  return out.map((_, n) => {
    const [row, column] = [Math.floor(n / points[1]), n % points[1]];
    const [x, y] = [lower[0] + row * spacing[0], lower[1] + column * spacing[1]];
    return drift[2 * axis] * x + drift[2 * axis + 1] * y + offset[axis];
  });
}
