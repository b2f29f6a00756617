import type { NavigationProblem, Vector } from "../../envs/problem/problem.js";
import type { ControlField } from "./control-field.js";
import { minimumBelow } from "./descent.js";
import { farValleys } from "./far-valleys.js";
import { type Bounds, isWithin } from "./grid.js";
import { newton } from "./stationary.js";

/** Points tried along each side of the box. */
const TRIES = 9;

/** Where an episode starts, or the mean of where. */
export function startOf({ start }: NavigationProblem): Vector {
  return start.kind === "point" ? start.parameters : start.mean;
}

/** Three standard deviations about a Gaussian start, along each coordinate. */
function spreadOf({ start }: NavigationProblem): Vector[] {
  if (start.kind === "point") return [];
  const reach = start.mean.map((_, i) => 3 * Math.sqrt(start.covariance[i][i]));
  return [1, -1].map((sign) => start.mean.map((value, i) => value + sign * reach[i]));
}

/**
 * A box that holds the start, the minimum of its valley, those of the valleys that the loss falls into across its
 * sides, and better ones further off that may be worth the way (`farValleys`), with room to spare.
 */
export function defaultBounds(problem: NavigationProblem, field: ControlField): Bounds {
  const start = startOf(problem);
  const rests = restsFrom(problem, field, start);
  const rest = problem.landscape.kind === "quadratic" ? undefined : rests[0];
  const inside: Vector[] = [start, ...rests, ...spreadOf(problem)];
  let box = boxAround(problem, field, inside);
  for (let round = 0; round < 8; round++) {
    const across = sidesOf(box)
      .filter(({ at, coordinate, outward }) => outward * slopeAt(field, at)[coordinate] < 0)
      .flatMap(({ at }) => restsFrom(problem, field, at))
      .filter((rest) => !isWithin(box, rest));
    const beyond = across.length > 0 || !rest ? across : farValleys(problem, field, box, start, rest);
    if (beyond.length === 0) return box;
    inside.push(...beyond);
    box = boxAround(problem, field, inside);
  }
  return box;
}

function slopeAt(field: ControlField, at: Vector): Float64Array {
  return field.gradients(Float64Array.from(at), 1);
}

/** The minimum of the valley in which a point lies and, with a drift, where a learner bound for it rests. */
export function restsFrom(problem: NavigationProblem, field: ControlField, from: Vector): Vector[] {
  const minimum = minimumFrom(problem, field, from);
  if (!minimum || field.isDriftless) return minimum ? [minimum] : [];
  const scale = Math.hypot(...slopeAt(field, from)) + Math.hypot(...field.offset, ...field.drift);
  const rest = newton(field, Float64Array.from(minimum), 1e-7 * scale);
  return rest ? [minimum, Array.from(rest)] : [minimum];
}

/** Null where none is reached. */
function minimumFrom({ landscape }: NavigationProblem, field: ControlField, from: Vector): Vector | null {
  return landscape.kind === "quadratic" ? landscape.minimum : minimumBelow(field, from);
}

/** The hull of the points, wider on every side by half its extent, measured in the metric, and by what the loss needs to bend. */
function boxAround(problem: NavigationProblem, field: ControlField, points: readonly Vector[]): Bounds {
  const hull = points[0].map((_, i) => {
    const along = points.map((point) => point[i]);
    return [Math.min(...along), Math.max(...along)];
  });
  const unit = hull.map((_, i) => 1 / Math.sqrt(field.effort[i * (hull.length + 1)]));
  const extent = Math.max(...hull.map(([low, high], i) => (high - low) / unit[i]));
  const anchor = points[Math.min(1, points.length - 1)];
  const room = hull.map(([low, high], i) => {
    const bend = problem.landscape.kind === "quadratic" ? 0 : bendingLength(field, anchor, i);
    return Math.max((high - low) / 2, (extent / 2) * unit[i], 3 * bend) || 1;
  });
  return {
    lower: hull.map(([low], i) => low - room[i]),
    upper: hull.map(([, high], i) => high + room[i]),
  };
}

/** How far from a minimum the loss departs from its parabola by half, along one coordinate; 0 if not nearby. */
function bendingLength(field: ControlField, at: Vector, coordinate: number): number {
  const own = field.losses(Float64Array.from(at), 1)[0];
  const curvature = field.hessians(Float64Array.from(at), 1)[coordinate * (at.length + 1)];
  const rise = (shift: number) =>
    field.losses(
      Float64Array.from(at, (value, i) => value + (i === coordinate ? shift : 0)),
      1,
    )[0] - own;
  const size = Math.max(1, Math.abs(at[coordinate]));
  for (let reach = 1e-3 * size; reach < 20 * size; reach *= 1.25) {
    const parabola = (curvature * reach * reach) / 2;
    const departure = Math.max(Math.abs(rise(reach) - parabola), Math.abs(rise(-reach) - parabola));
    if (!Number.isFinite(departure)) return 0;
    if (departure > parabola / 2) return reach;
  }
  return 0;
}

interface SidePoint {
  readonly at: Vector;
  readonly coordinate: number;
  readonly outward: 1 | -1;
}

function sidesOf({ lower, upper }: Bounds): SidePoint[] {
  const across = (coordinate: number, outward: 1 | -1, share: number) => ({
    at: lower.map((low, i) =>
      i === coordinate ? (outward > 0 ? upper : lower)[i] : low + share * (upper[i] - low),
    ),
    coordinate,
    outward,
  });
  const shares = lower.length === 1 ? [0] : Array.from({ length: TRIES }, (_, i) => i / (TRIES - 1));
  return lower.flatMap((_, i) => shares.flatMap((share) => [across(i, -1, share), across(i, 1, share)]));
}
