import { fillNormals, rootKey } from "../../envs/core/random.js";
import type { NavigationProblem, Vector } from "../../envs/problem/problem.js";
import { defaultBounds, restsFrom, startOf } from "../hjb/bounds.js";
import type { ControlField } from "../hjb/control-field.js";
import { gridOver } from "../hjb/grid.js";
import { describe, type StationaryPoint, stationaryPoints } from "../hjb/stationary.js";

/** Searches begun around the start above two dimensions. */
const SEARCHES = 12;
const EXPANSIONS = [0.5, 1, 2, 4];

/**
 * Where a path may end: in one or two dimensions every minimum of a grid around the start, above that those
 * that searches from around the start reach.
 */
export function targetsOf(problem: NavigationProblem, field: ControlField): StationaryPoint[] {
  const found =
    field.dimension <= 2
      ? stationaryPoints(
          field,
          gridOver(defaultBounds(problem, field), field.dimension === 1 ? 801 : 81),
          restsFrom(problem, field, startOf(problem)),
        )
      : distinct(searched(problem, field)).map((at) => describe(field, Array.from(at)));
  return found.filter(({ kind }) => kind === "minimum").sort((a, b) => a.restingCost - b.restingCost);
}

/** The last of each search's: the minimum, or where a learner rests beside it. */
function searched(problem: NavigationProblem, field: ControlField): Vector[] {
  const from = startOf(problem);
  const own = restsFrom(problem, field, from);
  if (problem.landscape.kind === "quadratic") return own.slice(-1);
  const reach = own.length === 0 ? 1 : Math.hypot(...own[0].map((value, i) => value - from[i])) || 1;
  const normals = new Float64Array(SEARCHES * from.length);
  fillNormals(rootKey("targets"), 0, 0, normals.length, normals);
  const around = Array.from({ length: SEARCHES }, (_, n) =>
    from.map((value, i) => value + EXPANSIONS[n % EXPANSIONS.length] * reach * normals[n * from.length + i]),
  );
  return [own.slice(-1), ...around.map((at) => restsFrom(problem, field, at).slice(-1))].flat();
}

function distinct(points: readonly Vector[]): Vector[] {
  const scale = Math.max(1e-6, ...points.flat().map(Math.abs));
  const isNear = (a: Vector, b: Vector) => Math.hypot(...a.map((value, i) => value - b[i])) < 1e-4 * scale;
  return points.filter((point, i) => points.findIndex((other) => isNear(other, point)) === i);
}
