import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Box, batchSpace } from "../../envs/index.js";
import { kolmogorovSmirnov, normalDistribution } from "../oracles/statistics.js";

const mixed = new Box({
  shape: [2, 2],
  low: [0, -1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  high: [2, Number.POSITIVE_INFINITY, 3, Number.POSITIVE_INFINITY],
});

describe("a box", () => {
  test("contains what has its size and lies within its bounds, ends included", () => {
    expect(mixed.contains([0, -1, 3, 1e300])).toBe(true);
    expect(mixed.contains(Float64Array.of(2, 5, -9, 0))).toBe(true);
    for (const outside of [
      [2.1, 0, 0, 0],
      [-0.1, 0, 0, 0],
      [0, -2, 0, 0],
      [0, 0, 4, 0],
      [0, 0, 0, Number.NaN],
      [0, 0, 0],
      [],
    ])
      expect(mixed.contains(outside)).toBe(false);
  });

  test("is unbounded by default, and one bound may serve all elements", () => {
    expect(new Box({ shape: [1] }).contains([Number.MAX_VALUE])).toBe(true);
    const cube = new Box({ shape: [3], low: 0, high: 1 });
    expect(Array.from(cube.high)).toEqual([1, 1, 1]);
    expect(cube.equals(new Box({ shape: [3], low: [0, 0, 0], high: 1 }))).toBe(true);
  });

  test("differs by its shape and by each bound", () => {
    const box = (shape: number[], low: number, high: number) => new Box({ shape, low, high });
    expect(box([4], 0, 1).equals(box([2, 2], 0, 1))).toBe(false);
    expect(box([4], 0, 1).equals(box([4], -1, 1))).toBe(false);
    expect(box([4], 0, 1).equals(box([4], 0, 2))).toBe(false);
    expect(box([4], 0, 1).equals(box([4], 0, 1))).toBe(true);
  });

  test("survives JSON, infinities too", () => {
    const words = JSON.stringify(mixed);
    expect(Box.fromJSON(JSON.parse(words)).equals(mixed)).toBe(true);
    expect(JSON.parse(JSON.stringify(new Box({ shape: [2] })))).toEqual({
      type: "Box",
      dtype: "float64",
      shape: [2],
      low: "-Infinity",
      high: "Infinity",
    });
  });

  test("names what it does not accept", () => {
    expect(() => new Box({ shape: [1.5] })).toThrow("Box: shape must be whole numbers, got [1.5]");
    expect(() => new Box({ shape: [2], low: [1] })).toThrow("Box: low must have 2 elements, got 1");
    expect(() => new Box({ shape: [2], low: [0, 3], high: 2 })).toThrow(
      "Box: low[1] must be <= high[1], got 3 and 2",
    );
    expect(() => new Box({ shape: [1], low: Number.NaN })).toThrow("got NaN and Infinity");
  });
});

describe("samples", () => {
  test("lie inside, depend on seed and index, and on nothing else", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, index) => {
        const sample = mixed.sample(seed, index);
        expect(mixed.contains(sample)).toBe(true);
        expect(mixed.sample(seed, index)).toEqual(sample);
        expect(mixed.sample(seed, index + 1)).not.toEqual(sample);
        expect(mixed.sample(`${seed}'`, index)).not.toEqual(sample);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["uniform between two bounds", { low: -1, high: 3 }, (x: number) => (x + 1) / 4],
    ["exponential above one", { low: 2 }, (x: number) => 1 - Math.exp(2 - x)],
    ["exponential below one", { high: 2 }, (x: number) => Math.exp(x - 2)],
    ["normal without", {}, normalDistribution],
  ])("are %s", (_, bounds, distribution) => {
    const sample = new Box({ shape: [20_000], ...bounds }).sample("samples");
    expect(kolmogorovSmirnov(sample, distribution)).toBeLessThan(1.95);
  });
});

test("a batch repeats the bounds row by row", () => {
  const batch = batchSpace(new Box({ shape: [2], low: [0, 1], high: [5, 6] }), 3);
  expect(batch.shape).toEqual([3, 2]);
  expect(Array.from(batch.low)).toEqual([0, 1, 0, 1, 0, 1]);
  expect(Array.from(batch.high)).toEqual([5, 6, 5, 6, 5, 6]);
});
