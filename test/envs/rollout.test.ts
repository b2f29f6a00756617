import { describe, expect, test } from "vitest";
import { Dynamics, defineProblem, type Policy, rollout } from "../../envs/index.js";

const problem = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { discountRate: 0.7, timeStep: 0.5 },
  start: { kind: "point", parameters: [1] },
  observation: { kind: "gradient", channels: ["parameters"] },
});

/** u = −θ. Its state counts its acts. */
const home: Policy<{ acts: number }> = {
  name: "home",
  init: () => ({ acts: 0 }),
  act(observations, { acts }, actions) {
    for (let n = 0; n < actions.length; n++) actions[n] = -observations[n];
    return { acts: acts + 1 };
  },
};

test.each([
  ["rollout: steps: must be a whole number >= 0, got NaN", { steps: Number.NaN }],
  ["rollout: steps: must be a whole number >= 0, got -1", { steps: -1 }],
  ["rollout: steps: must be a whole number >= 0, got 1.5", { steps: 1.5 }],
  ["rollout: episodes: must be a whole number >= 1, got 0", { episodes: 0 }],
  ["rollout: episodes: must be a whole number >= 1, got 2.5", { episodes: 2.5 }],
  ["rollout: firstEpisode: must be a whole number >= 0, got -1", { firstEpisode: -1 }],
  ["rollout: seed must be a number or a string, got nothing", { seed: undefined as never }],
  [
    'rollout: has no option "step", only episodes, steps, seed, firstEpisode, terminalCost, onStep',
    { step: 3 },
  ],
])("%s", (message, options) => {
  expect(() => rollout(problem, home, { steps: 3, seed: 1, ...options })).toThrow(new Error(message));
});

test("the cost is the discounted sum of the costs of the steps", () => {
  // θ halves at every step: u = −θ, cost ½·(½θ² + (θ/2)²).
  const step = (theta: number) => 0.5 * (0.5 * theta ** 2 + (theta / 2) ** 2);
  const rho = Math.exp(-0.35);
  const { costs, finalLosses, diverged } = rollout(problem, home, { steps: 3, seed: 1, episodes: 2 });
  const expected = step(1) + rho * step(0.5) + rho ** 2 * step(0.25);
  expect(Array.from(costs)).toEqual([expect.closeTo(expected, 14), expect.closeTo(expected, 14)]);
  expect(Array.from(finalLosses)).toEqual([1 / 64, 1 / 64]);
  expect(Array.from(diverged)).toEqual([0, 0]);
});

test("the terminal cost is charged after the last step, discounted", () => {
  const options = { steps: 2, seed: 1 };
  const terminalCost = ({ parameters }: { parameters: Float64Array }) => 100 * parameters[0];
  const plain = rollout(problem, home, options).costs[0];
  const { costs } = rollout(problem, home, { ...options, terminalCost });
  expect(costs[0] - plain).toBeCloseTo(Math.exp(-0.7) * 25, 12);
});

describe("randomness", () => {
  const hidden = defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.1, 10] } },
    task: { kind: "drifting", relaxationRate: 1, mean: [0], covariance: [[1]] },
    observation: { kind: "gradient", noise: 1 },
  });
  const still: Policy<null> = { name: "still", init: () => null, act: () => null };

  test("an episode is the same whatever runs beside it", () => {
    const all = rollout(hidden, still, { steps: 5, seed: 3, episodes: 6 }).costs;
    const some = rollout(hidden, still, { steps: 5, seed: 3, episodes: 2, firstEpisode: 3 }).costs;
    expect(Array.from(some)).toEqual(Array.from(all.subarray(3, 5)));
    expect(new Set(all).size).toBe(6);
  });

  test("policies meet the same tasks", () => {
    const tasks = (policy: Policy<null>) => {
      const seen: number[] = [];
      rollout(hidden, policy, { steps: 4, seed: 3, onStep: ({ dynamics }) => seen.push(dynamics.minima[0]) });
      return seen;
    };
    const busy: Policy<null> = {
      ...still,
      act(_observations, state, actions) {
        actions.fill(2);
        return state;
      },
    };
    expect(tasks(busy)).toEqual(tasks(still));
  });
});

test("each step is told, with what was seen, done and the world after it", () => {
  const steps: [number, number, number, number][] = [];
  rollout(problem, home, {
    steps: 2,
    seed: 1,
    onStep: ({ step, observations, actions, dynamics }) => {
      expect(dynamics).toBeInstanceOf(Dynamics);
      steps.push([step, observations[0], actions[0], dynamics.parameters[0]]);
    },
  });
  expect(steps).toEqual([
    [0, 1, -1, 0.5],
    [1, 0.5, -0.5, 0.25],
  ]);
});

test("divergence is remembered, and costs the penalty at each of its steps", () => {
  const wild: Policy<number> = {
    name: "wild",
    init: () => 0,
    act(_, acts, actions) {
      actions[0] = acts === 1 ? 1e300 : 0;
      return acts + 1;
    },
  };
  const { costs, diverged } = rollout(problem, wild, { steps: 3, seed: 1 });
  expect(Array.from(diverged)).toEqual([1]);
  expect(costs[0]).toBeCloseTo(0.5 + Math.exp(-0.35) * 1e6 + Math.exp(-0.7) * 0.5, 6);
});
