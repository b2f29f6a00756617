import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { curvatureGrid } from "../../solvers/beliefs/curvature-grid.js";
import { expectedCost } from "../../solvers/expected-cost.js";
import { informedPolicy } from "../../solvers/policies/known.js";
import { expectClose } from "./close.js";

const zeros = [
  [0, 0],
  [0, 0],
];
const landscape = {
  kind: "quadratic",
  curvature: [
    [2, 0.5],
    [0.5, 1],
  ],
} as const;
const start = { kind: "point", parameters: [0.2, 0.4] } as const;
const informedOf = (input: Partial<ProblemInput>) => {
  const problem = defineProblem({
    observation: { kind: "state" },
    landscape,
    start,
    ...input,
  } as ProblemInput);
  return { problem, cost: expectedCost(problem).informed };
};

describe.each([1e-6, 1e-9, 1e-12, 1e-15, 1e-20])("γ = %s", (discountRate) => {
  const objective = { discountRate };
  const mean = [1.3, -0.7];

  test("a drift of nothing costs nothing", () => {
    const covariance = [
      [1, 0.3],
      [0.3, 0.5],
    ];
    const task = { kind: "static", mean, covariance } as const;
    const geometry = { drift: { matrix: zeros, offset: [0, 0] } };
    expectClose(informedOf({ objective, task, geometry }).cost, informedOf({ objective, task }).cost, 1e-8);
  });

  test("a task that changes to what it was is one that lasts", () => {
    const lasting = informedOf({ objective, task: { kind: "static", mean, covariance: zeros } }).cost;
    const drawn = { kind: "redrawn", hazardRate: 0.3, mean, covariance: zeros } as const;
    const pulled = { kind: "drifting", relaxationRate: 0.3, mean, covariance: zeros } as const;
    for (const task of [drawn, pulled]) expectClose(informedOf({ objective, task }).cost, lasting, 1e-8);
  });
});

test.each([0, 1e-6, 1e-9])(
  "a rest far away, approached at the rate %s, costs what the policy does",
  (rate) => {
    const { problem, cost } = informedOf({
      landscape: { kind: "quadratic", curvature: [1, 1] },
      objective: { discountRate: 1 },
      geometry: {
        drift: {
          matrix: [
            [0, 0],
            [0, -rate],
          ],
          offset: [0, 1],
        },
        control: [[1], [0]],
      },
    });
    expectClose(cost, rollout(problem, informedPolicy(problem), { seed: 1, steps: 400 }).costs[0], 1e-9);
  },
);

test.each([
  { kind: "static" },
  { kind: "redrawn", hazardRate: 0.3 },
  { kind: "drifting", relaxationRate: 0.3 },
])("a drift to what is far from 0 costs as much as near it: $kind", (kind) => {
  const at = (shift: number) =>
    informedOf({
      objective: { discountRate: 0.3 },
      geometry: {
        drift: {
          matrix: [
            [-0.5, 0.25],
            [0, -1],
          ],
          offset: [0.25 * shift + 0.1, shift],
        },
      },
      task: { ...kind, mean: [shift, shift], covariance: landscape.curvature } as NonNullable<
        ProblemInput["task"]
      >,
      start: { kind: "point", parameters: [shift + 0.125, shift - 0.125] },
    }).cost;
  expectClose(at(2 ** 20), at(0), 1e-9);
});

test("what is far from 0 costs as much as near it", () => {
  const at = (shift: number) =>
    informedOf({
      landscape: { ...landscape, minimum: [shift, shift] },
      start: { kind: "point", parameters: [shift + 0.125, shift - 0.125] },
    }).cost;
  expectClose(at(2 ** 30), at(0), 1e-14);
});

test("one exact entry of the gradient tells all that a singular prior leaves open", () => {
  const problem = defineProblem({
    landscape,
    start,
    objective: { discountRate: 0 },
    task: {
      kind: "static",
      mean: [1.3, -0.7],
      covariance: [
        [0.01, 0.03],
        [0.03, 0.09],
      ],
    },
    observation: { kind: "gradient", noise: 0, coordinates: [0] },
  });
  const { informed, optimal } = expectedCost(problem);
  expect(optimal).toBe(informed);
});

describe("a hidden curvature", () => {
  const hidden = {
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.1, 10] } },
    observation: { kind: "gradient", noise: 1 },
  } as const satisfies ProblemInput;

  test("has no cost of a changing task", () => {
    const task = { kind: "redrawn", hazardRate: 0.3, mean: [0], covariance: [[1]] } as const;
    expect(() => expectedCost(defineProblem({ ...hidden, task }))).toThrow(
      'task.kind: must be "static" when the curvature is hidden, got "redrawn"',
    );
  });

  test("refuses weights that it does not know", () => {
    expect(() => curvatureGrid(defineProblem(hidden), { gridWeights: "simpson" as "equal" })).toThrow(
      'gridWeights: must be "equal" or "trapezoid", got "simpson"',
    );
  });
});
