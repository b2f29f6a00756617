import { inverse } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { toMatrix } from "../../solvers/dense.js";
import { expectedCost } from "../../solvers/expected-cost.js";
import { blocksOf, stageOf } from "../../solvers/rules/linear-blocks.js";
import { type LinearRule, linearRuleCost } from "../../solvers/rules/linear-cost.js";
import { accumulateMomentum } from "../../solvers/rules/momentum.js";
import { nelderMead } from "../../solvers/rules/nelder-mead.js";
import { rulePolicy } from "../../solvers/rules/rule-policy.js";
import { scaleByMetric } from "../../solvers/rules/scale-by-curvature.js";
import { chain, descend } from "../../solvers/rules/transform.js";
import { addPullToInitial } from "../../solvers/rules/weights.js";
import { solveScalar } from "../../solvers/scalar.js";
import { solve } from "../../solvers/solve.js";
import { standardErrorsFrom } from "../oracles/statistics.js";
import { expectClose } from "./close.js";

const eye = [
  [1, 0],
  [0, 1],
];
const dense = [
  [2, 0.5],
  [0.5, 1],
];

describe("the closed-form cost of a linear rule is what it costs", () => {
  const cost = (input: ProblemInput, rule: LinearRule, preconditioner: number[][]) => {
    const problem = defineProblem(input);
    return linearRuleCost(blocksOf(problem, toMatrix(preconditioner), false), stageOf(problem), rule);
  };
  const simulated = (
    input: ProblemInput,
    { learningRate, momentum = 0, weight = 0 }: LinearRule,
    metric: number[][],
    episodes: number,
  ) => {
    const problem = defineProblem(input);
    const initial = problem.task.mean ?? [0, 0];
    const transform = chain(
      scaleByMetric(metric),
      addPullToInitial(weight, initial),
      accumulateMomentum(momentum),
      descend(learningRate),
    );
    return rollout(problem, rulePolicy("rule", problem, transform), { episodes, steps: 300, seed: 4 }).costs;
  };
  const objective = { discountRate: 0.5, timeStep: 0.1, mobility: 2, lossWeight: 1.5 };
  const rule = { learningRate: 0.04, momentum: 0.6 };

  // What lies beyond the steps is e^−15 of the whole, or less where it settles.
  test("where nothing is random", () => {
    const input: ProblemInput = {
      landscape: { kind: "quadratic", curvature: dense, minimum: [1, -1] },
      objective,
      geometry: {
        metric: [
          [1, 0.2],
          [0.2, 3],
        ],
        drift: {
          matrix: [
            [0.1, -1],
            [1, -0.2],
          ],
          offset: [0.3, -0.1],
        },
      },
      start: { kind: "point", parameters: [2, 0.5] },
    };
    expectClose(cost(input, rule, eye), simulated(input, rule, eye, 1), 1e-4);
    expectClose(
      cost(input, rule, inverse(toMatrix(dense)).to2DArray()),
      simulated(input, rule, dense, 1),
      1e-5,
    );
    expectClose(
      cost(input, { learningRate: 0.1 }, eye),
      simulated(input, { learningRate: 0.1 }, eye, 1),
      1e-5,
    );
    const { geometry: _, ...plain } = input;
    for (const curvature of [
      [3, 0.5],
      [3, 3],
    ]) {
      const landscape = { kind: "quadratic", curvature } as const;
      const diagonal: ProblemInput = { ...plain, landscape, start: { kind: "point", parameters: [1, 1] } };
      expectClose(cost(diagonal, rule, eye), simulated(diagonal, rule, eye, 1), 1e-6);
    }
  });

  test.each([
    { kind: "static", mean: [0.5, -1], covariance: dense },
    { kind: "drifting", relaxationRate: 0.4, mean: [0.5, -1], covariance: dense },
    { kind: "redrawn", hazardRate: 0.4, mean: [0.5, -1], covariance: dense },
  ] as const)("where the minimum is hidden and $kind", (task) => {
    for (const [curvature, noise] of [
      [dense, 0.7],
      [[2, 0.5], { fisher: { batchSize: 3 } }],
    ] as const) {
      const input: ProblemInput = {
        landscape: { kind: "quadratic", curvature },
        objective,
        task,
        observation: { kind: "gradient", noise },
        start: { kind: "gaussian", mean: [1, 0], covariance: eye },
      };
      const pulled = { ...rule, weight: 0.3 };
      const costs = simulated(input, pulled, eye, 1000);
      const expected = cost(input, pulled, eye);
      expect(standardErrorsFrom(expected, costs)).toBeLessThan(4);
      // 4 standard errors are little: a wrong factor would show.
      expect(standardErrorsFrom(1.1 * expected, costs)).toBeGreaterThan(4);
    }
  });

  test("a rule that does not settle costs infinitely much, and so does noise for ever", () => {
    const input: ProblemInput = {
      landscape: { kind: "quadratic", curvature: [1, 4] },
      objective,
      start: { kind: "point", parameters: [1, 1] },
    };
    expect(cost(input, { learningRate: 0.6 }, eye)).toBe(Infinity);
    const noisy: ProblemInput = {
      ...input,
      objective: { discountRate: 0 },
      task: { kind: "static", mean: [0, 0], covariance: eye },
      observation: { kind: "gradient", noise: 1 },
    };
    expect(cost(noisy, { learningRate: 0.1 }, eye)).toBe(Infinity);
  });
});

