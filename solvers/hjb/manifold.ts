import { type ControlField, restingEffort } from "./control-field.js";
import type { Grid } from "./grid.js";

/** The best way to rest at one point, from every node of a line where that way is unbroken. */
export interface Branch {
  /** x*, where it ends. */
  readonly restingPoint: number;
  /** V, shape [nodes]; Infinity beyond the point where the branch turns back. */
  readonly values: Float64Array;
  /** v = ẋ, shape [nodes]. */
  readonly velocities: Float64Array;
}

/** g(x) = kL′ + (A − γ)Nf at nodes and midpoints alternately, shape [2·nodes − 1]: zero where a learner may rest. */
export function forcesOn(field: ControlField, { lower, spacing, points: [nodes] }: Grid): Float64Array {
  const halves = Float64Array.from({ length: 2 * nodes - 1 }, (_, i) => lower[0] + (i * spacing[0]) / 2);
  return forcesAt(field, halves);
}

function forcesAt(field: ControlField, points: Float64Array): Float64Array {
  const { discountRate, drift, offset, effort } = field;
  const pull = (drift[0] - discountRate) * effort[0];
  return field
    .gradients(points, points.length)
    .map((slope, i) => slope + pull * (drift[0] * points[i] + offset[0]));
}

/**
 * The stable manifold of a resting point in one dimension. With p = V′ and v = f − Mp, the Hamiltonian flow
 * is v·dv/dx = γv + M·g(x), integrated outwards from v = 0, where it is stable, by the three-stage Lobatto
 * IIIA method (order 4) in ½v²; it is exact on parabolas, so it can start at the resting point.
 *
 * `excess` is kL less that of resting for ever at the global minimum.
 */
export function branchOf(
  field: ControlField,
  grid: Grid,
  forces: Float64Array,
  restingPoint: number,
  restingValue: number,
): Branch {
  const nodes = grid.points[0];
  const branch = {
    restingPoint,
    values: new Float64Array(nodes).fill(Infinity),
    velocities: new Float64Array(nodes),
  };
  for (const side of [1, -1] as const) extend(field, grid, forces, branch, restingValue, side);
  return branch;
}

/** Distances and speeds are measured outwards and inwards: w = −side·v ≥ 0, d(½w²)/ds = −γw + M·side·g. */
function extend(
  field: ControlField,
  { lower, spacing, points: [nodes] }: Grid,
  forces: Float64Array,
  branch: Branch,
  restingValue: number,
  side: 1 | -1,
): void {
  const { restingPoint, values, velocities } = branch;
  const { drift, offset, push } = field;
  const h = spacing[0];
  const exact = (restingPoint - lower[0]) / h;
  let node = side > 0 ? Math.ceil(exact) : Math.floor(exact);
  // At a node that is the resting point to rounding, the force has no sign to go by.
  const gap = side * (lower[0] + node * h - restingPoint);
  let step = gap < 1e-9 * h ? 0 : gap;
  let [at, value, speed, force] = [restingPoint, restingValue, 0, 0];
  let middle = step > 0 ? forcesAt(field, Float64Array.of(restingPoint + (side * step) / 2))[0] : 0;
  const slope = (x: number, w: number) => (side * (drift[0] * x + offset[0]) + w) / push[0];
  for (; node >= 0 && node < nodes; node += side) {
    const next = side * forces[2 * node];
    const stage = lobatto(field, step, speed, force, side * middle, next);
    if (!stage) return;
    const ahead = at + side * step;
    value +=
      (step / 6) * (slope(at, speed) + 4 * slope((at + ahead) / 2, stage.middle) + slope(ahead, stage.end));
    [at, speed, force] = [ahead, stage.end, next];
    values[node] = value;
    velocities[node] = -side * speed;
    step = h;
    middle = forces[2 * node + side];
  }
}

/** One step of d(½w²)/ds = −γw + Mg from w₀; null when no speed is left, because the branch turns back. */
function lobatto(
  { discountRate, push: [push] }: ControlField,
  step: number,
  speed: number,
  force: number,
  middleForce: number,
  endForce: number,
): { readonly middle: number; readonly end: number } | null {
  const decay = discountRate * step;
  const known = (speed * speed) / 2;
  const begin = push * force - discountRate * speed;
  const trapezoid = (share: number, f: number) => {
    const energy = known + (share * step * (begin + push * f)) / 2;
    return energy < 0 ? Number.NaN : Math.sqrt((share * decay) ** 2 / 4 + 2 * energy) - (share * decay) / 2;
  };
  let [middle, end] = [trapezoid(0.5, middleForce), trapezoid(1, endForce)];
  if (step === 0) return { middle: speed, end: speed };
  const toMiddle = known + (step * (5 * begin + push * (8 * middleForce - endForce))) / 24;
  const toEnd = known + (step * (begin + push * (4 * middleForce + endForce))) / 6;
  for (let newton = 0; newton < 8; newton++) {
    const first = (middle * middle) / 2 - toMiddle + (decay * (8 * middle - end)) / 24;
    const second = (end * end) / 2 - toEnd + (decay * (4 * middle + end)) / 6;
    const [a, b, c, d] = [middle + decay / 3, -decay / 24, (2 * decay) / 3, end + decay / 6];
    const determinant = a * d - b * c;
    if (determinant === 0) break;
    const [moveMiddle, moveEnd] = [
      (d * first - b * second) / determinant,
      (a * second - c * first) / determinant,
    ];
    middle -= moveMiddle;
    end -= moveEnd;
    if (Math.abs(moveMiddle) + Math.abs(moveEnd) <= 1e-15 * (middle + end)) break;
  }
  return middle >= 0 && end >= 0 ? { middle, end } : null;
}

/** Largest |γV − (kL̃ + ½fᵀNf − ½vᵀNv)| over a branch: the equation itself, which the integration does not use. */
export function branchResidual(
  field: ControlField,
  grid: Grid,
  excess: Float64Array,
  { values, velocities }: Branch,
): number {
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === Infinity) continue;
    const x = grid.lower[0] + i * grid.spacing[0];
    const running = excess[i] + restingEffort(field, [x]) - (field.effort[0] * velocities[i] ** 2) / 2;
    worst = Math.max(worst, Math.abs(field.discountRate * values[i] - running));
  }
  return worst;
}
