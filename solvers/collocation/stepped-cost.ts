import type { ControlField } from "../hjb/control-field.js";
import { factorise, solveFactorised } from "./blocks.js";

/** What lies beyond the last step, charged in the value of that time. */
export interface SteppedTail {
  /** θ∞ and the discrete Riccati matrix there, flat. */
  readonly at: Float64Array;
  readonly curvature: Float64Array;
  /** Of resting there for ever. */
  readonly restingValue: number;
}

/** The environment's own cost of a path in steps, without drift. */
export interface SteppedProblem {
  readonly field: ControlField;
  /** Δt. */
  readonly timeStep: number;
  /** kL at the global minimum, which is not charged. */
  readonly leastCost: number;
  readonly tail: SteppedTail;
  readonly from: Float64Array;
}

const ITERATIONS = 40;

/**
 * Least cost Σρᵗ·Δt·[½wᵀNw + kL̃(θ_{t+1})], w = (θ_{t+1} − θ_t)/Δt, near a path `guess` of θ after each step, shape
 * [steps, d]: Newton steps by a Riccati recursion from the end.
 */
export function steppedCost(problem: SteppedProblem, guess: Float64Array): number {
  let points = guess;
  let cost = costOf(problem, points);
  for (let i = 0; i < ITERATIONS; i++) {
    const before = cost;
    const step = newtonStep(problem, points);
    for (let scale = 1; step && scale > 1e-6; scale /= 2) {
      const next = points.map((value, at) => value + scale * step[at]);
      const nextCost = costOf(problem, next);
      if (!(nextCost < cost)) continue;
      [points, cost] = [next, nextCost];
      break;
    }
    if (before - cost <= 1e-13 * Math.abs(cost)) break;
  }
  return cost;
}

function costOf({ field, timeStep, leastCost, tail, from }: SteppedProblem, points: Float64Array): number {
  const { dimension: d, discountRate, effort } = field;
  const steps = points.length / d;
  const losses = field.losses(points, steps);
  const discount = Math.exp(-discountRate * timeStep);
  const gap = tail.at.map((value, i) => points[points.length - d + i] - value);
  let cost = tail.restingValue + form(tail.curvature, gap) / 2;
  for (let n = steps - 1; n >= 0; n--) {
    const move = velocity(points, from, n, d, timeStep);
    cost = timeStep * (form(effort, move) / 2 + losses[n] - leastCost) + discount * cost;
  }
  return cost;
}

/** Shape [steps, d]; null when a pivot is not positive definite. */
function newtonStep(
  { field, timeStep, tail, from }: SteppedProblem,
  points: Float64Array,
): Float64Array | null {
  const { dimension: d, discountRate, effort } = field;
  const steps = points.length / d;
  const discount = Math.exp(-discountRate * timeStep);
  const slopes = field.gradients(points, steps);
  const hessians = field.hessians(points, steps);
  const gains = new Float64Array(steps * d * d);
  const moves = new Float64Array(steps * d);
  let value = tail.curvature;
  let slope = multiply(
    value,
    tail.at.map((rest, i) => points[points.length - d + i] - rest),
  );
  for (let n = steps - 1; n >= 0; n--) {
    const push = multiply(effort, velocity(points, from, n, d, timeStep));
    const pivot = effort.map(
      (each, at) => each / timeStep + timeStep * hessians[n * d * d + at] + discount * value[at],
    );
    if (!factorise(pivot, d)) return null;
    const gain = gains.subarray(n * d * d, (n + 1) * d * d);
    const move = moves.subarray(n * d, (n + 1) * d);
    gain.set(effort.map((each) => each / timeStep));
    move.set(push.map((p, i) => p + timeStep * slopes[n * d + i] + discount * slope[i]));
    solveFactorised(pivot, d, gain, d);
    solveFactorised(pivot, d, move, 1);
    const pulled = multiply(effort, move);
    slope = push.map((p, i) => pulled[i] / timeStep - p);
    value = effort.map((each, at) => {
      let sum = each / timeStep;
      for (let k = 0; k < d; k++)
        sum -= (effort[Math.floor(at / d) * d + k] / timeStep) * gain[k * d + (at % d)];
      return sum;
    });
  }
  return rollOut(gains, moves, d);
}

function rollOut(gains: Float64Array, moves: Float64Array, d: number): Float64Array {
  const step = moves.map((value) => -value);
  for (let at = d; at < step.length; at++) {
    const before = (Math.floor(at / d) - 1) * d;
    for (let j = 0; j < d; j++) step[at] += gains[at * d + j] * step[before + j];
  }
  return step;
}

function velocity(
  points: Float64Array,
  from: Float64Array,
  n: number,
  d: number,
  timeStep: number,
): Float64Array {
  return from.map((start, i) => (points[n * d + i] - (n === 0 ? start : points[(n - 1) * d + i])) / timeStep);
}

function multiply(matrix: Float64Array, x: Float64Array): Float64Array {
  const d = x.length;
  return x.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += matrix[i * d + j] * x[j];
    return sum;
  });
}

function form(matrix: Float64Array, x: Float64Array): number {
  return multiply(matrix, x).reduce((sum, value, i) => sum + value * x[i], 0);
}
