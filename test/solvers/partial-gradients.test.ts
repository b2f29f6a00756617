import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineProblem, rollout } from "../../envs/index.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import {
  bayesOptimalPolicy,
  expectedCost,
  informedPolicy,
  kalman,
  predict,
  predictedMomentum,
  solve,
} from "../../solvers/index.js";
import { filteredPolicy } from "../../solvers/policies/filtered.js";
import { conditional, enumerateRedraws } from "../oracles/filters.js";
import { expectClose } from "./close.js";
import { randomRecord, replay, type TaskKind, taskOf, upTo } from "./gradient-records.js";
import { calibration, difference, misjudging, score, told } from "./simulated.js";

describe("agrees with conditioning on the whole history", () => {
  test.each(["static", "drifting"] as const)("%s", (kind) => {
    fc.assert(
      fc.property(randomRecord(kind, ["isotropic", "fisher"]), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) => conditional(upTo(all, t), survivalOf(problem)));
        const { means, variances } = replay(problem, parameters, gradients);
        expectClose(
          means,
          expected.map(({ mean }) => mean),
          1e-8,
        );
        expectClose(
          variances,
          expected.map(({ covariance }) => covariance.diagonal()),
          1e-8,
        );
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test("redrawn", () => {
    fc.assert(
      fc.property(
        randomRecord("redrawn", ["isotropic", "fisher"]),
        ({ problem, parameters, gradients, all }) => {
          const expected = all.looks.map((_, t) => enumerateRedraws(upTo(all, t), survivalOf(problem)));
          expectClose(replay(problem, parameters, gradients).means, expected, 1e-8);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  test("exact gradients, whose past adds nothing", () => {
    fc.assert(
      fc.property(randomRecord("drifting", ["exact"]), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) => conditional(upTo(all, t), survivalOf(problem)));
        const { means, variances } = replay(problem, parameters, gradients);
        expectClose([means.flat(), [1]], [expected.flatMap((each) => each.mean), [1]], 1e-8);
        if (all.noise.length < all.mean.length)
          expectClose(
            variances,
            expected.map((each) => each.covariance.diagonal()),
            1e-8,
          );
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});

const curvature = [
  [2, 0.8, 0.3],
  [0.8, 1, -0.4],
  [0.3, -0.4, 1.5],
];
const covariance = [
  [1, 0.5, 0.2],
  [0.5, 2, -0.6],
  [0.2, -0.6, 1.5],
];
const mean = [0.5, -1, 0.3];
const seeing = (kind: TaskKind, observation: object) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature },
    objective: { discountRate: 0.6, timeStep: 0.2 },
    task: taskOf(kind, 0.7, mean, covariance),
    observation: { kind: "gradient", noise: 1, coordinates: [2, 0], ...observation },
    start: { kind: "gaussian", mean, covariance },
  });

describe.each<[string, TaskKind, { noise?: 0 | { fisher: { batchSize: number } } }]>([
  ["a static minimum", "static", {}],
  ["a drifting minimum", "drifting", {}],
  ["a drifting minimum with Fisher noise", "drifting", { noise: { fisher: { batchSize: 2 } } }],
  ["a redrawn minimum", "redrawn", {}],
  ["a drifting minimum, exactly", "drifting", { noise: 0 }],
  ["a redrawn minimum, exactly", "redrawn", { noise: 0 }],
])("%s", (_, kind, observation) => {
  const problem = seeing(kind, observation);

  test("errs as much as the belief says", () => {
    for (const each of calibration(problem)) expect(Math.abs(each)).toBeLessThan(3);
  });

  const options = { episodes: 1000, steps: 80, seed: "partial" };
  const optimal = rollout(problem, bayesOptimalPolicy(problem), options).costs;

  test("not knowing costs what theory says, on the same tasks", () => {
    const knowing = rollout(told(problem), informedPolicy(told(problem)), options).costs;
    const { informed, optimal: expected } = expectedCost(problem);
    expect(expected === null).toBe(kind === "redrawn" && observation.noise !== 0);
    if (expected === null) return;
    expect(Math.abs(score(difference(optimal, knowing), expected - informed))).toBeLessThan(3);
    expect(predict(problem).expectedCost?.optimal).toBe(expected);
  });

  test("is what solve acts on", () => {
    const { policy, status, rule } = solve(problem);
    expect(status).toBe("exact");
    expect(rule.comparisons).toEqual([]);
    const few = rollout(problem, policy, { ...options, episodes: 20 }).costs;
    expect(few).toEqual(optimal.subarray(0, 20));
  });

  if (kind === "redrawn" || observation.noise === 0) return;
  test.each([0.75, 1.25])("the gain of the filter ×%d costs more", (factor) => {
    const policy = filteredPolicy(
      "perturbed",
      problem,
      misjudging(kalman(problem), factor, survivalOf(problem)),
    );
    expect(score(difference(rollout(problem, policy, options).costs, optimal))).toBeGreaterThan(3);
  });
});

test("what the prior already knows, a gradient cannot tell", () => {
  const flat = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 2] },
    task: {
      kind: "static",
      mean: [1, 2],
      covariance: [
        [0, 0],
        [0, 1],
      ],
    },
    observation: { kind: "gradient", noise: 0.5, coordinates: [0] },
  });
  const { means, variances } = replay(flat, [[0, 0]], [[3]]);
  expect(means).toEqual([[1, 2]]);
  expect(variances).toEqual([[0, 1]]);
  const exact = defineProblem({ ...flat, observation: { kind: "gradient", coordinates: [0] } });
  expect(() => bayesOptimalPolicy(exact)).toThrow(
    "task.covariance: must give variance to the coordinates [0] of the exact gradient that is seen",
  );
});

test("a momentum per coordinate needs all of them", () => {
  const problem = seeing("drifting", {});
  expect(predict(problem).momentum).toBeUndefined();
  expect(() => predictedMomentum(problem)).toThrow(
    "observation.coordinates: must be absent where the whole gradient is needed, got [2, 0]",
  );
});
