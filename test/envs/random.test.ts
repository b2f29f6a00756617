import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threefry } from "../../envs/core/random.js";
import {
  deriveKey,
  fillNormals,
  integerAt,
  normalAt,
  type RandomKey,
  rootKey,
  streams,
  uniformAt,
} from "../../envs/index.js";
import { kolmogorovSmirnov, mean, normalDistribution, standardErrorsFrom } from "../oracles/statistics.js";
import { threefryOracle } from "../oracles/threefry.js";

const word = fc.integer({ min: 0, max: 0xffffffff });

function block(counter: readonly [number, number], key: readonly [number, number]): [number, number] {
  const out = new Int32Array(2);
  threefry({ high: key[0], low: key[1] }, counter[0], counter[1], out);
  return [out[0] >>> 0, out[1] >>> 0];
}

describe("Threefry-2x32", () => {
  const ones = [0xffffffff, 0xffffffff] as const;
  const pi = {
    counter: [0x243f6a88, 0x85a308d3],
    key: [0x13198a2e, 0x03707344],
  } as const;

  // Known answers of Random123 1.09, kat_vectors.
  test.each([
    {
      counter: [0, 0] as const,
      key: [0, 0] as const,
      thirteen: [0x9d1c5ec6, 0x8bd50731],
      twenty: [0x6b200159, 0x99ba4efe],
    },
    { counter: ones, key: ones, thirteen: [0xfd36d048, 0x2d17272c], twenty: [0x1cb996fc, 0xbb002be7] },
    { ...pi, thirteen: [0xba3e4725, 0xf27d669e], twenty: [0xc4923a9c, 0x483df7a0] },
  ])("known answers at counter $counter, key $key", ({ counter, key, thirteen, twenty }) => {
    expect(block(counter, key)).toEqual(thirteen);
    expect(threefryOracle(13, counter, key)).toEqual(thirteen);
    expect(threefryOracle(20, counter, key)).toEqual(twenty);
  });

  test("agrees with the definition everywhere", () => {
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        expect(block([a, b], [c, d])).toEqual(threefryOracle(13, [a, b], [c, d]));
      }),
    );
  });
});

describe("keys", () => {
  test("a seed gives the same key as a number and as a string, and another seed another key", () => {
    expect(rootKey(7)).toEqual(rootKey("7"));
    expect(rootKey(7)).not.toEqual(rootKey(8));
  });

  test("without a seed every key is new", () => {
    expect(rootKey()).not.toEqual(rootKey());
  });

  test("the root of a seed is what it was when results were recorded", () => {
    expect(rootKey("lossgym")).toEqual({ high: 872925027, low: 356688203 });
  });

  test("every purpose has its own stream", () => {
    const root = rootKey(1);
    const keys = Object.values(streams).map((id) => JSON.stringify(deriveKey(root, id)));
    expect(new Set(keys).size).toBe(Object.keys(streams).length);
    expect(keys.length).toBeGreaterThan(4);
  });
});

describe("uniform numbers", () => {
  const key = deriveKey(rootKey("uniform"), streams.noise);
  const count = 100_000;
  const draws = Float64Array.from({ length: count }, (_, i) => uniformAt(key, i, 3));

  test("lie inside (0, 1) and fill it evenly", () => {
    expect(draws.every((u) => u > 0 && u < 1)).toBe(true);
    expect(kolmogorovSmirnov(draws, (x) => x)).toBeLessThan(1.95);
  });

  test("successive counters and indices are uncorrelated", () => {
    const overCounters = draws.map((u, i) => (u - 0.5) * (uniformAt(key, i, 4) - 0.5));
    const overIndices = draws.map((u, i) => (u - 0.5) * (draws[(i + 1) % count] - 0.5));
    expect(standardErrorsFrom(0, overCounters)).toBeLessThan(4);
    expect(standardErrorsFrom(0, overIndices)).toBeLessThan(4);
  });

  test("integers are whole, in range and equally frequent", () => {
    const bound = 7;
    const counts = new Float64Array(bound);
    for (let i = 0; i < count; i++) counts[integerAt(key, i, 0, bound)]++;
    const expected = count / bound;
    const chiSquared = counts.reduce((total, seen) => total + (seen - expected) ** 2 / expected, 0);
    expect(counts.reduce((a, b) => a + b)).toBe(count);
    // The 0.999 quantile of χ² with 6 degrees of freedom.
    expect(chiSquared).toBeLessThan(22.46);
  });
});

describe("normal numbers", () => {
  const key = deriveKey(rootKey("normal"), streams.noise);
  const count = 256 * 1000;
  const draws = new Float64Array(count);
  fillNormals(key, 0, 11, count, draws);

  test.each([
    [1, 0],
    [2, 1],
    [3, 0],
    [4, 3],
    [6, 15],
  ])("moment %i is %i", (power, expected) => {
    expect(
      standardErrorsFrom(
        expected,
        draws.map((x) => x ** power),
      ),
    ).toBeLessThan(4);
  });

  test("follow the normal distribution", () => {
    expect(kolmogorovSmirnov(draws, normalDistribution)).toBeLessThan(1.95);
  });

  test("the two of a Box-Muller pair, neighbours and successive counters are independent", () => {
    const next = new Float64Array(count);
    fillNormals(key, 0, 12, count, next);
    const lagged = (lag: number) => (_: number, i: number) => draws[i] * draws[(i + lag) % count];
    const squaresLagged = (lag: number) => (_: number, i: number) =>
      (draws[i] ** 2 - 1) * (draws[(i + lag) % count] ** 2 - 1);
    for (const lag of [1, 2, 128, 256]) {
      expect(standardErrorsFrom(0, draws.map(lagged(lag)))).toBeLessThan(4);
      expect(standardErrorsFrom(0, draws.map(squaresLagged(lag)))).toBeLessThan(4);
    }
    expect(
      standardErrorsFrom(
        0,
        draws.map((x, i) => x * next[i]),
      ),
    ).toBeLessThan(4);
  });

  test("reach the tails of 24 bits and no further", () => {
    expect(Math.max(...draws.subarray(0, 100_000))).toBeGreaterThan(4);
    expect(mean(draws.map((x) => (Math.abs(x) > Math.sqrt(-2 * Math.log(2 ** -25)) ? 1 : 0)))).toBe(0);
  });

  test("a slice is the same numbers, wherever it starts and ends", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 2 ** 31 - 1500, max: 2 ** 32 - 3000 })),
        fc.integer({ min: 0, max: 1200 }),
        word,
        fc.integer({ min: 0, max: 5 }),
        (first, length, counter, offset) => {
          const out = new Float64Array(offset + length + 2).fill(9);
          fillNormals(key, first, counter, length, out, offset);
          const expected = Array.from({ length }, (_, i) => normalAt(key, first + i, counter));
          expect(Array.from(out)).toEqual([...new Array(offset).fill(9), ...expected, 9, 9]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are Box-Muller of one block, whose two halves lie 128 apart", () => {
    const rows: [number, RandomKey][] = [5, 700, 1023].map((index) => [index, key]);
    for (const [index, { high, low }] of rows) {
      const tile = Math.floor(index / 256);
      const within = index % 256;
      const words = threefryOracle(13, [tile * 128 + (within % 128), 9], [high >>> 0, low >>> 0]);
      const [u, v] = words.map((value) => ((value >>> 8) + 0.5) / 2 ** 24);
      const half = within < 128 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v);
      expect(normalAt(key, index, 9)).toBeCloseTo(Math.sqrt(-2 * Math.log(u)) * half, 12);
    }
  });
});
