import type { Kernels, Operations, Workspace } from "./kernels.js";
import { featureReference } from "./reference-features.js";
import { networkReference } from "./reference-network.js";

/** Plain float64 loops: the yardstick of the other kernels, for gradient checks. */
export function referenceKernels(): Kernels<Float64Array> {
  return { name: "reference", workspace };
}

const operations: Operations<Float64Array> = { ...networkReference, ...featureReference };

function workspace<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
): Workspace<Name, Float64Array> {
  const entries = Object.entries<number>(lengths).map(([name, length]) => [name, new Float64Array(length)]);
  return { arrays: Object.fromEntries(entries) as Record<Name, Float64Array>, operations };
}
