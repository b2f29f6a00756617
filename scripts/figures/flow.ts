import type { RiccatiSolution } from "../../solvers/index.js";

export type Point = readonly number[];

export interface FlowPath {
  readonly times: readonly number[];
  readonly points: readonly Point[];
}

/** The solution of θ̇ = velocity(θ) from a start: the classical Runge-Kutta method, in steps of equal length. */
export function flow(velocity: (at: Point) => Point, start: Point, duration: number, steps = 400): FlowPath {
  const length = duration / steps;
  const points = [start];
  for (let i = 0; i < steps; i++) points.push(rungeKutta(velocity, points[i], length));
  return { times: points.map((_, i) => i * length), points };
}

/** The path of an optimal law in continuous time. */
export function optimalFlow(
  { closedLoop, closedLoopOffset }: RiccatiSolution,
  start: Point,
  duration: number,
): FlowPath {
  const velocity = (at: Point) =>
    closedLoop.map((row, i) => row.reduce((sum, a, j) => sum + a * at[j], closedLoopOffset[i]));
  return flow(velocity, start, duration);
}

function rungeKutta(velocity: (at: Point) => Point, at: Point, length: number): Point {
  const shifted = (slope: Point, share: number) => at.map((value, i) => value + share * length * slope[i]);
  const first = velocity(at);
  const second = velocity(shifted(first, 0.5));
  const third = velocity(shifted(second, 0.5));
  const fourth = velocity(shifted(third, 1));
  return shifted(
    first.map((value, i) => (value + 2 * second[i] + 2 * third[i] + fourth[i]) / 6),
    1,
  );
}

/** The points of a path in the plane of its first two coordinates. */
export function inPlane({ points }: Pick<FlowPath, "points">): (readonly [number, number])[] {
  return points.map(([x, y]) => [x, y]);
}

/** A function of the point against time. */
export function againstTime(
  { times, points }: FlowPath,
  f: (at: Point) => number,
): (readonly [number, number])[] {
  return times.map((time, i) => [time, f(points[i])]);
}

/** Evenly spaced, ends included. */
export function evenly(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** Evenly spaced logarithms, ends included. */
export function logEvenly(low: number, high: number, count: number): number[] {
  return evenly(Math.log(low), Math.log(high), count).map(Math.exp);
}
