import { requireWhole } from "../core/arguments.js";
import type { Landscape } from "../landscapes/landscape.js";
import type { GradientNoise } from "../problem/problem.js";
import { batchSizeOf } from "./minibatches.js";

/** The generator tells the numbers of a stream apart by 32 bits. */
const INDICES = 2 ** 32;

/**
 * Each environment has as many indices of every stream as it draws numbers at a time, so that no two share one.
 *
 * @throws Error when there are not enough from `firstIndex` on
 */
export function requireIndices(
  firstIndex: number,
  count: number,
  { dimension, instanceSize }: Landscape,
  noise: GradientNoise,
): void {
  requireWhole("firstIndex", firstIndex, 0);
  const width = Math.max(dimension, instanceSize, batchSizeOf(noise));
  const last = Math.floor(INDICES / width) - count;
  if (firstIndex > last)
    throw new Error(
      `firstIndex: must be at most ${last} for ${count} environments of ${width} numbers each, got ${firstIndex}`,
    );
}
