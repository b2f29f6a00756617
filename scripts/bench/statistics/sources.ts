import { threefry } from "../../../envs/core/random.js";
import { fillNormals, type RandomKey, rootKey, uniformAt } from "../../../envs/index.js";

/** A generator under test: every draw is a function of key, index and counter. */
export interface Source {
  readonly name: string;
  /** Uniforms of indices 0 … for one counter. */
  uniforms(key: RandomKey, counter: number, out: Float64Array): void;
  /** Normals of indices 0 … for one counter. */
  normals(key: RandomKey, counter: number, out: Float64Array): void;
  /** Raw words of indices 0 … for one counter, two from each block; undefined where the source shows none. */
  words?(key: RandomKey, counter: number, out: Uint32Array): void;
}

export const key = rootKey("generator");
export const neighbour: RandomKey = { high: key.high, low: key.low + 1 };

/** envs/core/random.ts. */
export const reference: Source = {
  name: "envs/core/random.ts",
  uniforms(of, counter, out) {
    for (let i = 0; i < out.length; i++) out[i] = uniformAt(of, i, counter);
  },
  normals: (of, counter, out) => fillNormals(of, 0, counter, out.length, out),
  words(of, counter, out) {
    const block = new Int32Array(2);
    for (let i = 0; i < out.length; i += 2) {
      threefry(of, i >> 1, counter, block);
      out[i] = block[0];
      out[i + 1] = block[1];
    }
  },
};

/** The noise kernel in WebAssembly: undefined until there is one. */
export const wasm: Source | undefined = undefined;
