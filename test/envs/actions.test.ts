import { describe, expect, test } from "vitest";
import {
  type Action,
  actionLayoutOf,
  actionSizeOf,
  Dynamics,
  defineProblem,
  navigationEnv,
  type Policy,
  type ProblemInput,
} from "../../envs/index.js";
import { adam, gradientDescent, heavyBall } from "../../solvers/index.js";

const base: ProblemInput = {
  landscape: { kind: "quadratic", curvature: [4, 1], minimum: [1, -1] },
  objective: { timeStep: 0.2 },
  task: {
    kind: "redrawn",
    hazardRate: 0.2,
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 0.5 },
};

const near = (actual: Float64Array, expected: Float64Array) =>
  actual.every((value, i) => Math.abs(value - expected[i]) < 1e-9);

describe("hyperparameters that stay the same make the textbook rule", () => {
  const inner = defineProblem(base);
  const textbook = {
    "gradient-descent": gradientDescent(inner, { learningRate: 0.05 }),
    "heavy-ball": heavyBall(inner, { learningRate: 0.05, momentum: 0.8 }),
    adam: adam(inner, { learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }),
  };
  const action = (rule: keyof typeof textbook, per: "global" | "coordinate"): Action => ({
    kind: "hyperparameters",
    rule,
    per,
    ...(rule === "adam" && { beta2: 0.95, epsilon: 1e-6 }),
  });

  test.each(
    Object.keys(textbook).flatMap((rule) =>
      (["global", "coordinate"] as const).map((per) => [rule as keyof typeof textbook, per] as const),
    ),
  )("%s, %s", (rule, per) => {
    const count = 3;
    const outer = defineProblem({ ...base, action: action(rule, per) });
    const policy: Policy = textbook[rule];
    const [one, two] = [outer, inner].map((problem) => new Dynamics(problem, { count, seed: 3 }));
    const width = per === "global" ? 1 : 2;
    const row = [...new Array(width).fill(Math.log(0.05)), ...new Array(width).fill(0.8)];
    const set = Float64Array.from({ length: count * one.actionSize }, (_, i) => row[i % one.actionSize]);
    const observations = new Float64Array(count * two.observationSize);
    const velocities = new Float64Array(count * 2);
    let state = policy.init(count);
    for (let t = 0; t < 30; t++) {
      two.observe(observations);
      state = policy.act(observations, state, velocities);
      two.step(velocities);
      one.step(set);
      expect(near(one.parameters, two.parameters)).toBe(true);
      expect(near(one.costs, two.costs)).toBe(true);
    }
  });
});

test("layout, size and range of an action", () => {
  const problem = (action: ProblemInput["action"]) => defineProblem({ ...base, action });
  const velocity = problem(undefined);
  expect(actionLayoutOf(velocity)).toMatchObject([{ part: "velocity", offset: 0, size: 2 }]);
  const adamOne = problem({ kind: "hyperparameters", rule: "adam" });
  expect(adamOne.action).toEqual({ kind: "hyperparameters", rule: "adam", per: "global" });
  expect(actionLayoutOf(adamOne)).toMatchObject([
    { part: "logLearningRate", offset: 0, size: 1, low: -Infinity },
    { part: "momentum", offset: 1, size: 1, low: 0, high: 1 },
  ]);
  expect(actionSizeOf(problem({ kind: "hyperparameters", rule: "heavy-ball", per: "coordinate" }))).toBe(4);
  expect(
    actionSizeOf(problem({ kind: "hyperparameters", rule: "gradient-descent", per: "coordinate" })),
  ).toBe(2);
  expect(navigationEnv(adamOne).actionSpace.toJSON()).toMatchObject({
    shape: [2],
    low: ["-Infinity", 0],
    high: ["Infinity", 1],
  });
});

test("the movement is charged, and each coordinate has its own hyperparameters", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [4, 1] },
    start: { kind: "point", parameters: [1, 1] },
    action: { kind: "hyperparameters", rule: "gradient-descent", per: "coordinate" },
    observation: { kind: "loss" },
  });
  const env = navigationEnv(problem);
  env.reset();
  const { info, reward } = env.step([Math.log(0.1), Math.log(0.5)]);
  expect(Array.from(info.parameters)).toEqual([expect.closeTo(0.6, 14), expect.closeTo(0.5, 14)]);
  // u = −α·g/Δt = (−4, −5).
  expect(reward).toBeCloseTo(-0.1 * ((16 + 25) / 2 + 2 * 0.36 + 0.5 * 0.25), 12);
});

test("signs drive the rule where only they are seen", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [4, 1] },
    start: { kind: "point", parameters: [1, -1] },
    action: { kind: "hyperparameters", rule: "gradient-descent" },
    observation: { kind: "sign" },
  });
  const env = navigationEnv(problem);
  env.reset();
  const { info } = env.step([Math.log(0.25)]);
  expect(Array.from(info.parameters)).toEqual([expect.closeTo(0.75, 14), expect.closeTo(-0.75, 14)]);
});

test("a rule forgets at the start of an episode, and after it has diverged", () => {
  const problem = defineProblem({ ...base, action: { kind: "hyperparameters", rule: "adam" } });
  const dynamics = new Dynamics(problem, { count: 2, seed: 1 });
  dynamics.step(Float64Array.of(800, 0.5, -2, 1));
  expect(Array.from(dynamics.diverged)).toEqual([1, 0]);
  for (let t = 0; t < 5; t++) dynamics.step(Float64Array.of(-3, 0.9, -3, 0.9));
  expect(dynamics.costs.every(Number.isFinite)).toBe(true);
  expect(Array.from(dynamics.diverged)).toEqual([0, 0]);
});