const line = (objective: ProblemInput["objective"] & object, more: Partial<ProblemInput> = {}) =>
  defineProblem({ landscape: { kind: "quadratic", curvature: [1, 4] }, objective, ...more });
const excessOf = (problem: ReturnType<typeof line>) => {
  const { comparisons } = solve(problem).rule;
  return Object.fromEntries(comparisons.map(({ rule, excessCost }) => [rule, excessCost]));
};

describe("what textbook rules cost beyond the optimum", () => {
  test("gradient descent with its best rate, against a scan", () => {
    const problem = line({ discountRate: 1 }, { start: { kind: "point", parameters: [1, -2] } });
    const costAt = (alpha: number) =>
      [1, 4].reduce((total, h, i) => {
        let [x, sum] = [[1, -2][i], 0];
        for (let t = 0; t < 400; t++) {
          const u = (-alpha * h * x) / 0.1;
          x += 0.1 * u;
          sum += Math.exp(-0.1 * t) * 0.1 * (0.5 * u * u + 0.5 * h * x * x);
        }
        return total + sum;
      }, 0);
    const scanned = Math.min(...Array.from({ length: 3000 }, (_, i) => costAt(0.01 + i * 2e-5)));
    const found = solve(problem).rule.comparisons.find(({ rule }) => rule === "gradient descent")!;
    expect(1 + found.excessCost).toBeCloseTo(scanned / (expectedCost(problem).optimal as number), 7);
    expect(costAt(found.hyperparameters.learningRate)).toBeCloseTo(scanned, 7);
  });

  test("one rule is nearest in each limit", () => {
    const short = excessOf(line({ discountRate: 50 }));
    expect(short["gradient descent"]).toBeLessThan(1e-5);
    expect(short.Newton).toBeGreaterThan(5e-3);
    const long = excessOf(line({ discountRate: 0, timeStep: 0.01 }));
    expect(long.ballistic).toBeLessThan(1e-5);
    expect(Math.min(long["gradient descent"], long.Newton)).toBeGreaterThan(0.05);
    const coarse = excessOf(line({ discountRate: 0.1, timeStep: 20 }));
    expect(coarse.Newton).toBeLessThan(1e-3);
    expect(coarse["gradient descent"]).toBeGreaterThan(0.1);
    const curved = excessOf(line({ discountRate: 50 }, { geometry: { metric: dense } }));
    expect(curved["natural gradient"]).toBeLessThan(1e-4);
    expect(curved["gradient descent"]).toBeGreaterThan(3e-3);
  });

  test("along one direction a rule costs nothing more when it is tuned", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [3] },
      objective: { discountRate: 0.7 },
    });
    const { comparisons, text } = solve(problem).rule;
    for (const { excessCost } of comparisons) expect(Math.abs(excessCost)).toBeLessThan(1e-6);
    const descent = comparisons.find(({ rule }) => rule === "gradient descent")!;
    const { gain } = solveScalar({
      curvature: 3,
      mobility: 1,
      lossWeight: 1,
      discountRate: 0.7,
      timeStep: 0.1,
    });
    expect(descent.hyperparameters.learningRate).toBeCloseTo((0.1 * gain) / 3, 4);
    expect(text).toMatch(/; tuned, ballistic \(α = 0\.\d+\) costs \S+ % more than the optimum$/);
  });

  const task = { kind: "drifting", relaxationRate: 0.3, mean: [0.5], covariance: [[1]] } as const;
  const hidden = (more: Partial<ProblemInput>) =>
    defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      objective: { discountRate: 0.2 },
      task,
      ...more,
    });

  test("a heavy ball with a pull is 1.7 % from the optimum of a drifting minimum", () => {
    const excess = excessOf(hidden({ observation: { kind: "gradient", noise: 1 } }));
    expect(excess["gradient descent"]).toBeCloseTo(0.168, 3);
    expect(excess["heavy ball"]).toBeCloseTo(0.0633, 3);
    expect(excess["heavy ball with L2 to the initial weights"]).toBeCloseTo(0.0166, 3);
  });

  test("told the minimum, the pull is all that is needed", () => {
    const excess = excessOf(hidden({ observation: { kind: "state" } }));
    expect(excess["heavy ball with L2 to the initial weights"]).toBeLessThan(1e-7);
    expect(excess["heavy ball"]).toBeGreaterThan(0.01);
  });

  test("where the optimum has no closed form it is simulated, with an error", () => {
    const redrawn = { kind: "redrawn", hazardRate: 0.3, mean: [0.5], covariance: [[1]] } as const;
    const { comparisons, text } = solve(
      hidden({ task: redrawn, observation: { kind: "gradient", noise: 1 } }),
    ).rule;
    const [descent, ball, pulled] = comparisons;
    for (const { excessCost, standardError } of comparisons) {
      expect(standardError).toBeGreaterThan(0);
      expect(excessCost).toBeGreaterThan(3 * standardError);
    }
    expect(descent.excessCost).toBeGreaterThan(ball.excessCost);
    expect(ball.excessCost).toBeGreaterThan(pulled.excessCost);
    expect(text).toMatch(/\d ± 0\.\d+ % more than the optimum$/);
  });

  test("a hidden curvature: what gradient descent and Adam cost beyond the policy", () => {
    const { comparisons, text } = solve(
      defineProblem({
        landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
        objective: { discountRate: 100 },
        task: { kind: "static", mean: [0], covariance: [[1]] },
        observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
      }),
    ).rule;
    const [descent, adam] = comparisons;
    expect([descent.rule, adam.rule]).toEqual(["gradient descent", "Adam"]);
    expect(Object.keys(adam.hyperparameters)).toEqual(["learningRate", "beta1", "beta2"]);
    expect(descent.excessCost).toBeLessThan(0.03);
    expect(adam.excessCost).toBeGreaterThan(0.1);
    expect(text).toMatch(/; tuned, gradient descent \(α = \S+\) costs \S+ ± \S+ % more than this policy$/);
  });

  test("nothing is claimed where nothing can be measured", () => {
    const endless = {
      task: { ...task, kind: "static" as const },
      observation: { kind: "gradient", noise: 1 },
      objective: { discountRate: 0 },
    } as const;
    const { relaxationRate: _, ...hiddenTask } = { ...endless.task };
    expect(solve(hidden({ ...endless, task: hiddenTask })).rule.comparisons).toEqual([]);
    const pushed = line(
      { discountRate: 0.2 },
      {
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
    expect(solve(pushed).rule.comparisons).toEqual([]);
  });
});

test("the simplex search finds a curved valley, and keeps out of what is not defined", () => {
  const { at, value } = nelderMead(([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2, [-1.2, 1], {
    evaluations: 400,
  });
  expectClose(at, [1, 1], 1e-3);
  expect(value).toBeLessThan(1e-6);
  expect(nelderMead(([x]) => (x > 0 ? (x - 3) ** 2 : Infinity), [0.5]).at[0]).toBeCloseTo(3, 2);
  expect(nelderMead(() => Infinity, [0], { evaluations: 10 }).value).toBe(Infinity);
});
