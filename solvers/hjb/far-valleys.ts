import { createLandscape } from "../../envs/landscapes/create-landscape.js";
import type { NavigationProblem, Vector } from "../../envs/problem/problem.js";
import { type ControlField, quadraticForm } from "./control-field.js";
import { minimumBelow } from "./descent.js";
import { type Bounds, isWithin } from "./grid.js";

/** How far valleys are looked for, in half widths of the box. */
const REACH = 30;
/** Points along each ray, each further out by the same factor, and rays about a plane. */
const POINTS = 240;
const RAYS = 32;
/** Searches that descend from the lowest points of all rays. */
const DESCENTS = 6;
/** Beyond what staying costs, since the best path is cheaper than the straight one at constant speed. */
const MARGIN = 2;
const SPEEDS = 80;

/**
 * Minima beyond the box, behind walls perhaps, that are lower than the one at hand and worth a look: those that the
 * landscape declares, and those below the lowest points of rays from the middle of the box. Where the straight way
 * costs more than twice what staying does, a valley is left out. One that is narrow beside its distance can be missed.
 */
export function farValleys(
  problem: NavigationProblem,
  field: ControlField,
  box: Bounds,
  start: Vector,
  rest: Vector,
): Vector[] {
  const lossAt = (at: Vector) => field.losses(Float64Array.from(at), 1)[0];
  const own = lossAt(rest);
  const isLower = (at: Vector) => own - lossAt(at) > 1e-9 * Math.max(Math.abs(own), Math.abs(lossAt(at)));
  const declared = (createLandscape(problem.landscape).minima ?? []).filter(({ global }) => global);
  const found = lowestOnRays(field, box, own)
    .map((at) => minimumBelow(field, at))
    .filter((at) => at !== null);
  const points = [...declared.map(({ parameters }) => parameters), ...found];
  return points.filter((at) => isLower(at) && !isWithin(box, at) && pays(field, start, at, own));
}

/** Points of the rays that are lower than their neighbours and than `loss`: the lowest few. */
function lowestOnRays(field: ControlField, { lower, upper }: Bounds, loss: number): Vector[] {
  const d = field.dimension;
  const middle = lower.map((low, i) => (low + upper[i]) / 2);
  const low: { readonly at: Vector; readonly loss: number }[] = [];
  for (const direction of directionsOf(d)) {
    const ray = Array.from({ length: POINTS }, (_, n) => {
      const radius = REACH ** (n / (POINTS - 1));
      return middle.map((value, i) => value + (radius * direction[i] * (upper[i] - lower[i])) / 2);
    });
    const losses = field.losses(Float64Array.from(ray.flat()), POINTS);
    for (let n = 1; n < POINTS - 1; n++)
      if (losses[n] < loss && losses[n] <= losses[n - 1] && losses[n] <= losses[n + 1])
        low.push({ at: ray[n], loss: losses[n] });
  }
  return low
    .sort((one, other) => one.loss - other.loss)
    .slice(0, DESCENTS)
    .map(({ at }) => at);
}

function directionsOf(d: number): Vector[] {
  if (d === 1) return [[1], [-1]];
  const angles = Array.from({ length: RAYS }, (_, n) => (2 * Math.PI * n) / RAYS);
  return angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
}

/** Whether going straight to a minimum, at the best constant speed, costs less than some times staying at loss `own`. */
function pays(field: ControlField, start: Vector, target: Vector, own: number): boolean {
  const { discountRate } = field;
  if (discountRate === 0) return true;
  const way = target.map((value, i) => value - start[i]);
  const along = Array.from({ length: POINTS }, (_, n) =>
    start.map((value, i) => value + ((n + 0.5) / POINTS) * way[i]),
  );
  const losses = field.losses(Float64Array.from(along.flat()), POINTS);
  const lowest = field.losses(Float64Array.from(target), 1)[0];
  const effort = quadraticForm(field.effort, Float64Array.from(way)) / 2;
  const staying = (own - lowest) / discountRate;
  for (let n = 0; n < SPEEDS; n++) {
    const duration = 10 ** (4 * (n / (SPEEDS - 1)) - 2) / discountRate;
    const step = duration / POINTS;
    const each = -Math.expm1(-discountRate * step) / discountRate;
    const going = losses.reduce(
      (sum, loss, i) => sum + Math.exp(-discountRate * i * step) * each * (loss - lowest),
      (effort / duration ** 2) * (-Math.expm1(-discountRate * duration) / discountRate),
    );
    if (going < MARGIN * staying) return true;
  }
  return false;
}
