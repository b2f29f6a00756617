import { expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { solve } from "../../solvers/solve.js";
import { expectClose } from "./close.js";

const minima = [-0.9304029265558516, 1.0574537707383778];
const lowest = (minima[1] ** 2 - 1) ** 2 - minima[1] / 2;

const startingFrom = (start: NonNullable<ProblemInput["start"]>, discountRate: number) =>
  defineProblem({
    landscape: {
      kind: "double-well",
      dimension: start.kind === "point" ? start.parameters.length : start.mean.length,
    },
    objective: { discountRate, timeStep: 0.05 },
    start,
  });

/** Cost of a policy, averaged over starts by Simpson's rule, less that of resting at the global minimum. */
function simulated(mean: number, deviation: number, discountRate: number): number {
  const spread = { kind: "gaussian", mean: [mean], covariance: [[deviation ** 2]] } as const;
  const { policy } = solve(startingFrom(spread, discountRate));
  const steps = Math.ceil(12 / discountRate / 0.05);
  const rho = Math.exp(-discountRate * 0.05);
  let [sum, total] = [0, 0];
  for (let i = 0; i <= 40; i++) {
    const z = (i - 20) / 5;
    const weight = (i % 2 ? 4 : 2) * Math.exp((-z * z) / 2);
    const from = { kind: "point", parameters: [mean + deviation * z] } as const;
    sum += weight * rollout(startingFrom(from, discountRate), policy, { steps, seed: 1 }).costs[0];
    total += weight;
  }
  return sum / total - (0.05 * lowest * (1 - rho ** steps)) / (1 - rho);
}

test.each([
  ["the global minimum", minima[1], 0.15, 0.5],
  ["the local one, where most stay", minima[0], 0.3, 2],
  ["a slope", -0.5, 0.1, 3],
])("the expected cost from about %s is what its policy costs", (_, mean, deviation, discountRate) => {
  const start = { kind: "gaussian", mean: [mean], covariance: [[deviation ** 2]] } as const;
  const { expectedCost, status } = solve(startingFrom(start, discountRate));
  expect(status).toBe("exact");
  const cost = simulated(mean, deviation, discountRate);
  expect(cost).toBeGreaterThan(expectedCost.informed * (1 - 1e-4));
  expectClose(cost, expectedCost.informed, 3e-3);
});

test.each([minima[0], -0.93040293, minima[1], 1.05745])("from %d, at a minimum, the global optimum", (x) => {
  const { status, start, criticalDiscountRate } = solve(
    startingFrom({ kind: "point", parameters: [x] }, 0.6),
  );
  expect(status).toBe("exact");
  expectClose(start?.restingPoint ?? null, [x < 0 ? minima[0] : minima[1]], 1e-8);
  if (x < 0) expectClose(criticalDiscountRate ?? 0, 0.539031, 2e-6);
  else expect(criticalDiscountRate).toBeNull();
});

test.each([
  [1.05745, 0],
  [1.05, 0.003],
])("from (%d, %d), next to the minimum of a plane", (x, y) => {
  const { status, start } = solve(startingFrom({ kind: "point", parameters: [x, y] }, 0.6));
  expect(status).toBe("exact");
  expect(start?.value).toBeGreaterThan(0);
  expectClose(start?.restingPoint ?? null, [minima[1], 0], 1e-8);
});
