import { describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import * as rules from "../../solvers/index.js";

const metric = [
  [2, 0.5],
  [0.5, 1],
];

/** A landscape, where to start, and the loss at its nearest minimum. */
const landscapes = {
  quadratic: {
    problem: defineProblem({
      landscape: { kind: "quadratic", curvature: [1, 4] },
      start: { kind: "point", parameters: [2, -1] },
    }),
    minimum: 0,
  },
  Rosenbrock: {
    problem: defineProblem({
      landscape: {
        kind: "custom",
        dimension: 2,
        loss: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
      },
      start: { kind: "point", parameters: [-1.2, 1] },
    }),
    minimum: 0,
  },
  "double well": {
    problem: defineProblem({
      landscape: { kind: "double-well", dimension: 2 },
      start: { kind: "point", parameters: [1.8, -1] },
    }),
    minimum: (1.05745377 ** 2 - 1) ** 2 - 1.05745377 / 2,
  },
};

type Name = keyof typeof landscapes;
type Case = readonly [rule: (problem: NavigationProblem) => Policy, steps: number, excess: number];

const shape = [2, 1] as const;

/** One rule in three settings: [α, steps, loss above the minimum at the end]. */
function settings(
  make: (problem: NavigationProblem, learningRate: number) => Policy,
  ...cases: [number, number, number][]
): Record<Name, Case> {
  const [quadratic, Rosenbrock, well] = cases.map(
    ([learningRate, steps, excess]): Case => [(problem) => make(problem, learningRate), steps, excess],
  );
  return { quadratic, Rosenbrock, "double well": well };
}

/** Rules whose steps do not shrink end in a swing about the minimum; those that are pulled back rest short of it. */
const table: Record<string, Record<Name, Case>> = {
  "gradient descent": settings(
    (p, learningRate) => rules.gradientDescent(p, { learningRate }),
    [0.1, 200, 1e-9],
    [1e-3, 20000, 1e-4],
    [0.02, 400, 1e-9],
  ),
  "heavy ball": settings(
    (p, learningRate) => rules.heavyBall(p, { learningRate }),
    [0.05, 300, 1e-9],
    [3e-4, 10000, 1e-4],
    [0.005, 400, 1e-6],
  ),
  Nesterov: settings(
    (p, learningRate) => rules.nesterov(p, { learningRate }),
    [0.05, 300, 1e-9],
    [3e-4, 10000, 1e-4],
    [0.005, 400, 1e-6],
  ),
  AdaGrad: settings(
    (p, learningRate) => rules.adagrad(p, { learningRate }),
    [0.5, 400, 1e-6],
    [0.5, 10000, 1e-2],
    [0.3, 400, 1e-6],
  ),
  RMSprop: settings(
    (p, learningRate) => rules.rmsprop(p, { learningRate }),
    [5e-3, 1000, 1e-4],
    [1e-3, 10000, 1e-2],
    [5e-3, 1000, 1e-4],
  ),
  Adam: settings(
    (p, learningRate) => rules.adam(p, { learningRate }),
    [0.05, 600, 1e-6],
    [0.02, 5000, 1e-4],
    [0.05, 600, 1e-6],
  ),
  AdamW: settings(
    (p, learningRate) => rules.adamw(p, { learningRate, weightDecay: 1e-4 }),
    [0.05, 600, 1e-6],
    [0.02, 5000, 1e-3],
    [0.05, 600, 1e-6],
  ),
  "sign descent": settings(
    (p, learningRate) => rules.signDescent(p, { learningRate }),
    [2e-3, 1500, 1e-4],
    [1e-3, 10000, 0.1],
    [2e-3, 1500, 1e-4],
  ),
  Lion: settings(
    (p, learningRate) => rules.lion(p, { learningRate }),
    [2e-3, 1500, 1e-3],
    [5e-4, 10000, 0.05],
    [2e-3, 1500, 1e-3],
  ),
  "natural gradient": settings(
    (p, learningRate) => rules.naturalGradient(p, { learningRate, metric }),
    [0.1, 300, 1e-9],
    [1e-3, 20000, 1e-4],
    [0.02, 600, 1e-6],
  ),
  Newton: settings(
    (p, learningRate) => rules.newton(p, { learningRate }),
    [1, 1, 1e-15],
    [1, 10, 1e-9],
    [1, 10, 1e-9],
  ),
  ballistic: settings(
    (p, learningRate) => rules.ballistic(p, { learningRate }),
    [0.1, 200, 1e-9],
    [0.02, 2000, 1e-6],
    [0.1, 200, 1e-9],
  ),
  "L2 to the initial weights": settings(
    (p, learningRate) => rules.l2ToInitial(p, { learningRate, weight: 0.01 }),
    [0.1, 200, 1e-3],
    [1e-3, 20000, 0.2],
    [0.02, 400, 1e-3],
  ),
  "soft reset": settings(
    (p, learningRate) => rules.softReset(p, { learningRate, period: 100, fraction: 0.5 }),
    [0.1, 199, 1e-6],
    [1e-3, 199, 5],
    [0.02, 199, 1e-3],
  ),
  "hard reset": settings(
    (p, learningRate) => rules.hardReset(p, { learningRate, period: 100 }),
    [0.1, 199, 1e-4],
    [1e-3, 199, 5],
    [0.02, 199, 1e-3],
  ),
  Shampoo: settings(
    (p, learningRate) => rules.shampoo(p, { learningRate, shape }),
    [0.5, 400, 1e-6],
    [0.5, 10000, 1e-2],
    [0.3, 400, 1e-6],
  ),
  Muon: settings(
    (p, learningRate) => rules.muon(p, { learningRate, shape, momentum: 0.5 }),
    [2e-3, 2000, 1e-4],
    [1e-3, 20000, 0.05],
    [2e-3, 2000, 1e-4],
  ),
};

describe.each(Object.keys(table))("%s", (rule) => {
  test.each(Object.keys(landscapes) as Name[])("%s", (name) => {
    const [make, steps, excess] = table[rule][name];
    const { problem, minimum } = landscapes[name];
    const { finalLosses, diverged } = rollout(problem, make(problem), { steps, seed: 1 });
    expect(diverged[0]).toBe(0);
    expect(finalLosses[0] - minimum).toBeLessThan(excess);
  });
});
