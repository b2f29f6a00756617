import { deriveKey, rootKey, uniformAt } from "../core/random.js";
import type { Landscape } from "./landscape.js";
import type { Pool } from "./specs.js";

/** Draws the members of a family from a finite pool, instead of anew each time. */
export function pooled(landscape: Landscape, pool: Pool | undefined): Landscape {
  const { sampleInstance } = landscape;
  if (!pool || !sampleInstance) return landscape;
  const key = deriveKey(rootKey(pool.seed), pool.split === "train" ? 0 : 1);
  return {
    ...landscape,
    sampleInstance(uniform, instances, offset) {
      const member = Math.floor(uniform(0) * pool.size);
      sampleInstance((i) => uniformAt(key, i, member), instances, offset);
    },
  };
}

/** Standard normals from uniform numbers i, i + 1, … of an even count, by Box and Muller. */
export function fillNormalsFrom(
  uniform: (i: number) => number,
  first: number,
  count: number,
  out: Float64Array,
  offset: number,
): void {
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(first + i)));
    const angle = 2 * Math.PI * uniform(first + i + 1);
    out[offset + i] = radius * Math.cos(angle);
    if (i + 1 < count) out[offset + i + 1] = radius * Math.sin(angle);
  }
}
