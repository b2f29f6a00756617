import type { Series } from "./report.js";
import { estimate } from "./rows.js";

/** The mean of several curves over the same x, with the 95 % interval of each point. */
export function meanSeries(
  name: string,
  role: Series["role"],
  x: readonly number[],
  curves: readonly (readonly number[])[],
): Series {
  const estimates = x.map((_, i) => estimate(curves.map((curve) => curve[i])));
  const intervals = estimates.flatMap(({ interval }) => (interval ? [interval] : []));
  return {
    name,
    role,
    points: estimates.map(({ mean }, i) => [x[i], mean]),
    ...(intervals.length === x.length && { band: intervals }),
  };
}

/** 0, 1, 2 …, as long as a curve. */
export function indices(curve: readonly unknown[]): number[] {
  return curve.map((_, i) => i);
}
