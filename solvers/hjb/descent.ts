import { factorise, solveFactorised } from "../collocation/blocks.js";
import { type ControlField, quadraticForm } from "./control-field.js";

const STEPS = 400;

/**
 * The minimum at which the gradient flow Nθ̇ = −k∇L from a point ends, by implicit Euler steps that lengthen as it
 * settles, until they are Newton's; null when it does not come to rest where the loss is curved.
 */
export function minimumBelow(field: ControlField, from: ArrayLike<number>): number[] | null {
  let at = Float64Array.from(from);
  let loss = field.losses(at, 1)[0];
  let slope = field.gradients(at, 1);
  let hessian = field.hessians(at, 1);
  // From a minimum itself there is no descent, and what slope is left is rounding.
  const rounding = 1e-4 * norm(hessian) * Math.max(1, norm(at));
  let [steepest, sharpest] = [Math.max(norm(slope), rounding), norm(hessian)];
  let time = 0.3 / (norm(multiply(field.push, hessian, field.dimension)) || 1);
  for (let i = 0; i < STEPS; i++) {
    if (norm(slope) <= (field.isExact ? 1e-11 : 1e-8) * steepest) break;
    const step = implicitStep(field, hessian, slope, time);
    const next = step && at.map((value, j) => value - step[j]);
    const nextLoss = next ? field.losses(next, 1)[0] : Infinity;
    if (!next || !(nextLoss <= loss + 1e-13 * Math.abs(loss))) {
      if (time < 1e-12) break;
      time /= 4;
      continue;
    }
    const isStill = step.every((move, j) => Math.abs(move) <= 1e-15 * Math.abs(at[j]));
    [at, loss, slope, hessian] = [next, nextLoss, field.gradients(next, 1), field.hessians(next, 1)];
    [steepest, sharpest] = [Math.max(steepest, norm(slope)), Math.max(sharpest, norm(hessian))];
    if (isStill) break;
    time *= 1.7;
  }
  const rests = norm(slope) <= (field.isExact ? 1e-8 : 1e-5) * steepest;
  return rests && isCurved(hessian, at.length, 1e-7 * sharpest) ? Array.from(at) : null;
}

/** (k∇²L + N/time)⁻¹·k∇L, or null where that is no descent. */
function implicitStep(
  { effort, dimension: d }: ControlField,
  hessian: Float64Array,
  slope: Float64Array,
  time: number,
): Float64Array | null {
  const matrix = hessian.map((value, i) => value + effort[i] / time);
  if (!factorise(matrix, d)) return null;
  const step = slope.slice();
  solveFactorised(matrix, d, step, 1);
  return quadraticForm(effort, step) < Infinity ? step : null;
}

function isCurved(hessian: Float64Array, d: number, floor: number): boolean {
  const lowered = hessian.map((value, i) => (i % (d + 1) === 0 ? value - floor : value));
  return factorise(lowered, d);
}

function norm(values: Float64Array): number {
  return Math.hypot(...values);
}

function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  return a.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += a[Math.floor(at / d) * d + k] * b[k * d + (at % d)];
    return sum;
  });
}
