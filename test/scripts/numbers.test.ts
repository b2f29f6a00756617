import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonErrorOffset } from "../../scripts/commands/json-input.js";
import { seedOf, shellCommand } from "../../scripts/commands/options.js";
import { formatNumber, formatSeconds, plainNumber } from "../../scripts/report/numbers.js";

test.each([
  [0.61803, undefined, "0.618"],
  [12.345, undefined, "12.3"],
  [-0.0004, 2, "0.00"],
  [0.99996, 4, "1.0000"],
  [0, 3, "0"],
  [1.5e-9, undefined, "1.5×10⁻⁹"],
  [-1e7, undefined, "-10⁷"],
  [Number.NaN, undefined, "–"],
  [Number.NEGATIVE_INFINITY, 2, "-∞"],
])("formatNumber(%s, %s) is %s", (value, decimals, text) => {
  expect(formatNumber(value, decimals)).toBe(text);
});

test.each([
  [0.05, "0.05"],
  [1 / 3, "0.3333"],
  [100, "100"],
  [2e-5, "2×10⁻⁵"],
  [Infinity, "∞"],
])("plainNumber(%s) is %s", (value, text) => {
  expect(plainNumber(value)).toBe(text);
});

test("times read as on a clock", () => {
  expect([0.4, 61, 3599.6, 3725].map(formatSeconds)).toEqual(["0:00", "1:01", "1:00:00", "1:02:05"]);
});

describe("where text stops being JSON", () => {
  test("valid JSON is read to its end", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("", " ", "\n\t"), (json, space) => {
        const text = space + json + space;
        expect(jsonErrorOffset(text)).toBe(text.length);
      }),
      { seed: 1 },
    );
  });

  test("a wrong character after a value is found", () => {
    fc.assert(
      fc.property(fc.json({ depthSize: "small" }), fc.constantFrom("]", "}", "x", "?"), (json, wrong) => {
        expect(jsonErrorOffset(`${json} ${wrong}`)).toBe(json.length + 1);
        expect(jsonErrorOffset(`[${json}, ${wrong}`)).toBe(json.length + 3);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['{"a": 1, }', 9],
    ["[1 2]", 3],
    ["01", 1],
    ['"\\x"', 0],
    ['{"a" 1}', 5],
    ["", 0],
    ['"\u0001"', 0],
  ])("%j: at %i", (text, offset) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonErrorOffset(text)).toBe(offset);
  });
});

test("a seed is a number where it reads like one", () => {
  expect(["7", "-3", "007", "seven", "1.5", "99999999999999999999"].map(seedOf)).toEqual([
    7,
    -3,
    7,
    "seven",
    "1.5",
    "99999999999999999999",
  ]);
});

test("a command line is quoted for the shell", () => {
  expect(shellCommand(["lossgym", "--out", "my runs", "--seed", "it's"])).toBe(
    "lossgym --out 'my runs' --seed 'it'\\''s'",
  );
});
