import type { RandomKey } from "../core/random.js";
import type { SimulationKernels } from "./exports.js";
import { kernelMemory } from "./memory.js";
import { wasmBase64 } from "./wasm-module.js";

/** Writes standard normals for indices `first` … `first + out.length − 1`, all with the same counter. */
export type NormalFiller = (key: RandomKey, first: number, counter: number, out: Float64Array) => void;

/** `fillNormals` in float32, an order of magnitude faster: the same numbers up to rounding, `count` at a time. */
export function fastNormals(count: number): NormalFiller {
  const { arrays, kernels } = kernelMemory<"normals", SimulationKernels>(wasmBase64, { normals: count });
  const { normals } = arrays;
  return ({ high, low }, first, counter, out) => {
    kernels.normals(high, low, first, counter, count, normals.byteOffset);
    out.set(normals);
  };
}
