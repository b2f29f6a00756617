import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { defaultBounds } from "../../solvers/hjb/bounds.js";
import { controlFieldOf } from "../../solvers/hjb/control-field.js";
import { localValue } from "../../solvers/hjb/local-value.js";
import { hjb } from "../../solvers/hjb.js";
import { expectClose } from "./close.js";

const minima = [-0.9304029265558516, 1.0574537707383778];
const wells = (parameters: number[], discountRate: number) =>
  defineProblem({
    landscape: { kind: "double-well", dimension: parameters.length },
    start: { kind: "point", parameters },
    objective: { discountRate },
  });

/** ½S of L = ½h·x² with η = k = 1. */
const halfValue = (h: number, discountRate: number) =>
  h / 2 / (discountRate / 2 + Math.sqrt(discountRate ** 2 / 4 + h));

test("a grid too coarse for the equation to hold is not converged", () => {
  const loss = ([x]: Float64Array) => (x * x) / 2 + 0.3 * Math.cos(12 * x);
  const problem = defineProblem({
    landscape: { kind: "custom", dimension: 1, loss },
    objective: { discountRate: 0.5 },
    start: { kind: "point", parameters: [0.25] },
  });
  const on = (gridPoints: number) => hjb(problem, { bounds: { lower: [-0.5], upper: [0.6] }, gridPoints });
  expect(on(12).status).toBe("not-converged");
  expect(on(12).evidence.residual).toBeGreaterThan(1e-6);
  expect(on(2001).status).toBe("exact");
});

test.each([-1e-17, 0, 1e-17])("a node at the minimum itself, but for rounding of %d", (shift) => {
  const half = 0.5;
  const bounds = { lower: [minima[1] - half + shift], upper: [minima[1] + half] };
  const { values, basins } = hjb(wells([1], 0.5), { bounds, gridPoints: 1001 });
  expect(Math.max(...values)).toBeLessThan(1);
  expect(new Set(basins)).toEqual(new Set([0]));
  expectClose(values[500], 0, 1e-12);
});

test.each([
  [0.3, 0],
  [2, 1],
])("at the local minimum, γ = %d, a plane has it leave or stay", (discountRate, basin) => {
  const plane = hjb(wells([-0.6, 0.5], discountRate), { gridPoints: 61 });
  expect(plane.basin([minima[0], 0])).toBe(basin);
});

describe("a parabola in a plane", () => {
  const loss = ([x, y]: Float64Array) => (x * x) / 2 + y * y;
  const problemOf = (more: Partial<ProblemInput>) =>
    defineProblem({
      landscape: { kind: "custom", dimension: 2, loss },
      objective: { discountRate: 0.5 },
      start: { kind: "point", parameters: [0.5, 0.5] },
      ...more,
    });
  const valueAt = ([x, y]: number[]) => halfValue(1, 0.5) * x * x + halfValue(2, 0.5) * y * y;

  test("beyond the box, straight on from its edge", () => {
    const { value } = hjb(problemOf({}), { bounds: { lower: [-1, -1], upper: [1, 1] }, gridPoints: 81 });
    for (const [at, edge] of [
      [
        [1.02, 0.3],
        [1, 0.3],
      ],
      [
        [0.3, -1.02],
        [0.3, -1],
      ],
    ])
      expectClose(value(at) - value(edge), valueAt(at) - valueAt(edge), 0.05);
  });

  test("beside where the loss is infinite, from the nodes where it is not", () => {
    const wall = (at: Float64Array) => (at[0] > 1.01 ? Infinity : loss(at));
    const problem = problemOf({ landscape: { kind: "custom", dimension: 2, loss: wall } });
    const { value, velocity } = hjb(problem, {
      bounds: { lower: [-1.5, -1.5], upper: [1.5, 1.5] },
      gridPoints: 61,
    });
    expectClose(value([1.005, 0.32]), valueAt([1.005, 0.32]), 2e-2);
    expect(velocity([1.005, 0.32])[0]).toBeLessThan(-0.5);
  });

  test("the default box holds three standard deviations of a Gaussian start", () => {
    const covariance = [
      [4, 0],
      [0, 0.01],
    ];
    const start = { kind: "gaussian", mean: [0.5, 0.5], covariance } as const;
    const problem = problemOf({ start });
    const { lower, upper } = defaultBounds(problem, controlFieldOf(problem));
    expect(lower[0]).toBeLessThan(-5.5);
    expect(upper[0]).toBeGreaterThan(6.5);
  });
});

test("where a direction is flat, nothing brings it home", () => {
  const flat = defineProblem({
    landscape: { kind: "custom", dimension: 2, loss: ([x]) => x * x },
    objective: { discountRate: 0.5 },
  });
  const rest = { parameters: [0, 0], kind: "minimum", restingCost: 0 } as const;
  expect(localValue(controlFieldOf(flat), { ...rest, parameters: [0, 0] }, 0)).toBeNull();
});
