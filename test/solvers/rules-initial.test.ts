import { expect, test } from "vitest";
import { hardReset, l2ToInitial, softReset } from "../../solvers/rules/recipes-initial.js";
import { follow, plain } from "./rules-follow.js";

const line = plain(1);
const path = (policy: Parameters<typeof follow>[1], start: number[], steps: number) =>
  follow(line, policy, start, steps, () => [-1]).map((at) => Array.from(at));

test("the pull to the initial weights is a spring at the first parameters seen", () => {
  // θ ← θ + ½ − ½·½(θ − θ₀), at rest where the pull is 1: θ₀ + 2.
  const rests = path(l2ToInitial(line, { learningRate: 0.5, weight: 0.5 }), [3, 10], 200);
  expect(rests[0]).toEqual([3.5, 10.5]);
  expect(rests[1]).toEqual([3.875, 10.875]);
  expect(rests[199][0]).toBeCloseTo(5, 12);
  const given = l2ToInitial(line, { learningRate: 0.5, weight: 0.5, initial: [0] });
  expect(path(given, [3], 200)[199][0]).toBeCloseTo(2, 12);
});

test("a hard reset goes back, and forgets the momentum", () => {
  const policy = hardReset(line, { learningRate: 1, momentum: 0.5, period: 3 });
  expect(path(policy, [5], 7).flat()).toEqual([6, 7.5, 5, 6, 7.5, 5, 6]);
});

test("a soft reset goes part of the way, and keeps the momentum", () => {
  const policy = softReset(line, { learningRate: 1, momentum: 0.5, period: 2, fraction: 0.25 });
  // Velocities 1, 1.5, 1.75, 1.875.
  const second = 0.75 * 7.5 + 0.25 * 5;
  const fourth = 0.75 * (second + 1.75 + 1.875) + 0.25 * 5;
  expect(path(policy, [5], 4).flat()).toEqual([6, second, second + 1.75, fourth]);
});

test("a signal resets one learner and not the next", () => {
  const signal = (_: Float64Array, [at]: Float64Array, steps: number) => at >= 12 && steps > 1;
  const policy = hardReset(line, { learningRate: 1, signal, initial: [0] });
  expect(path(policy, [10, 0], 5)).toEqual([
    [11, 1],
    [12, 2],
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
});

test("bad options are refused", () => {
  expect(() => hardReset(line, { learningRate: 1 })).toThrow("period: must be given, or else a signal");
  expect(() => hardReset(line, { learningRate: 1, period: 1.5 })).toThrow(
    "period: must be a whole number >= 1, got 1.5",
  );
  expect(() => softReset(line, { learningRate: 1, period: 2, fraction: 0 })).toThrow(
    "fraction: must be in (0, 1], got 0",
  );
  expect(() => l2ToInitial(line, { learningRate: 1, weight: 1, initial: [1, 2] }).init(1)).toThrow(
    "initial: must have length 1, got 2",
  );
});
