import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineProblem, navigationVectorEnv, rollout } from "../../envs/index.js";
import {
  bayesOptimalPolicy,
  beliefLayoutOf,
  beliefObservation,
  cuedKalman,
  expectedCost,
  informedPolicy,
  predict,
  solve,
} from "../../solvers/index.js";
import { filteredPolicy } from "../../solvers/policies/filtered.js";
import { conditional } from "../oracles/filters.js";
import { expectClose } from "./close.js";
import { randomRecord, replay } from "./gradient-records.js";
import { calibration, difference, misjudging, score, told } from "./simulated.js";

const channels: ("gradient" | "parameters" | "cue")[] = ["cue", "gradient", "parameters"];

test("agrees with conditioning on the looks since the last cue", () => {
  const cuedRecord = fc.tuple(
    randomRecord("redrawn", ["isotropic", "fisher"], { channels }),
    fc.tuple(fc.constant(0), fc.constantFrom(0, 1), fc.constantFrom(0, 1), fc.constantFrom(0, 1)),
  );
  fc.assert(
    fc.property(cuedRecord, ([{ problem, parameters, gradients, all }, cues]) => {
      const expected = all.looks.map((_, t) => {
        const since = Math.max(0, cues.lastIndexOf(1, t));
        return conditional({ ...all, looks: all.looks.slice(since, t + 1) }, 1);
      });
      const { means, variances } = replay(problem, parameters, gradients, cues);
      expectClose([means.flat(), [1]], [expected.flatMap(({ mean }) => mean), [1]], 1e-8);
      expectClose(
        variances,
        expected.map(({ covariance }) => covariance.diagonal()),
        1e-8,
      );
    }),
    { numRuns: 60, seed: 9 },
  );
});

const covariance = [
  [1, 0.5],
  [0.5, 2],
];
const mean = [0.5, -1];
const seeing = (observation: object, hazardRate = 0.7) =>
  defineProblem({
    landscape: {
      kind: "quadratic",
      curvature: [
        [2, 0.8],
        [0.8, 1],
      ],
    },
    objective: { discountRate: 0.6, timeStep: 0.2 },
    task: { kind: "redrawn", hazardRate, mean, covariance },
    observation: { kind: "gradient", noise: 1, channels, ...observation },
    start: { kind: "gaussian", mean, covariance },
  });

describe.each<[string, object]>([
  ["all of the gradient", {}],
  ["a part of it", { coordinates: [1] }],
  ["with Fisher noise", { noise: { fisher: { batchSize: 2 } } }],
])("%s", (_, observation) => {
  const problem = seeing(observation);
  const options = { episodes: 1000, steps: 80, seed: "cued" };
  const optimal = rollout(problem, bayesOptimalPolicy(problem), options).costs;

  test("errs as much as the belief says", () => {
    for (const each of calibration(problem)) expect(Math.abs(each)).toBeLessThan(3);
  });

  test("not knowing costs what theory says, on the same tasks", () => {
    const knowing = rollout(told(problem), informedPolicy(told(problem)), options).costs;
    const { informed, optimal: expected } = expectedCost(problem);
    expect(Math.abs(score(difference(optimal, knowing), (expected as number) - informed))).toBeLessThan(3);
  });

  test("a filter that does not heed the cue, or another share of the surprise, costs more", () => {
    const uncued = seeing({ ...observation, channels: ["gradient", "parameters"] });
    const blind = rollout(uncued, bayesOptimalPolicy(uncued), options).costs;
    expect(score(difference(blind, optimal))).toBeGreaterThan(3);
    for (const factor of [0.75, 1.25]) {
      const wrong = rollout(
        problem,
        filteredPolicy("perturbed", problem, misjudging(cuedKalman(problem), factor)),
        options,
      ).costs;
      expect(score(difference(wrong, optimal))).toBeGreaterThan(3);
    }
  });
});

test("needs the cue, and a task that it can tell of", () => {
  const belief = cuedKalman(seeing({}));
  expect(() => belief.update(new Float64Array(2), new Float64Array(2), belief.init(1))).toThrow(
    "cues: must be",
  );
  const drifting = { kind: "drifting", relaxationRate: 1, mean, covariance } as const;
  const problem = defineProblem({
    ...seeing({}),
    observation: { kind: "gradient", noise: 1 },
    task: drifting,
  });
  expect(() => cuedKalman(problem)).toThrow(
    'task.kind: must be "redrawn" for a cue to tell of it, got "drifting"',
  );
});

test("solve knows that the cue tells all", () => {
  const problem = seeing({});
  const { status, method, rule, policy } = solve(problem);
  expect(status).toBe("exact");
  expect(method).toContain("the belief is an exact Kalman filter that starts anew at each cue");
  expect(rule.name).toContain("on averaged gradients with resets and a pull to the initial weights");
  expect(rule.text).toContain("when the cue tells that the task has changed");
  expect(
    rule.comparisons.every(({ excessCost, standardError }) => excessCost > 0 && standardError === 0),
  ).toBe(true);
  expect(predict(problem).momentum).toBeUndefined();
  const options = { episodes: 3, steps: 20, seed: 1 };
  expect(rollout(problem, policy, options)).toEqual(rollout(problem, bayesOptimalPolicy(problem), options));
});

test("the run length that is shown is that since the cue", () => {
  const problem = seeing({});
  const env = beliefObservation(navigationVectorEnv(problem, { numEnvs: 2, seed: 4 }), problem);
  const at = beliefLayoutOf(problem).find(({ part }) => part === "runLength")?.offset as number;
  const stride = env.singleObservationSpace.size;
  let { observations, infos } = env.reset();
  const lengths = [1, 1];
  for (let t = 0; t < 40; t++) {
    lengths.forEach((length, n) => {
      expect(observations[n * stride + at]).toBe(length);
    });
    const before = infos.minimum as Float64Array;
    ({ observations, infos } = env.step(new Float64Array(4)));
    const after = infos.minimum as Float64Array;
    lengths.forEach((length, n) => {
      lengths[n] = before[2 * n] === after[2 * n] ? length + 1 : 1;
    });
  }
});
