import { describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { type RolloutOptions, rollout } from "../../envs/rollout.js";
import { expectedCost } from "../../solvers/expected-cost.js";
import { informedTerminalCost, informedValue } from "../../solvers/informed-value.js";
import { bayesOptimalPolicy, linearFilterPolicy } from "../../solvers/policies/bayes-optimal.js";
import { informedPolicy } from "../../solvers/policies/known.js";
import { qmdpPolicy } from "../../solvers/policies/qmdp.js";
import { expectClose } from "./close.js";

function simulate<State>(
  problem: NavigationProblem,
  policy: Policy<State>,
  options: Omit<RolloutOptions, "seed">,
) {
  const { costs } = rollout(problem, policy, { seed: "costs", ...options });
  return statistics(costs);
}

function statistics(costs: Float64Array) {
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (costs.length - 1);
  return { mean, error: Math.sqrt(variance / costs.length), costs };
}

const told = (problem: NavigationProblem): NavigationProblem => ({
  ...problem,
  observation: { kind: "state" },
});

const within = (actual: { mean: number; error: number }, expected: number, errors = 3) => {
  expect(
    Math.abs(actual.mean - expected),
    `${actual.mean} ± ${actual.error}, expected ${expected}`,
  ).toBeLessThan(errors * actual.error + 1e-9);
};

const plane = {
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.5],
      [0.5, 1],
    ],
  },
  objective: { mobility: 0.8, lossWeight: 1.5, discountRate: 0.6, timeStep: 0.2 },
  start: {
    kind: "gaussian",
    mean: [1, -1],
    covariance: [
      [0.5, 0.1],
      [0.1, 0.3],
    ],
  },
} as const satisfies ProblemInput;
const prior = {
  mean: [0.5, -0.3],
  covariance: [
    [1, 0.3],
    [0.3, 0.6],
  ],
};
const drift = {
  matrix: [
    [-0.2, 0.4],
    [-0.3, 0.1],
  ],
  offset: [0.2, -0.1],
};
const tasks = {
  static: { kind: "static", ...prior },
  redrawn: { kind: "redrawn", hazardRate: 0.5, ...prior },
  drifting: { kind: "drifting", relaxationRate: 0.7, ...prior },
} as const;

describe.each(Object.keys(tasks) as (keyof typeof tasks)[])("a %s task", (kind) => {
  describe.each([false, true])("with a drift: %s", (drifts) => {
    const problem = defineProblem({
      ...plane,
      task: tasks[kind],
      geometry: drifts ? { drift } : {},
      observation: { kind: "gradient", noise: 0.8 },
    });

    test("the informed policy costs what its value says", () => {
      const { informed } = expectedCost(problem);
      within(
        simulate(told(problem), informedPolicy(told(problem)), { episodes: 3000, steps: 100 }),
        informed,
      );
    });

    test("the value is charged consistently at any truncation", () => {
      const terminalCost = informedTerminalCost(problem);
      within(
        simulate(told(problem), informedPolicy(told(problem)), { episodes: 3000, steps: 6, terminalCost }),
        expectedCost(problem).informed,
      );
    });

    test("not knowing costs what theory says, on the same tasks", () => {
      const { informed, optimal } = expectedCost(problem);
      const options = { episodes: 3000, steps: 100 };
      const knowing = simulate(told(problem), informedPolicy(told(problem)), options).costs;
      const excess = simulate(problem, bayesOptimalPolicy(problem), options).costs.map(
        (cost, i) => cost - knowing[i],
      );
      if (optimal !== null) within(statistics(excess), optimal - informed);
      else expect(statistics(excess).mean).toBeGreaterThan(3 * statistics(excess).error);
    });

    test("the gradient of the value is its slope", () => {
      const value = informedValue(problem);
      const at = (theta: number[]) => {
        const out = new Float64Array(1);
        value.evaluate(theta, [0.9, -1.3], null, 1, out, null);
        return out[0];
      };
      const gradient = new Float64Array(2);
      value.evaluate([0.4, 0.2], [0.9, -1.3], null, 1, null, gradient);
      expect(gradient[0]).toBeCloseTo((at([0.4001, 0.2]) - at([0.3999, 0.2])) / 2e-4, 6);
      expect(gradient[1]).toBeCloseTo((at([0.4, 0.2001]) - at([0.4, 0.1999])) / 2e-4, 6);
    });
  });
});

