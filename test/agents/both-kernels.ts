import { expect } from "vitest";
import type { Numbers, Operations } from "../../agents/kernels/kernels.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { fillNormals, rootKey } from "../../envs/index.js";

const TOLERANCE = 2e-5;

/** Runs one operation in both kernels on the same float32 normal numbers; returns every array of both afterwards. */
export function both<Name extends string>(
  lengths: Record<Name, number>,
  seed: number,
  run: (operations: Operations, arrays: Record<Name, Numbers>) => void,
) {
  const fast = wasmKernels().workspace(lengths);
  const exact = referenceKernels().workspace(lengths);
  const names = Object.keys(lengths) as Name[];
  for (const [i, name] of names.entries()) {
    const values = new Float64Array(lengths[name]);
    fillNormals(rootKey(seed), 0, i, values.length, values);
    fast.arrays[name].set(values);
    exact.arrays[name].set(fast.arrays[name]);
  }
  run(fast.operations, fast.arrays);
  run(exact.operations as Operations, exact.arrays);
  return names.map((name) => ({ name, fast: fast.arrays[name], exact: exact.arrays[name] }));
}

/** Agreement relative to the size of the array's numbers. */
export function expectAgreement(results: ReturnType<typeof both>): void {
  for (const { name, fast, exact } of results) {
    const size = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const error = exact.reduce((worst, value, i) => Math.max(worst, Math.abs(value - fast[i])), 0);
    expect(error / size, name).toBeLessThan(TOLERANCE);
  }
}
