import { describe, expect, test } from "vitest";
import { fillNormals, rootKey, uniformAt } from "../../envs/index.js";
import type { SimulationKernels } from "../../envs/kernels/exports.js";
import { kernelMemory } from "../../envs/kernels/memory.js";
import { wasmBase64 } from "../../envs/kernels/wasm-module.js";

const key = rootKey("kernels");

const memoryOf = <Name extends string>(lengths: Readonly<Record<Name, number>>) =>
  kernelMemory<Name, SimulationKernels>(wasmBase64, lengths);

describe("normals", () => {
  function pair(first: number, counter: number, count: number) {
    const { arrays, kernels } = memoryOf({ before: 16, out: count, after: 16 });
    kernels.normals(key.high, key.low, first, counter, count, arrays.out.byteOffset);
    const expected = new Float64Array(count);
    fillNormals(key, first, counter, count, expected);
    return { arrays, expected };
  }

  test.each([
    [0, 1],
    [0, 256],
    [5, 3],
    [127, 2],
    [200, 100],
    [255, 514],
    [1000, 1000],
    [2 ** 31 - 300, 600],
    [2 ** 32 - 300, 600],
  ])("are those of the reference from index %i, %i of them", (first, count) => {
    const { arrays, expected } = pair(first, 7, count);
    for (let i = 0; i < count; i++) expect(Math.abs(arrays.out[i] - expected[i])).toBeLessThan(1e-6);
    expect([...arrays.before, ...arrays.after].every((value) => value === 0)).toBe(true);
  });

  test("are so in the far tail and near zero too", () => {
    let worst = 0;
    for (let counter = 0; counter < 4; counter++) {
      const { arrays, expected } = pair(0, counter, 2 ** 18);
      for (let i = 0; i < expected.length; i++)
        worst = Math.max(worst, Math.abs(arrays.out[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
    }
    expect(worst).toBeLessThan(1e-6);
  });
});

test.each([0, 1e-3, 0.5, 0.999, 1])("hazards decide as the reference, survival %f", (survival) => {
  const [count, first] = [1003, 12345];
  const { arrays, kernels } = memoryOf({ marks: count });
  const threshold = Math.ceil(survival * 2 ** 24 - 0.5);
  const total = kernels.hazards(key.high, key.low, first, 9, threshold, count, arrays.marks.byteOffset);
  const marks = new Uint8Array(arrays.marks.buffer, arrays.marks.byteOffset, count + 1);
  const expected = Array.from({ length: count }, (_, n) => Number(uniformAt(key, first + n, 9) >= survival));
  expect(Array.from(marks.subarray(0, count))).toEqual(expected);
  expect(marks[count]).toBe(0);
  expect(total).toBe(expected.reduce((sum, mark) => sum + mark, 0));
});
