import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Numbers, type Operations, padLanes, slices, view } from "../../agents/kernels/kernels.js";
import type { DenseShape } from "../../agents/kernels/network-operations.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { both, expectAgreement } from "./both-kernels.js";

const shapes = fc.record({
  outputs: fc.integer({ min: 1, max: 13 }),
  inputs: fc.integer({ min: 1, max: 13 }),
  lanes: fc.integer({ min: 1, max: 300 }).map(padLanes),
});
const seeds = fc.integer({ min: 0, max: 1e6 });

function denseLengths({ outputs, inputs, lanes }: DenseShape) {
  return { weights: outputs * inputs, bias: outputs, x: inputs * lanes, y: outputs * lanes };
}

type Arrays = Record<
  "x" | "g" | "dx" | "dg" | "row" | "drow" | "out" | "three" | "dthree" | "center",
  Numbers
>;

/** Every operation around networks, on blocks of rows (x, g, their gradients), rows and triples of rows. */
const features: Record<string, (k: Operations, arrays: Arrays) => void> = {
  scale: (k, { x, dx, row, drow }) => {
    k.scale(-1.7, x, dx, false);
    k.scale(0.3, row, drow, true);
  },
  product: (k, { x, g, dx, row, drow, out }) => {
    k.product(-1.7, x, g, dx, false);
    k.product(0.3, row, drow, out, true);
  },
  standardise: (k, { center, row, out }) => k.standardise(center, 0.7, row, out),
  clamp: (k, { x }) => k.clamp(0.8, x),
  blend: (k, { row, center, out }) => k.blend(0.3, row, center, out),
  "blend, gradient": (k, { drow, out }) => k.blendGradient(0.3, drow, out),
  "log input": (k, { row, out, drow }) => {
    k.product(1, row, row, row, false);
    k.logInput(0.01, row, out);
    k.logInputGradient(0.01, row, out, drow);
  },
  "ratio input": (k, { x, g, dx, row, drow }) => {
    k.product(1, row, row, row, false);
    k.ratioInput(0.5, x, row, g);
    k.ratioInputGradient(0.5, x, row, g, dx, drow);
  },
  "gradient inputs": (k, { row, three, dthree, drow }) => {
    row[0] = 0;
    k.gradientInputs(0.01, row, three);
    k.gradientInputsGradient(0.01, row, dthree, drow);
  },
  "implied minimum": (k, { center, row, out, drow, three, dthree, x, dx }) => {
    k.impliedMinimum(1.3, center, row, out, drow, three);
    k.impliedMinimumGradient(1.3, row, three, dthree, view(x, 0, row.length), view(dx, 0, row.length));
  },
  "softmax mix": (k, { x, g, out, row, dg, dx }) => {
    k.scale(20, g, g, false);
    k.softmaxMix(x, g, out);
    k.softmaxMixGradient(x, g, out, row, dg, dx);
  },
  "exponential gain": (k, { center, row, out, drow, x, dx }) => {
    k.scale(0.3, row, row, false);
    k.exponentialGain(-0.7, center, row, out);
    k.exponentialGainGradient(-0.7, center, row, drow, view(x, 0, row.length), view(dx, 0, row.length));
  },
};

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

  test("long short-term memory", () => {
    const property = fc.property(shapes, seeds, ({ outputs, lanes }, seed) => {
      const block = outputs * lanes;
      const lengths = { gates: 4 * block, cell: block, next: block, memory: block };
      expectAgreement(
        both({ ...lengths, cellGradient: block, gradient: 4 * block }, seed, (k, a) => {
          k.lstmStep(a.gates, a.cell, a.next, a.memory);
          k.lstmStepGradient(a.gates, a.cell, a.next, a.memory, a.cellGradient, a.gradient);
        }),
      );
    });
    fc.assert(property, { seed: 4, numRuns: 40 });
  });

  test.each(Object.entries(features))("%s", (_name, run) => {
    const property = fc.property(fc.integer({ min: 1, max: 5 }), shapes, seeds, (rows, { lanes }, seed) => {
      const block = rows * lanes;
      const lengths = { x: block, g: block, dx: block, dg: block, row: lanes, drow: lanes, out: lanes };
      const triple = 3 * lanes;
      expectAgreement(both({ ...lengths, three: triple, dthree: triple, center: lanes }, seed, run));
    });
    fc.assert(property, { seed: 6, numRuns: 20 });
  });
});

/** An elementwise function of the fast kernels at 8·n points of [low, high], against the exact one. */
function worstError(
  [low, high]: readonly [number, number],
  apply: (k: Operations<Float32Array>, array: Float32Array, ones: Float32Array) => void,
  error: (fast: number, x: number) => number,
): number {
  const length = 80_000;
  const { arrays, operations } = wasmKernels().workspace({ x: length, ones: length });
  arrays.ones.fill(1);
  const points = arrays.x.map((_, i) => low + ((high - low) * i) / (length - 1)).slice();
  arrays.x.set(points);
  apply(operations, arrays.x, arrays.ones);
  return arrays.x.reduce((worst, fast, i) => Math.max(worst, error(fast, points[i])), 0);
}

describe("elementwise functions", () => {
  test("exp is off by less than 1 in 1e6, and clamps", () => {
    const gain = (k: Operations<Float32Array>, a: Float32Array, ones: Float32Array) =>
      k.exponentialGain(1, ones, a, a);
    const error = (fast: number, x: number) => Math.abs(fast / Math.exp(4 * x) - 1);
    expect(worstError([-21.5, 21.5], gain, error)).toBeLessThan(1e-6);
    for (const sign of [-1, 1]) {
      const clamped = (fast: number) => Math.abs(fast / Math.exp(87 * sign) - 1);
      expect(worstError([50 * sign, 51 * sign], gain, clamped)).toBeLessThan(1e-6);
    }
  });

  test("log is off by less than 1e-6 of its size", () => {
    const error = (fast: number, x: number) =>
      Math.abs(4 * fast - Math.log(x)) / Math.max(1, Math.abs(Math.log(x)));
    for (const range of [
      [1e-36, 1e-30],
      [1e-6, 1e-3],
      [0.4, 2.5],
      [1e3, 1e30],
    ] as const) {
      expect(worstError(range, (k, a) => k.logInput(0, a, a), error)).toBeLessThan(1e-6);
    }
  });

  test("gradients are seen in full size, up to where their square overflows", () => {
    const { arrays, operations } = wasmKernels().workspace({ y: 8, inputs: 24 });
    arrays.y.set([0, 1e-30, 1e18, -1e18, 1, -1, 1e-4, Number.POSITIVE_INFINITY]);
    operations.clamp(1e18, arrays.y);
    operations.gradientInputs(1e-4, arrays.y, arrays.inputs);
    const rows = slices(arrays.inputs, 8);
    for (const [lane, y] of arrays.y.entries()) {
      expect(rows[0][lane]).toBeCloseTo(Math.log(Math.abs(y) + 1e-4) / 4, 5);
      expect(rows[1][lane]).toBeCloseTo(Math.asinh(y), 5);
      expect(rows[2][lane]).toBe(Math.sign(y));
    }
  });
});

test("lanes are padded to tiles of 8 that do not share cache sets", () => {
  expect([1, 8, 9, 64, 121, 128, 512].map(padLanes)).toEqual([8, 8, 16, 64, 136, 136, 520]);
});
