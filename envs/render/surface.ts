import { createLandscape } from "../landscapes/create-landscape.js";
import type { NavigationProblem } from "../problem/problem.js";

/** L(θ − μ) at any points, for one member of a family and one minimum. */
export type Surface = (points: Float64Array) => Float64Array;

export function surfaceOf(
  problem: NavigationProblem,
  minimum: ArrayLike<number>,
  instance: ArrayLike<number>,
): Surface {
  const landscape = createLandscape(problem.landscape);
  const { dimension, instanceSize } = landscape;
  return (points) => {
    const count = points.length / dimension;
    const losses = new Float64Array(count);
    const displaced = points.map((value, i) => value - minimum[i % dimension]);
    const instances = Float64Array.from(
      { length: count * instanceSize },
      (_, i) => instance[i % instanceSize],
    );
    landscape.evaluate(displaced, instances, count, losses, null);
    return losses;
  };
}

/** The lowest of some points, and from there downhill, by halving steps along the axes. */
export function lowestPoint(
  surface: Surface,
  points: Float64Array,
  dimension: number,
  step: number,
): number[] {
  const losses = surface(points);
  let best = 0;
  losses.forEach((loss, n) => {
    if (!(losses[best] <= loss)) best = n;
  });
  const at = Array.from(points.subarray(best * dimension, (best + 1) * dimension));
  for (let size = step, left = 60; left > 0; left--) {
    const moves = at.flatMap((_, j) => [-size, size].map((by) => at.map((x, i) => (i === j ? x + by : x))));
    const tried = surface(Float64Array.from([at, ...moves].flat()));
    const least = tried.indexOf(Math.min(...tried));
    if (least > 0) at.splice(0, dimension, ...moves[least - 1]);
    else size /= 2;
  }
  return at;
}
