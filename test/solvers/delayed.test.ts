import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineProblem, rollout } from "../../envs/index.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import { bayesOptimalPolicy, expectedCost, informedPolicy, solve } from "../../solvers/index.js";
import { conditional, enumerateRedraws, type Looks } from "../oracles/filters.js";
import { expectClose } from "./close.js";
import { randomRecord, replay, type TaskKind, taskOf, upTo } from "./gradient-records.js";
import { calibration, difference, score, told } from "./simulated.js";

/** What a learner sees of a record of prompt gradients when they come late, and where each was taken. */
const late = (gradients: number[][], delay: number) =>
  gradients.map((_, t) => gradients[Math.max(t - delay, 0)]);

const record = (kind: TaskKind, delay: number, cue = false) =>
  randomRecord(kind, ["isotropic", "fisher"], {
    delay,
    channels: ["gradient", "parameters", ...(cue ? (["cue"] as const) : [])],
  });

const lagOf = (t: number, delay: number) => Math.min(t, delay);
const until = (all: Looks, t: number, delay: number) => upTo(all, t - lagOf(t, delay));

describe.each([1, 2])("agrees with conditioning on the whole history, a delay of %d", (delay) => {
  test.each(["static", "drifting"] as const)("%s", (kind) => {
    fc.assert(
      fc.property(record(kind, delay), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) =>
          conditional(until(all, t, delay), survivalOf(problem), lagOf(t, delay)),
        );
        const { means, variances } = replay(problem, parameters, late(gradients, delay));
        expectClose([means.flat(), [1]], [expected.flatMap(({ mean }) => mean), [1]], 1e-8);
        expectClose(
          variances,
          expected.map(({ covariance }) => covariance.diagonal()),
          1e-8,
        );
      }),
      { numRuns: 40, seed: 10 },
    );
  });

  test("redrawn, by whether the task has changed since", () => {
    fc.assert(
      fc.property(record("redrawn", delay), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.flatMap((_, t) => {
          const past = enumerateRedraws(until(all, t, delay), survivalOf(problem));
          const same = survivalOf(problem) ** lagOf(t, delay);
          return past.map((value, i) => same * value + (1 - same) * all.mean[i]);
        });
        const { means } = replay(problem, parameters, late(gradients, delay));
        expectClose([means.flat(), [1]], [expected, [1]], 1e-8);
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  test("redrawn and cued, by the last cue", () => {
    const cued = fc.tuple(
      record("redrawn", delay, true),
      fc.tuple(fc.constant(0), fc.constantFrom(0, 1), fc.constantFrom(0, 1), fc.constantFrom(0, 1)),
    );
    fc.assert(
      fc.property(cued, ([{ problem, parameters, gradients, all }, cues]) => {
        const expected = all.looks.flatMap((_, t) => {
          const since = Math.max(0, cues.lastIndexOf(1, t));
          const looks = until(all, t, delay).looks.slice(since);
          return looks.length > 0 ? conditional({ ...all, looks }, 1).mean : all.mean;
        });
        const { means } = replay(problem, parameters, late(gradients, delay), cues);
        expectClose([means.flat(), [1]], [expected, [1]], 1e-8);
      }),
      { numRuns: 40, seed: 12 },
    );
  });
});

const covariance = [
  [1, 0.5],
  [0.5, 2],
];
const mean = [0.5, -1];

describe.each<[string, TaskKind, object]>([
  ["a static minimum", "static", {}],
  ["a drifting minimum", "drifting", {}],
  ["a drifting minimum of which a part is seen", "drifting", { coordinates: [1] }],
  ["a redrawn minimum", "redrawn", {}],
  ["a redrawn minimum, exactly", "redrawn", { noise: 0 }],
  ["a redrawn minimum with a cue", "redrawn", { channels: ["gradient", "parameters", "cue"] }],
])("%s", (_, kind, observation) => {
  const problem = defineProblem({
    landscape: {
      kind: "quadratic",
      curvature: [
        [2, 0.8],
        [0.8, 1],
      ],
    },
    objective: { discountRate: 0.6, timeStep: 0.2 },
    task: taskOf(kind, 0.7, mean, covariance),
    observation: { kind: "gradient", noise: 1, delay: 3, ...observation },
    start: { kind: "gaussian", mean, covariance },
  });

  test("errs as much as the belief says", () => {
    for (const each of calibration(problem)) expect(Math.abs(each)).toBeLessThan(3);
  });

  test("costs what theory says beyond being told, on the same tasks", () => {
    const options = { episodes: 1000, steps: 80, seed: "delayed" };
    const costs = rollout(problem, bayesOptimalPolicy(problem), options).costs;
    const knowing = rollout(told(problem), informedPolicy(told(problem)), options).costs;
    const { informed, optimal } = expectedCost(problem);
    const open = kind === "redrawn" && Object.keys(observation).length === 0;
    expect(optimal === null).toBe(open);
    if (optimal === null) expect(score(difference(costs, knowing))).toBeGreaterThan(3);
    else expect(Math.abs(score(difference(costs, knowing), optimal - informed))).toBeLessThan(3);
  });

  test("solve says so", () => {
    const { status, method } = solve(problem);
    expect(status).toBe("exact");
    expect(method).toContain("carried over the delay of 3 steps");
  });
});

test("an exact gradient of a static minimum is never late", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 2] },
    task: taskOf("static", 0, mean, covariance),
    observation: { kind: "gradient", delay: 2 },
  });
  const { informed, optimal } = expectedCost(problem);
  expect(optimal).toBe(informed);
  const { means } = replay(
    problem,
    [
      [0, 0],
      [5, 5],
      [1, 1],
    ],
    [
      [-1, -4],
      [-1, -4],
      [-1, -4],
    ],
  );
  expectClose(
    means,
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
    1e-12,
  );
});
