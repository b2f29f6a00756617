import type { Kernels } from "../kernels/kernels.js";
import { referenceKernels } from "../kernels/reference.js";
import { wasmKernels } from "../kernels/wasm.js";

/** What computes networks: WebAssembly SIMD in float32, or plain TypeScript in float64. */
export type Backend = Kernels["name"];

export function kernelsOf(backend: Backend): Kernels {
  return backend === "wasm" ? wasmKernels() : referenceKernels();
}
