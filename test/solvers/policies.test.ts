import { describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import { layoutOf, type NavigationProblem, observationSizeOf } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";
import type { CurvatureGridOptions } from "../../solvers/beliefs/curvature-grid.js";
import { bayesOptimalPolicy, linearFilterPolicy } from "../../solvers/policies/bayes-optimal.js";
import { informedPolicy } from "../../solvers/policies/known.js";
import { qmdpPolicy } from "../../solvers/policies/qmdp.js";
import { curvatureCases, taskCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";

/** What a policy does on a record of one environment's channels, one row per step. */
function replay<State>(
  problem: NavigationProblem,
  policy: Policy<State>,
  channels: Record<string, number[][]>,
  size = 1,
) {
  const steps = Object.values(channels)[0].length;
  let state = policy.init(1);
  const actions: number[][] = [];
  const states: State[] = [];
  for (let t = 0; t < steps; t++) {
    const observation = new Float64Array(observationSizeOf(problem));
    for (const { channel, offset } of layoutOf(problem)) observation.set(channels[channel][t], offset);
    const action = new Float64Array(size);
    state = policy.act(observation, state, action);
    actions.push(Array.from(action));
    states.push(structuredClone(state));
  }
  return { actions, states };
}

const rows = (values: number[]) => values.map((value) => [value]);

test.each(taskCases.map((each, index) => ({ each, index })))(
  "Bayes optimum on reference record $index",
  ({ each }) => {
    const problem = defineProblem(each.problem);
    const { parameters, gradients, action, posteriorMean } = each.expected;
    const { actions, states } = replay(problem, bayesOptimalPolicy(problem), {
      parameters: rows(parameters),
      gradient: rows(gradients),
    });
    expectClose(actions, action, 1e-8);
    expectClose(
      states.map((state) => state.posteriorMean[0]),
      posteriorMean,
      1e-8,
    );
  },
);

test.each(curvatureCases.map((each, index) => ({ each, index })))(
  "QMDP on reference record $index",
  ({ each }) => {
    const problem = defineProblem(each.problem);
    const { parameters, gradients, action, posteriorLogCurvature } = each.expected;
    const policy = qmdpPolicy(problem, { curvatureGrid: each.curvatureGrid });
    const { actions, states } = replay(problem, policy, {
      parameters: rows(parameters),
      gradient: rows(gradients),
    });
    expectClose(actions, action, 1e-8);
    expectClose(
      states.map(({ belief }) => belief.posteriorLogCurvature[0]),
      posteriorLogCurvature,
      1e-8,
    );
  },
);

const plane = {
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.5],
      [0.5, 1],
    ],
    minimum: [1, -1],
  },
  objective: { discountRate: 0.4 },
} as const;

describe("when nothing is hidden", () => {
  const theta = [[0.2, 0.7]];
  const gradient = [[2 * (0.2 - 1) + 0.5 * 1.7, 0.5 * (0.2 - 1) + 1.7]];
  const act = (channels: readonly ("gradient" | "parameters")[]) => {
    const problem = defineProblem({ ...plane, observation: { kind: "gradient", channels } });
    return replay(problem, bayesOptimalPolicy(problem), { parameters: theta, gradient }, 2).actions;
  };

  test("parameters, an exact gradient and the state lead to one action", () => {
    const told = defineProblem({ ...plane, observation: { kind: "state" } });
    const expected = replay(told, informedPolicy(told), { parameters: theta }, 2).actions;
    expectClose(act(["parameters"]), expected, 1e-12);
    expectClose(act(["gradient"]), expected, 1e-12);
    expectClose(act(["gradient", "parameters"]), expected, 1e-12);
  });

  test("a noisy gradient alone does not tell the parameters", () => {
    const problem = defineProblem({
      ...plane,
      observation: { kind: "gradient", noise: 1, channels: ["gradient"] },
    });
    expect(() => bayesOptimalPolicy(problem)).toThrow('observation.channels: must include "parameters"');
  });
});

