import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { solve } from "../../solvers/solve.js";
import { riccatiCases, taskCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";

const quadratic = (objective: ProblemInput["objective"] & object, more: Partial<ProblemInput> = {}) =>
  solve(defineProblem({ landscape: { kind: "quadratic", curvature: [1, 4] }, objective, ...more }));
const numbers = (value: unknown) => value as number[];
const metric = [
  [2, 0.5],
  [0.5, 1],
];

describe("the rule is named by its limit", () => {
  test("short horizon: gradient descent with α = ηkΔt/γ", () => {
    const { rule, status } = quadratic({ discountRate: 200, timeStep: 1e-4, mobility: 2 });
    expect(status).toBe("exact");
    expect(rule.name).toBe("gradient descent");
    expectClose(numbers(rule.hyperparameters.learningRate), [1e-6, 1e-6], 0.02);
    expectClose(numbers(rule.hyperparameters.gradientDescentRatio), [1, 1], 0.02);
  });

  test("short horizon in a metric: natural gradient", () => {
    expect(quadratic({ discountRate: 200, timeStep: 1e-3 }, { geometry: { metric } }).rule.name).toBe(
      "natural gradient",
    );
  });

  test("a uniform metric only lowers the learning rate", () => {
    const plain = quadratic({ discountRate: 200, timeStep: 1e-4, mobility: 1 }).rule;
    const heavy = quadratic(
      { discountRate: 200, timeStep: 1e-4, mobility: 2 },
      {
        geometry: {
          metric: [
            [2, 0],
            [0, 2],
          ],
        },
      },
    ).rule;
    expect(heavy.name).toBe("gradient descent");
    expectClose(
      numbers(heavy.hyperparameters.learningRate),
      numbers(plain.hyperparameters.learningRate),
      1e-9,
    );
  });

  test("long horizon: ballistic", () => {
    const { rule } = quadratic({ discountRate: 0, timeStep: 1e-3 });
    expect(rule.name).toBe("ballistic");
    expectClose(numbers(rule.hyperparameters.ballisticRatio), [1, 1], 2e-3);
    expect(rule.hyperparameters).not.toHaveProperty("gradientDescentRatio");
  });

  test("long steps: Newton", () => {
    const { rule } = quadratic({ discountRate: 0.1, timeStep: 20 });
    expect(rule.name).toBe("Newton");
    expectClose(numbers(rule.hyperparameters.newtonRatio), [1, 1], 0.01);
  });

  test("pushed through the velocity: heavy ball", () => {
    const { rule, discrete } = quadratic(
      { discountRate: 0.2, timeStep: 0.05 },
      {
        landscape: { kind: "quadratic", curvature: [2, 1e-6] },
        geometry: {
          drift: {
            matrix: [
              [0, 1],
              [0, -0.3],
            ],
            offset: [0, 0],
          },
          control: [[0], [1]],
        },
      },
    );
    expect(rule.name).toBe("heavy ball");
    expectClose(rule.hyperparameters.momentum as number, 1 - 0.05 * (0.3 + discrete!.gain[0][1]), 1e-12);
  });

  test("drifts: linear feedback that rests elsewhere", () => {
    const { rule, discrete } = solve(defineProblem(riccatiCases[3].problem));
    expect(rule.name).toBe("linear feedback");
    expectClose(discrete!.restingPoint, riccatiCases[3].discrete.restingPoint, 1e-8);
  });

  test.each([
    { discountRate: 100, timeStep: 0.1, name: "gradient descent" },
    { discountRate: 0.01, timeStep: 0.01, name: "Adam-like" },
    { discountRate: 0.01, timeStep: 10, name: "Newton-like" },
  ])("hidden curvature at γ = $discountRate, Δt = $timeStep: $name", ({ name, ...objective }) => {
    const { rule, status, evidence, expectedCost } = quadratic(objective, {
      landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
      task: { kind: "static", mean: [0], covariance: [[1]] },
      observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
    });
    expect(rule.name).toBe(name);
    expect(status).toBe("bracketed");
    expect(evidence.lowerBound).toBe(expectedCost.informed);
  });
});

test.each(taskCases.map((each, index) => ({ each, index })))(
  "changing task $index: shrinkage, and momentum",
  ({ each }) => {
    const solution = solve(defineProblem(each.problem));
    expect(solution.status).toBe("exact");
    expectClose(solution.shrinkage as number, each.expected.shrinkage, 1e-8);
    expectClose(solution.priorWeight as number, each.expected.priorWeight, 1e-8);
    expect(solution.rule.name).toMatch(/^heavy ball with (resets and )?a pull to the initial weights$/);
    expect(solution.rule.name.includes("resets")).toBe(each.problem.task?.kind === "redrawn");
  },
);

test("the value is the cost of a rollout", () => {
  for (const { problem, discrete } of riccatiCases) {
    expectClose(solve(defineProblem(problem)).value(discrete.costFrom.start), discrete.costFrom.cost, 1e-8);
  }
});

test("a loss channel that is not used makes the optimum a bracket", () => {
  const hidden = {
    task: {
      kind: "static",
      mean: [0, 0],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
  } as const;
  const observation = { kind: "gradient", noise: 1, channels: ["gradient", "parameters", "loss"] } as const;
  expect(quadratic({}, { ...hidden, observation }).status).toBe("bracketed");
  expect(quadratic({}, { observation }).status).toBe("exact");
});

test("a solution without its functions is plain data", () => {
  const { policy: _, value: __, ...data } = quadratic({ discountRate: 0.5 });
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});

test("what is not supported says what is", () => {
  const hidden = { kind: "static", mean: [0], covariance: [[1]] } as const;
  const well = defineProblem({ landscape: { kind: "double-well" }, task: hidden });
  expect(() => solve(well)).toThrow(
    'task.kind: must be a static task without mean on a "double-well" landscape',
  );
  expect(() =>
    quadratic(
      { horizon: 3 },
      {
        task: {
          ...hidden,
          mean: [0, 0],
          covariance: [
            [1, 0],
            [0, 1],
          ],
        },
      },
    ),
  ).toThrow("task: must be a known static minimum for a schedule");
});
