import { elementsOf, gatherPoints } from "./elements.js";
import type { Lagrangian } from "./lagrangian.js";
import { GAUSS, type Path } from "./path.js";
import { riccatiSweep } from "./riccati-sweep.js";

/** What lies beyond the end of a path. */
export interface Tail {
  value(at: Float64Array): number;
  gradient(at: Float64Array): Float64Array;
  /** Flat, shape [d, d]. */
  hessian(at: Float64Array): Float64Array;
}

export interface Optimised {
  readonly path: Path;
  /** Discounted cost of the path and its tail. */
  readonly cost: number;
  readonly converged: boolean;
}

const ITERATIONS = 40;
/** Steps in a row that may gain nothing, while not getting shorter. */
const PATIENCE = 6;
/** Longest move of a node, as a share of the path's extent: late nodes, which the cost hardly sees, must not run away. */
const LEAP = 0.3;

/**
 * Minimises the discounted action of a path from a fixed start by Newton steps. A shift of ℓ_xx makes every
 * pivot positive definite where the path is not yet near an optimum, and a line search makes every step descend.
 */
export function optimise(lagrangian: Lagrangian, tail: Tail, start: Path, tolerance: number): Optimised {
  const { dimension: d, discountRate } = lagrangian;
  const discounts = Float64Array.from({ length: start.times.length - 1 }, (_, n) =>
    Math.exp(-discountRate * (start.times[n + 1] - start.times[n])),
  );
  let path = start;
  let cost = costOf(lagrangian, tail, path);
  let shift = 0;
  let [least, idle] = [Infinity, 0];
  for (let iterations = 0; iterations < ITERATIONS; iterations++) {
    const elements = elementsOf(lagrangian, path);
    const scale = elements.curvature || 1;
    const end = path.points.slice(-d);
    const beyond = { gradient: tail.gradient(end), hessian: tail.hessian(end) };
    let step = riccatiSweep(elements, beyond, discounts, d, shift);
    while (!step && shift < 1e6 * scale) {
      shift = Math.max(4 * shift, 1e-2 * scale);
      step = riccatiSweep(elements, beyond, discounts, d, shift);
    }
    const size = step ? relativeSize(path, step, d) : Infinity;
    const next = step && descend(lagrangian, tail, path, cost, step, size);
    if (!next) return { path, cost, converged: size < 1e-4 };
    const stalls = size > least / 2 && cost - next.cost <= 1e-9 * Math.abs(cost);
    idle = stalls ? idle + 1 : 0;
    least = Math.min(least, size);
    [path, cost] = [next.path, next.cost];
    if (idle === PATIENCE) break;
    if (size <= tolerance && next.isFull && shift === 0) return { path, cost, converged: true };
    if (next.isFull) shift = shift < 1e-3 * scale ? 0 : shift / 8;
  }
  return { path, cost, converged: false };
}

/** Σ e^{−γt}·(cost of each element) + e^{−γT}·tail. */
function costOf(lagrangian: Lagrangian, tail: Tail, path: Path): number {
  const { dimension: d, discountRate } = lagrangian;
  const { points, velocities } = gatherPoints(path, d);
  const values = lagrangian.values(points, velocities);
  const last = path.times.length - 1;
  let cost = Math.exp(-discountRate * path.times[last]) * tail.value(path.points.subarray(last * d));
  for (let n = last - 1; n >= 0; n--) {
    const length = path.times[n + 1] - path.times[n];
    for (let q = 0; q < GAUSS.length; q++) {
      const { at, share } = GAUSS[q];
      const weight = share * length * Math.exp(-discountRate * (path.times[n] + at * length));
      cost += weight * values[n * GAUSS.length + q];
    }
  }
  return cost;
}

function descend(
  lagrangian: Lagrangian,
  tail: Tail,
  path: Path,
  cost: number,
  step: Float64Array,
  size: number,
): { readonly path: Path; readonly cost: number; readonly isFull: boolean } | null {
  const slack = 1e-12 * Math.abs(cost) + 1e-300;
  for (let scale = Math.min(1, LEAP / size); scale > 1e-6; scale /= 2) {
    const next = moved(path, step, scale, lagrangian.dimension);
    const nextCost = costOf(lagrangian, tail, next);
    if (nextCost <= cost + slack) return { path: next, cost: nextCost, isFull: scale === 1 };
  }
  return null;
}

function moved({ times, points, velocities }: Path, step: Float64Array, scale: number, d: number): Path {
  const place = (i: number) => Math.floor(i / d) * 2 * d + (i % d);
  return {
    times,
    points: points.map((value, i) => value + scale * step[place(i)]),
    velocities: velocities.map((value, i) => value + scale * step[place(i) + d]),
  };
}

/** Largest move of a coordinate of θ, relative to the extent of the path. */
function relativeSize({ points }: Path, step: Float64Array, d: number): number {
  let [largest, extent] = [0, 0];
  for (let i = 0; i < points.length; i++) {
    largest = Math.max(largest, Math.abs(step[Math.floor(i / d) * 2 * d + (i % d)]));
    extent = Math.max(extent, Math.abs(points[i]));
  }
  return extent > 0 ? largest / extent : largest;
}
