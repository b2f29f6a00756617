import { kernelMemory } from "../../envs/kernels/memory.js";
import type { Kernels, Workspace } from "./kernels.js";
import { type FeatureExports, featureOperations } from "./wasm-features.js";
import { wasmBase64 } from "./wasm-module.js";
import { type NetworkExports, networkOperations } from "./wasm-network.js";

/** Float32 SIMD kernels in WebAssembly. Each workspace has a memory of its own, sized once. */
export function wasmKernels(): Kernels<Float32Array> {
  return { name: "wasm", workspace };
}

function workspace<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
): Workspace<Name, Float32Array> {
  const { arrays, kernels } = kernelMemory<Name, NetworkExports & FeatureExports>(wasmBase64, lengths);
  return { arrays, operations: { ...networkOperations(kernels), ...featureOperations(kernels) } };
}
