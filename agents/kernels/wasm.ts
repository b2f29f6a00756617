import type { Kernels, Workspace } from "./kernels.js";
import { type FeatureExports, featureOperations } from "./wasm-features.js";
import { wasmBase64 } from "./wasm-module.js";
import { type NetworkExports, networkOperations } from "./wasm-network.js";

const PAGE = 65536;
const ALIGNMENT = 64;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

interface Exports extends NetworkExports, FeatureExports {
  heapBase(): number;
}

/** Float32 SIMD kernels in WebAssembly. Each workspace has a memory of its own, sized once. */
export function wasmKernels(): Kernels<Float32Array> {
  return { name: "wasm", workspace };
}

function workspace<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
): Workspace<Name, Float32Array> {
  const names = Object.keys(lengths) as Name[];
  const sizes = names.map((name) => Math.ceil((lengths[name] * BYTES) / ALIGNMENT) * ALIGNMENT);
  const total = sizes.reduce((sum, size) => sum + size, 2 * ALIGNMENT + PAGE);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(total / PAGE) });
  const kernels = instantiate(memory);
  let offset = Math.ceil(kernels.heapBase() / ALIGNMENT) * ALIGNMENT;
  const entries = names.map((name, i): [Name, Float32Array] => {
    const array = new Float32Array(memory.buffer, offset, lengths[name]);
    offset += sizes[i];
    return [name, array];
  });
  return {
    arrays: Object.fromEntries(entries) as Record<Name, Float32Array>,
    operations: { ...networkOperations(kernels), ...featureOperations(kernels) },
  };
}

let compiled: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): Exports {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0)));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return exports as unknown as Exports;
}