test("what is told is worth what the bracket says when the curvature is hidden", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
    objective: { discountRate: 0.5, timeStep: 0.1 },
    geometry: {
      metric: [
        [2, 0],
        [0, 1],
      ],
    },
    task: {
      kind: "static",
      ...prior,
      covariance: [
        [1, 0],
        [0, 0.5],
      ],
    },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
  });
  const { informed } = expectedCost(problem);
  const terminalCost = informedTerminalCost(problem);
  within(
    simulate(told(problem), informedPolicy(told(problem)), { episodes: 8000, steps: 40, terminalCost }),
    informed,
  );
  const actual = simulate(problem, qmdpPolicy(problem), { episodes: 1000, steps: 40, terminalCost });
  expect(actual.mean).toBeGreaterThan(informed);
});

describe("nothing is discounted, and a drift pulls", () => {
  const free = (curvature: number[][], covariance: number[][], noise = 0) =>
    defineProblem({
      observation: { kind: "gradient", noise },
      landscape: { kind: "quadratic", curvature },
      geometry: {
        drift: {
          matrix: [
            [-1, 0],
            [0, 0],
          ],
          offset: [0.5, 0],
        },
      },
      objective: { discountRate: 0, timeStep: 0.1 },
      start: { kind: "point", parameters: [1, -1] },
      task: { kind: "static", mean: [0.5, 0.5], covariance },
    });
  const second = [
    [0, 0],
    [0, 1],
  ];
  const bent = [
    [1.3, 0.4],
    [0.4, 0.7],
  ];
  const steps = 600;

  test.each([{ minimum: [0.5, 0.5] }, { minimum: [0.5, -2] }])(
    "the value is what the policy costs at $minimum, where it rests for nothing",
    ({ minimum }) => {
      const problem = free(bent, second);
      const { task: _, ...rest } = problem;
      const known = told(
        defineProblem({
          ...rest,
          landscape: { kind: "quadratic", curvature: bent, minimum },
        } as ProblemInput),
      );
      const { costs } = rollout(known, informedPolicy(known), { seed: 1, episodes: 1, steps });
      const value = new Float64Array(1);
      informedValue(problem).evaluate([1, -1], minimum, null, 1, value, null);
      expectClose(value[0], costs[0], 1e-11);
      expectClose(expectedCost(known).informed, costs[0], 1e-11);
    },
  );

  test("the value of a batch is that of each, and so is its slope", () => {
    const value = informedValue(free(bent, second));
    const at = (parameters: number[], minima: number[], count: number) => {
      const [values, gradients] = [new Float64Array(count), new Float64Array(2 * count)];
      value.evaluate(parameters, minima, null, count, values, gradients);
      return { values, gradients };
    };
    const [theta, minima] = [
      [1, -1, 0.3, 2, 1, 1],
      [0.5, 1, 0.5, 1, 0.5, -3],
    ];
    const { values, gradients } = at(theta, minima, 3);
    for (let n = 0; n < 3; n++) {
      const own = minima.slice(2 * n, 2 * n + 2);
      const [x, y] = theta.slice(2 * n, 2 * n + 2);
      expect(at([x, y], own, 1).values[0]).toBe(values[n]);
      const slope = [
        (at([x + 1e-3, y], own, 1).values[0] - at([x - 1e-3, y], own, 1).values[0]) / 2e-3,
        (at([x, y + 1e-3], own, 1).values[0] - at([x, y - 1e-3], own, 1).values[0]) / 2e-3,
      ];
      expectClose(gradients.slice(2 * n, 2 * n + 2), slope, 1e-9);
    }
  });

  test("the expected cost is finite where every task lets it rest", () => {
    const problem = told(free(bent, second));
    const policy = informedPolicy(problem);
    within(simulate(problem, policy, { episodes: 3000, steps }), expectedCost(problem).informed);
  });

  test("an exact gradient tells the minimum at once, and leaves nothing to pay for", () => {
    const problem = free(bent, second);
    const { informed, optimal } = expectedCost(problem);
    expect(optimal).toBe(informed);
    within(simulate(problem, bayesOptimalPolicy(problem), { episodes: 3000, steps }), informed);
    const partial = { ...problem, observation: { ...problem.observation, coordinates: [1] } };
    expect(expectedCost(partial as NavigationProblem)).toEqual({ informed, optimal: informed });
    expect(expectedCost(free(bent, second, 0.1))).toEqual({ informed, optimal: Infinity });
  });

  test("and infinite where resting costs", () => {
    const elsewhere = free(bent, [
      [1, 0],
      [0, 1],
    ]);
    expect(expectedCost(elsewhere)).toEqual({ informed: Infinity, optimal: Infinity });
    const value = new Float64Array(1);
    informedValue(elsewhere).evaluate([1, -1], [0.7, 0.5], null, 1, value, null);
    expect(value[0]).toBe(Infinity);
  });

  test("a task that is drawn anew at the same place is no dearer than one that lasts", () => {
    const nowhere = [
      [0, 0],
      [0, 0],
    ];
    const never = free(bent, nowhere, 0.1);
    const { informed } = expectedCost(never);
    for (const { kind, ...rates } of [
      { kind: "redrawn", hazardRate: 0.5 },
      { kind: "drifting", relaxationRate: 0.5 },
    ] as const) {
      const problem = { ...never, task: { ...never.task, kind, ...rates } } as NavigationProblem;
      const cost = expectedCost(problem);
      expectClose(cost.informed, informed, 1e-12);
      expect(cost.optimal).toBe(kind === "redrawn" ? null : cost.informed);
    }
  });
});

