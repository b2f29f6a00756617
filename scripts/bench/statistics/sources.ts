import { threefry } from "../../../envs/core/random.js";
import { fillNormals, type RandomKey, rootKey, uniformAt } from "../../../envs/index.js";
import type { SimulationKernels } from "../../../envs/kernels/exports.js";
import { kernelMemory } from "../../../envs/kernels/memory.js";
import { wasmBase64 } from "../../../envs/kernels/wasm-module.js";

/** A generator under test: every draw is a function of key, index and counter. */
export interface Source {
  readonly name: string;
  /** Uniforms of indices 0 … for one counter; undefined where the source has none. */
  uniforms?(key: RandomKey, counter: number, out: Float64Array): void;
  /** Normals of indices 0 … for one counter. */
  normals(key: RandomKey, counter: number, out: Float64Array): void;
  /** Raw words of indices 0 … for one counter, two from each block; undefined where the source shows none. */
  words?(key: RandomKey, counter: number, out: Uint32Array): void;
}

export const key = rootKey("generator");
export const neighbour: RandomKey = { high: key.high, low: key.low + 1 };

/** envs/core/random.ts. */
export const reference = {
  name: "envs/core/random.ts",
  uniforms(of: RandomKey, counter: number, out: Float64Array) {
    for (let i = 0; i < out.length; i++) out[i] = uniformAt(of, i, counter);
  },
  normals: (of: RandomKey, counter: number, out: Float64Array) =>
    fillNormals(of, 0, counter, out.length, out),
  words(of: RandomKey, counter: number, out: Uint32Array) {
    const block = new Int32Array(2);
    for (let i = 0; i < out.length; i += 2) {
      threefry(of, i >> 1, counter, block);
      out[i] = block[0];
      out[i + 1] = block[1];
    }
  },
} satisfies Source;

/** The noise kernel of envs/kernels, normals only. */
export function wasm(): Source {
  const most = 2 ** 24;
  const { arrays, kernels } = kernelMemory<"out", SimulationKernels>(wasmBase64, { out: most });
  return {
    name: "envs/kernels",
    normals({ high, low }, counter, out) {
      kernels.normals(high, low, 0, counter, out.length, arrays.out.byteOffset);
      out.set(arrays.out.subarray(0, out.length));
    },
  };
}
