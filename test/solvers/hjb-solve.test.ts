import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { collocation } from "../../solvers/collocation.js";
import type { RiccatiSolution } from "../../solvers/riccati.js";
import { solve } from "../../solvers/solve.js";
import { expectClose } from "./close.js";

const doubleWell = (
  parameters: number[],
  objective: ProblemInput["objective"] & object,
  more: Partial<ProblemInput> = {},
) =>
  defineProblem({
    landscape: { kind: "double-well", dimension: parameters.length },
    start: { kind: "point", parameters },
    objective,
    ...more,
  });

/** kL at the global minimum of the double well. */
const lowest = -0.5147536412756705;

/** Cost of a policy less that of resting for ever at the global minimum. */
function costOf(problem: ReturnType<typeof doubleWell>, policy: Parameters<typeof rollout>[1]): number {
  const { discountRate, timeStep } = problem.objective;
  const steps = Math.ceil(200 / timeStep);
  const rho = Math.exp(-discountRate * timeStep);
  const resting = (timeStep * lowest * (1 - rho ** steps)) / (1 - rho);
  return rollout(problem, policy, { steps, seed: 1 }).costs[0] - resting;
}

describe("solve on a landscape with two valleys", () => {
  test.each([
    [0.1, 2.1099990481356623, 1.0574537707383778],
    [0.3, 1.92816177569666, 1.0574537707383778],
  ])("in one dimension, γ = %d", (discountRate, value, restingPoint) => {
    const { status, start, criticalDiscountRate, evidence } = solve(doubleWell([-0.6], { discountRate }));
    expect(status).toBe("exact");
    expectClose(start?.value ?? 0, value, 1e-9);
    expectClose(start?.restingPoint ?? null, [restingPoint], 1e-9);
    expectClose(criticalDiscountRate ?? 0, 0.6646098970662818, 1e-9);
    expect(evidence.collocationDifference).toBeLessThan(1e-9);
  });

  test("in two, where the parts add up, beyond γ*", () => {
    const { status, start, criticalDiscountRate } = solve(doubleWell([-0.6, 0.5], { discountRate: 0.7 }));
    expect(status).toBe("exact");
    expectClose(start?.value ?? 0, 1.6656153738255637, 1e-8);
    expectClose(start?.restingPoint ?? null, [-0.9304029265558516, 0], 1e-8);
    expectClose(criticalDiscountRate ?? 0, 0.6646098970662818, 1e-6);
  });

  test("in three, the best path, and the law of the valley", () => {
    const problem = doubleWell([-0.6, 0.5, 0.2], { discountRate: 0.1 });
    const { status, start } = solve(problem);
    expect(status).toBe("local");
    expectClose(start?.value ?? 0, collocation(problem).start.value, 1e-12);
    expectClose(start?.restingPoint ?? null, [1.0574537707383778, 0, 0], 1e-6);
  });

  test.each([
    [0.01, 1e-3],
    [0.1, 1e-4],
    [0.5, 1e-2],
  ])("its policy costs hardly more than the least that it may, Δt = %d", (timeStep, tolerance) => {
    const problem = doubleWell([-0.6], { discountRate: 0.1, timeStep });
    const { policy, expectedCost } = solve(problem);
    const cost = costOf(problem, policy);
    expect(cost).toBeGreaterThan(expectedCost.informed * (1 - 1e-9));
    expectClose(cost, expectedCost.informed, tolerance);
  });

  test("no policy of a large family costs less than it expects", () => {
    const problem = doubleWell([-0.6], { discountRate: 0.1 });
    const { expectedCost } = solve(problem);
    for (const gain of [0.5, 1, 1.5, 2, 2.5, 3, 4]) {
      const policy = {
        name: "straight to the global minimum",
        init: () => null,
        act: (observations: Float64Array, state: null, actions: Float64Array) => {
          actions[0] = -gain * (observations[1] - 1.0574537707383778);
          return state;
        },
      };
      expect(costOf(problem, policy)).toBeGreaterThan(expectedCost.informed);
    }
  });

  test("where the parameters are not shown, the law of the valley", () => {
    const blind = { kind: "gradient", channels: ["gradient"] } as const;
    const { status, criticalDiscountRate } = solve(
      doubleWell([-0.6], { discountRate: 0.1 }, { observation: blind }),
    );
    expect(status).toBe("local");
    expect(criticalDiscountRate).toBeUndefined();
  });

  test("with a drift there is no one global minimum to flip from", () => {
    const drift = { matrix: [[-0.1]], offset: [0.2] };
    const { status, start, criticalDiscountRate } = solve(
      doubleWell([-0.6], { discountRate: 0.3 }, { geometry: { drift } }),
    );
    expect(status).toBe("exact");
    expect(criticalDiscountRate).toBeUndefined();
    expect(start?.restingPoint?.[0]).toBeGreaterThan(1);
  });
});

test("a landscape of one's own, two parameters, no gradient", () => {
  const loss = ([x, y]: Float64Array) => Math.log(Math.cosh(x - 1)) + 2 * (y - x) ** 2;
  const problem = defineProblem({
    landscape: { kind: "custom", dimension: 2, loss },
    objective: { discountRate: 0.1 },
    start: { kind: "point", parameters: [-1, 1] },
  });
  const { status, start, policy, expectedCost, evidence } = solve(problem);
  expect(status).toBe("exact");
  expectClose(start?.restingPoint ?? null, [1, 1], 1e-6);
  expect(evidence.collocationDifference).toBeLessThan(1e-3);
  expectClose(rollout(problem, policy, { steps: 2000, seed: 1 }).costs[0], expectedCost.informed, 2e-3);
});

test("a path that a drift turns out of the first box", () => {
  const drift = {
    matrix: [
      [0, -4],
      [4, 0],
    ],
    offset: [0, 0],
  };
  const common = {
    objective: { discountRate: 0.3 },
    geometry: { drift },
    start: { kind: "point", parameters: [1, 0] },
  } as const;
  const loss = ([x, y]: Float64Array) => (x * x + y * y) / 2;
  const problem = defineProblem({ ...common, landscape: { kind: "custom", dimension: 2, loss } });
  const parabola = defineProblem({ ...common, landscape: { kind: "quadratic", curvature: [1, 1] } });
  const { value, status } = solve(problem);
  expect(status).toBe("exact");
  const { valueMatrix } = solve(parabola).continuous as RiccatiSolution;
  for (const [x, y] of [
    [1, 0],
    [0, 0.65],
  ])
    expectClose(value([x, y]), (valueMatrix[0][0] * (x * x + y * y)) / 2, 5e-3);
});
