import { Matrix } from "ml-matrix";
import { minus, product, quotient, symmetrise, times, toRows, trySolve } from "../dense.js";
import { type LocalValue, restingValueOf } from "../hjb/local-value.js";
import { solveContinuous } from "../riccati.js";
import type { Lagrangian } from "./lagrangian.js";

const STEPS = 50;

/** Where a learner may rest, ℓ_x + γℓ_v = 0 at v = 0, by Newton steps from a displacement nearby; or null. */
export function restNear(lagrangian: Lagrangian, from: Float64Array): Float64Array | null {
  const { dimension: d, discountRate } = lagrangian;
  const still = new Float64Array(d);
  let at = from;
  for (let step = 0; step < STEPS; step++) {
    const { byPosition, byVelocity, positions, mixed } = lagrangian.derivatives(at, still);
    const force = Array.from(byPosition, (value, i) => value + discountRate * byVelocity[i]);
    const jacobian = square(
      positions.map((value, i) => value + discountRate * mixed[i]),
      d,
    );
    const move = trySolve(jacobian, Matrix.columnVector(force))?.to1DArray();
    if (!move) return null;
    at = at.map((value, i) => value - move[i]);
    const size = Math.max(1e-3, ...at.map(Math.abs));
    if (Math.max(...move.map(Math.abs)) <= 1e-9 * size) return at;
  }
  return null;
}

/**
 * V near a displacement of rest that costs `excess` per unit time, to second order. With w = v + N⁻¹ℓ_vx·y the cross terms of ℓ vanish: what is left
 * is a linear-quadratic problem with drift −N⁻¹ℓ_vx and curvature ℓ_xx − ℓ_xvN⁻¹ℓ_vx. Null where it does not bring
 * every direction home.
 */
export function localAt(
  lagrangian: Lagrangian,
  rest: Float64Array,
  from: Float64Array,
  excess: number,
): LocalValue | null {
  const { dimension: d, discountRate } = lagrangian;
  const still = new Float64Array(d);
  const { byVelocity, positions, mixed, velocities } = lagrangian.derivatives(rest, still);
  const [effort, cross] = [square(velocities, d), square(mixed, d)];
  const pull = quotient(effort, cross);
  const at = rest.map((value, i) => value + from[i]);
  try {
    const { valueMatrix, eigenvalues } = solveContinuous({
      drift: toRows(times(pull, -1)),
      offset: Array.from(still),
      control: toRows(Matrix.eye(d)),
      metric: toRows(effort),
      curvature: toRows(symmetrise(minus(square(positions, d), product(cross.transpose(), pull)))),
      minimum: Array.from(still),
      mobility: 1,
      lossWeight: 1,
      discountRate,
      timeStep: 1,
    });
    const rates = eigenvalues.map(({ real }) => -real);
    if (!rates.every((rate) => rate > 0)) return null;
    return {
      at,
      restingValue: restingValueOf(excess, discountRate),
      momentum: byVelocity.map((value) => -value),
      curvature: Float64Array.from(valueMatrix.flat()),
      rates,
    };
  } catch {
    return null;
  }
}

function square(flat: Float64Array, d: number): Matrix {
  return Matrix.from1DArray(d, d, Array.from(flat));
}
