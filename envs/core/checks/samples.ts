import type { Landscape } from "../../landscapes/landscape.js";
import { refuseOthers } from "../arguments.js";
import type { CheckLandscapeOptions } from "../check-landscape.js";
import { deriveKey, rootKey, uniformAt } from "../random.js";
import { Box } from "../spaces.js";
import { require } from "./report.js";

/** A point that is said to be a minimum, and what else is said of it. */
export interface Minimum {
  readonly point: Float64Array;
  readonly loss?: number;
  readonly global?: boolean;
}

/** A landscape, with points, members of its family and directions to check it at. */
export interface Samples {
  readonly landscape: Landscape;
  /** `[count, dimension]`, and the members of the family there `[count, instanceSize]`. */
  readonly points: Float64Array;
  readonly instances: Float64Array;
  readonly count: number;
  /** Two directions at each point, `[count, dimension]`. */
  readonly directions: readonly [Float64Array, Float64Array];
  readonly minima: readonly Minimum[];
  readonly tolerance: number;
  /** Largest relative error of what differs by rounding only. */
  readonly rounding: number;
}

export function samplesOf(
  landscape: Landscape,
  { points, minima = [], tolerance, seed = 0, ...others }: CheckLandscapeOptions,
): Samples {
  const { dimension, instanceSize, gradientSource, bounds, minima: declared = [] } = landscape;
  refuseOthers("checkLandscape", others, "points, minima, tolerance, seed");
  for (const [name, rows] of [
    ["points", points ?? []],
    ["minima", minima],
  ] as const)
    rows.forEach((row, i) => {
      if (row.length !== dimension)
        throw new Error(`checkLandscape: ${name}[${i}] must be ${dimension} numbers, got ${row.length}`);
    });
  const count = points?.length ?? 12;
  const box = new Box({ shape: [count * dimension] });
  const region = bounds ? new Box({ shape: box.shape, low: bounds[0], high: bounds[1] }) : box;
  const instances = new Float64Array(count * instanceSize);
  const key = deriveKey(rootKey(seed), 1);
  for (let n = 0; n < count; n++)
    landscape.sampleInstance?.((i) => uniformAt(key, n * instanceSize + i, 0), instances, n * instanceSize);
  return {
    landscape,
    points: points ? Float64Array.from(points.flatMap((point) => Array.from(point))) : region.sample(seed, 0),
    instances,
    count,
    directions: [box.sample(seed, 1), box.sample(seed, 2)],
    minima: [
      ...declared.map(({ parameters, ...said }) => ({ ...said, point: Float64Array.from(parameters) })),
      ...minima.map((point) => ({ point: Float64Array.from(point) })),
    ],
    tolerance: tolerance ?? (gradientSource === "exact" && !isSingle(landscape) ? 1e-6 : 1e-3),
    rounding: isSingle(landscape) ? 1e-5 : 1e-9,
  };
}

/** Losses `[count]` at some points, on the members of the family at the samples. */
export function lossesAt({ landscape, instances, count }: Samples, points: Float64Array): Float64Array {
  const losses = new Float64Array(count);
  landscape.evaluate(points, instances, count, losses, null);
  return losses;
}

/** Gradients `[count, dimension]`. */
export function gradientsAt({ landscape, instances, count }: Samples, points: Float64Array): Float64Array {
  const gradients = new Float64Array(points.length);
  landscape.evaluate(points, instances, count, null, gradients);
  return gradients;
}

/** Hessian times one direction at each point, `[count, dimension]`. */
export function productsAt(
  { landscape, points, instances, count }: Samples,
  vectors: Float64Array,
): Float64Array {
  const products = new Float64Array(points.length);
  landscape.hessianVector(points, instances, count, vectors, products);
  return products;
}

/** A derivative at each point, and `isRough`: whether entry i cannot be told to an accuracy, for a kink is near. */
export interface Differences {
  readonly values: Float64Array;
  isRough(i: number, accuracy: number): boolean;
}

/** The derivative of `of` along one direction at each point. Across a kink, half the step gives another. */
export function differencesAlong(
  samples: Samples,
  directions: Float64Array,
  of: (points: Float64Array) => Float64Array,
): Differences {
  const values = differenceAlong(samples, directions, of, 1);
  let halved: Float64Array | undefined;
  return {
    values,
    isRough(i, accuracy) {
      halved ??= differenceAlong(samples, directions, of, 0.5);
      return Math.abs(halved[i] - values[i]) > accuracy / 4;
    },
  };
}

/** @throws Violation where differences can tell less than half of what there is to check */
export function requireMostlySmooth(rough: number, all: number): void {
  require(2 * rough <=
    all, `${rough} of ${all} derivatives cannot be told by differences`, "give points away from kinks and jumps");
}

/** Central differences of fourth order, (8[f(h) − f(−h)] − [f(2h) − f(−2h)])/12h, with a share of the usual step. */
function differenceAlong(
  { points, count, landscape }: Samples,
  directions: Float64Array,
  of: (points: Float64Array) => Float64Array,
  share: number,
): Float64Array {
  const { dimension } = landscape;
  const relative = (isSingle(landscape) ? 2 ** -23 : Number.EPSILON) ** 0.2;
  const steps = Float64Array.from(
    { length: count },
    (_, n) => share * relative * stepAt(points, directions, n, dimension),
  );
  const at = (times: number) =>
    of(points.map((x, i) => x + times * steps[Math.floor(i / dimension)] * directions[i]));
  const [one, minusOne, two, minusTwo] = [1, -1, 2, -2].map(at);
  const width = one.length / count;
  return one.map(
    (value, i) => (8 * (value - minusOne[i]) - (two[i] - minusTwo[i])) / (12 * steps[Math.floor(i / width)]),
  );
}

/**
 * The scale of the step at which rounding and the fifth derivative err alike, over the size of the direction; longer
 * only where a point is so far out that its own rounding would show.
 */
function stepAt(points: Float64Array, directions: Float64Array, n: number, dimension: number): number {
  let [size, length] = [1, 0];
  for (let i = n * dimension; i < (n + 1) * dimension; i++) {
    size = Math.max(size, 1e-3 * Math.abs(points[i]));
    length = Math.max(length, Math.abs(directions[i]));
  }
  return size / (length || 1);
}

function isSingle({ precision }: Landscape): boolean {
  return precision === "float32";
}
