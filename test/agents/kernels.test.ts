import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DenseShape, type Numbers, type Operations, padLanes } from "../../agents/kernels/kernels.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { fillNormals, rootKey } from "../../envs/index.js";

const TOLERANCE = 2e-5;

/** Runs one operation in both kernels on the same float32 numbers; returns every array of both afterwards. */
function both<Name extends string>(
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
function expectAgreement(results: ReturnType<typeof both>): void {
  for (const { name, fast, exact } of results) {
    const size = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const error = exact.reduce((worst, value, i) => Math.max(worst, Math.abs(value - fast[i])), 0);
    expect(error / size, name).toBeLessThan(TOLERANCE);
  }
}

const shapes = fc.record({
  outputs: fc.integer({ min: 1, max: 13 }),
  inputs: fc.integer({ min: 1, max: 13 }),
  lanes: fc.integer({ min: 1, max: 300 }).map(padLanes),
});
const seeds = fc.integer({ min: 0, max: 1e6 });

function denseLengths({ outputs, inputs, lanes }: DenseShape) {
  return { weights: outputs * inputs, bias: outputs, x: inputs * lanes, y: outputs * lanes };
}

describe("wasm kernels agree with the float64 reference", () => {
  test("dense", () => {
    const property = fc.property(shapes, seeds, fc.boolean(), (shape, seed, biased) =>
      expectAgreement(
        both(denseLengths(shape), seed, (k, { weights, bias, x, y }) =>
          k.dense(shape, weights, biased ? bias : undefined, x, y),
        ),
      ),
    );
    fc.assert(property, { seed: 1, numRuns: 60 });
  });

  test("dense, gradient of the input", () => {
    const property = fc.property(shapes, seeds, fc.boolean(), (shape, seed, accumulate) =>
      expectAgreement(
        both(denseLengths(shape), seed, (k, { weights, x, y }) =>
          k.denseInputGradient(shape, weights, y, x, accumulate),
        ),
      ),
    );
    fc.assert(property, { seed: 2, numRuns: 60 });
  });

  test("dense, gradient of the weights", () => {
    const property = fc.property(shapes, seeds, fc.boolean(), (shape, seed, biased) =>
      expectAgreement(
        both(denseLengths(shape), seed, (k, { weights, bias, x, y }) =>
          k.denseWeightGradient(shape, y, x, weights, biased ? bias : undefined),
        ),
      ),
    );
    fc.assert(property, { seed: 3, numRuns: 60 });
  });

  test("the gated recurrent unit", () => {
    const property = fc.property(shapes, seeds, ({ outputs, lanes }, seed) => {
      const block = outputs * lanes;
      const lengths = { gates: 4 * block, memory: block, next: block, gradient: 4 * block };
      expectAgreement(
        both(lengths, seed, (k, { gates, memory, next, gradient }) => {
          k.gruStep(gates, memory, next);
          k.gruStepGradient(gates, memory, next, gradient);
        }),
      );
    });
    fc.assert(property, { seed: 4, numRuns: 40 });
  });

  test("elementwise gradients", () => {
    for (const name of ["tanhGradient", "sigmoidGradient"] as const) {
      expectAgreement(both({ y: 24, dy: 24, dx: 24 }, 5, (k, { y, dy, dx }) => k[name](y, dy, dx)));
    }
  });
});

/** An elementwise function of the fast kernels at 8·n points of [low, high], against the exact one. */
function worstError(
  [low, high]: readonly [number, number],
  apply: (k: Operations<Float32Array>, array: Float32Array) => void,
  error: (fast: number, x: number) => number,
): number {
  const length = 80_000;
  const { arrays, operations } = wasmKernels().workspace({ x: length });
  const points = arrays.x.map((_, i) => low + ((high - low) * i) / (length - 1)).slice();
  arrays.x.set(points);
  apply(operations, arrays.x);
  return arrays.x.reduce((worst, fast, i) => Math.max(worst, error(fast, points[i])), 0);
}

describe("elementwise functions", () => {
  test("tanh is off by less than 1e-6, and saturates", () => {
    const error = (fast: number, x: number) => Math.abs(fast - Math.tanh(x));
    expect(worstError([-12, 12], (k, a) => k.tanh(a, a), error)).toBeLessThan(1e-6);
    expect(worstError([-1e30, 1e30], (k, a) => k.tanh(a, a), error)).toBeLessThan(1e-6);
  });

  test("sigmoid is off by less than 1e-6", () => {
    const error = (fast: number, x: number) => Math.abs(fast - 1 / (1 + Math.exp(-x)));
    expect(worstError([-30, 30], (k, a) => k.sigmoid(a, a), error)).toBeLessThan(1e-6);
  });

  test("exp is off by less than 1 in 1e6, and clamps", () => {
    const error = (fast: number, x: number) => Math.abs(fast / Math.exp(x) - 1);
    expect(worstError([-86, 86], (k, a) => k.exp(a, a, 1, a.length), error)).toBeLessThan(1e-6);
    expect(
      worstError(
        [200, 201],
        (k, a) => k.exp(a, a, 1, a.length),
        (fast) => Math.abs(fast / Math.exp(87) - 1),
      ),
    ).toBeLessThan(1e-6);
  });

  test("log is off by less than 1e-6 of its size", () => {
    const error = (fast: number, x: number) =>
      Math.abs(fast - Math.log(x)) / Math.max(1, Math.abs(Math.log(x)));
    for (const range of [
      [1e-37, 1e-30],
      [1e-6, 1e-3],
      [0.4, 2.5],
      [1e3, 1e30],
    ] as const) {
      expect(worstError(range, (k, a) => k.log(a, a, 1, a.length), error)).toBeLessThan(1e-6);
    }
  });

  test("a scale multiplies the argument of exp and the value of log", () => {
    const lengths = { x: 8, y: 8 };
    for (const kernels of [wasmKernels(), referenceKernels()]) {
      const { arrays, operations } = kernels.workspace(lengths);
      arrays.x.fill(2);
      operations.exp(arrays.x as never, arrays.y as never, -0.5, 8);
      expect(arrays.y[7]).toBeCloseTo(Math.exp(-1), 6);
      operations.log(arrays.x as never, arrays.y as never, 0.25, 8);
      expect(arrays.y[7]).toBeCloseTo(0.25 * Math.LN2, 6);
    }
  });
});

test("lanes are padded to tiles of 8 that do not share cache sets", () => {
  expect([1, 8, 9, 64, 121, 128, 512].map(padLanes)).toEqual([8, 8, 16, 64, 136, 136, 520]);
});
