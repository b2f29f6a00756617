import { Matrix } from "ml-matrix";
import { solveContinuous } from "../riccati.js";
import { type ControlField, quadraticForm } from "./control-field.js";
import { type Grid, nodesOf } from "./grid.js";
import type { StationaryPoint } from "./stationary.js";

/** V near a point of rest, to second order: restingValue + momentumᵀy + ½yᵀSy with y = θ − θ∞. */
export interface LocalValue {
  readonly at: Float64Array;
  readonly restingValue: number;
  /** ∇V at rest, Nf: what holds the learner against the drift. */
  readonly momentum: Float64Array;
  /** S, shape [d, d]. */
  readonly curvature: Float64Array;
  /** The closed loop θ̇ = −Ry: its eigenvalues are rates, per unit time. */
  readonly rates: readonly number[];
}

/** Null where the Hessian does not bring every direction home. */
export function localValue(
  field: ControlField,
  { parameters, restingCost }: StationaryPoint,
  leastCost: number,
): LocalValue | null {
  const d = field.dimension;
  const rows = (flat: Float64Array) => Matrix.from1DArray(d, d, Array.from(flat)).to2DArray();
  const at = Float64Array.from(parameters);
  try {
    const { valueMatrix, eigenvalues } = solveContinuous({
      drift: rows(field.drift),
      offset: Array.from(field.offset),
      control: Matrix.eye(d).to2DArray(),
      metric: rows(field.effort),
      curvature: rows(field.hessians(at, 1)),
      minimum: parameters,
      mobility: 1,
      lossWeight: 1,
      discountRate: field.discountRate,
      timeStep: 1,
    });
    const rates = eigenvalues.map(({ real }) => -real);
    if (!rates.every((rate) => rate > 0)) return null;
    return {
      at,
      restingValue: restingValueOf(restingCost - leastCost, field.discountRate),
      momentum: heldAgainst(field, at),
      curvature: Float64Array.from(valueMatrix.flat()),
      rates,
    };
  } catch {
    return null;
  }
}

/** Of resting for ever. */
export function restingValueOf(cost: number, discountRate: number): number {
  return cost === 0 ? 0 : cost / discountRate;
}

function heldAgainst({ dimension: d, effort, drift, offset }: ControlField, at: Float64Array): Float64Array {
  const out = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let f = offset[j];
      for (let k = 0; k < d; k++) f += drift[j * d + k] * at[k];
      out[i] += effort[i * d + j] * f;
    }
  }
  return out;
}

export function evaluateLocal(local: LocalValue, at: ArrayLike<number>): number {
  const y = local.at.map((value, i) => at[i] - value);
  return (
    local.momentum.reduce((sum, p, i) => sum + p * y[i], local.restingValue) +
    quadraticForm(local.curvature, y) / 2
  );
}

/** Bounds from above: the parabola of each point of rest at the nodes within two cells of it. */
export function capsNear(locals: readonly LocalValue[], grid: Grid): Float64Array {
  const points = nodesOf(grid);
  const { lower, spacing, points: sizes } = grid;
  const d = sizes.length;
  const caps = new Float64Array(points.length / d).fill(Infinity);
  for (const local of locals) {
    const centre = sizes.map((_, i) => Math.round((local.at[i] - lower[i]) / spacing[i]));
    const near = (i: number) =>
      Array.from({ length: 5 }, (_, k) => centre[i] + k - 2).filter((n) => n >= 0 && n < sizes[i]);
    const nodes =
      d === 1 ? near(0) : near(0).flatMap((row) => near(1).map((column) => row * sizes[1] + column));
    for (const node of nodes) {
      const value = evaluateLocal(local, points.subarray(node * d, (node + 1) * d));
      caps[node] = Math.min(caps[node], value);
    }
  }
  return caps;
}