test("an exact gradient of a hidden static minimum is enough without the parameters", () => {
  const task = {
    kind: "static",
    mean: [0, 3],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  } as const;
  const gradient = [[1, 2]];
  const alone = defineProblem({ ...plane, task, observation: { kind: "gradient", channels: ["gradient"] } });
  const both = defineProblem({ ...plane, task, observation: { kind: "gradient" } });
  const expected = replay(both, bayesOptimalPolicy(both), { gradient, parameters: [[5, 6]] }, 2).actions;
  expectClose(replay(alone, bayesOptimalPolicy(alone), { gradient }, 2).actions, expected, 1e-12);
});

test("the linear filter is the drifting task's optimum", () => {
  const base = defineProblem(taskCases[0].problem);
  if (base.task.kind !== "redrawn") throw new Error("expected a redrawn task");
  const { hazardRate, mean, covariance } = base.task;
  const drifting = {
    ...base,
    task: { kind: "drifting", relaxationRate: hazardRate, mean, covariance },
  } as const;
  const { parameters, gradients, action } = taskCases[0].expected;
  const channels = { parameters: rows(parameters), gradient: rows(gradients) };
  const linear = replay(base, linearFilterPolicy(base), channels).actions;
  expectClose(linear, replay(drifting, bayesOptimalPolicy(drifting), channels).actions, 1e-12);
  expect(Math.abs(linear[40][0] - action[40])).toBeGreaterThan(1e-3);
});

describe("a curvature that is even in log h", () => {
  const timeStep = 10;
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
    objective: { discountRate: 100, timeStep },
    task: { kind: "static", mean: [0], covariance: [[1]] },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
  });
  const theta = 0.3;

  /** Without a future, argmin E[½u² + ½h(θ + Δt·u − μ)²] after one look at y, by Simpson's rule. */
  function best(y: number): number {
    const cells = 20000;
    let [total, stiffness, pull] = [0, 0, 0];
    for (let j = 0; j <= cells; j++) {
      const h = 10 ** (-2 + (4 * j) / cells);
      const likelihood = Math.exp(-((y - h * theta) ** 2) / (2 * (h * h + h))) / Math.sqrt(h * h + h);
      const weight = (j === 0 || j === cells ? 1 : j % 2 ? 4 : 2) * likelihood;
      const minimum = (h * theta - y) / (1 + h);
      total += weight;
      stiffness += weight * h;
      pull += weight * h * (theta - minimum);
    }
    return (-timeStep * pull) / (total + timeStep * timeStep * stiffness);
  }

  const errors = (options: CurvatureGridOptions) =>
    [-30, -3, -0.1, 0.02, 1, 10, 100].map((y) => {
      const channels = { parameters: [[theta]], gradient: [[y]] };
      const { actions } = replay(problem, qmdpPolicy(problem, options), channels);
      return Math.abs(actions[0][0] / best(y) - 1);
    });

  test("is met by the trapezoidal rule, and not quite by equal weights", () => {
    const [coarse, fine] = [41, 81].map((curvatureGrid) =>
      Math.max(...errors({ curvatureGrid, gridWeights: "trapezoid" })),
    );
    expect(fine).toBeLessThan(3e-3);
    expect(coarse / fine).toBeGreaterThan(3.5);
    expect(Math.max(...errors({ curvatureGrid: 81 }))).toBeGreaterThan(5 * fine);
  });
});

test("policies say what they lack", () => {
  const hidden = defineProblem(curvatureCases[0].problem);
  expect(() => bayesOptimalPolicy(hidden)).toThrow("use qmdpPolicy");
  expect(() => informedPolicy(hidden)).toThrow('observation.kind: must be "state"');
  expect(() => qmdpPolicy(hidden, { curvatureGrid: 1 })).toThrow(
    "curvatureGrid: must be a whole number >= 2, got 1",
  );
});