/** Costs over T steps without a terminal charge, found by an implementation that shares no code with this one. */
describe("published costs", () => {
  const hiddenCurvature = (discountRate: number) =>
    defineProblem({
      landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
      objective: { discountRate, timeStep: 0.1 },
      task: { kind: "static", mean: [0], covariance: [[1]] },
      observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
    });

  test.each([
    { discountRate: 0.01, exact: 1.065, informed: 0.832 },
    { discountRate: 10, exact: 0.483, informed: 0.469 },
  ])("hidden curvature, γ = $discountRate", ({ discountRate, exact, informed }) => {
    const problem = hiddenCurvature(discountRate);
    const options = { episodes: 4000, steps: 60 };
    const policy = simulate(problem, qmdpPolicy(problem), options);
    within(policy, exact, 3 * Math.SQRT2);
    within(simulate(told(problem), informedPolicy(told(problem)), options), informed, 3 * Math.SQRT2);
  });

  test("redrawn tasks: the linear filter loses to the exact belief", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      objective: { discountRate: 0.05, timeStep: 0.1 },
      task: { kind: "redrawn", hazardRate: 0.05, mean: [0], covariance: [[9]] },
      observation: { kind: "gradient", noise: 2 },
    });
    const options = { episodes: 2500, steps: 200 };
    const exact = simulate(problem, bayesOptimalPolicy(problem), options);
    const linear = simulate(problem, linearFilterPolicy(problem), options);
    within(exact, 10.38, 3 * Math.SQRT2);
    within(linear, 11.8, 3 * Math.SQRT2);
    const gaps = linear.costs.map((cost, i) => cost - exact.costs[i]);
    const gap = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
    expect(gap).toBeGreaterThan(1);
  });
});
