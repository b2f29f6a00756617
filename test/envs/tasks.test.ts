import { describe, expect, test } from "vitest";
import { Dynamics, defineProblem, type ProblemInput } from "../../envs/index.js";
import { standardErrorsFrom } from "../oracles/statistics.js";

const mean = [1, -2];
const covariance = [
  [2, 0.8],
  [0.8, 0.5],
];
const timeStep = 0.1;

/** Minima of `count` environments after each of `steps` steps: `[steps + 1][count·2]`. */
function minima(task: ProblemInput["task"] & object, count: number, steps: number): Float64Array[] {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 1] },
    objective: { timeStep },
    task,
  });
  const dynamics = new Dynamics(problem, { count, seed: "tasks" });
  const seen = [dynamics.minima.slice()];
  for (let t = 0; t < steps; t++) {
    dynamics.step(new Float64Array(count * 2));
    seen.push(dynamics.minima.slice());
  }
  return seen;
}

const products = (a: Float64Array, i: number, b: Float64Array, j: number) =>
  Float64Array.from({ length: a.length / 2 }, (_, n) => (a[2 * n + i] - mean[i]) * (b[2 * n + j] - mean[j]));

function expectGaussian(sample: Float64Array): void {
  for (const i of [0, 1]) {
    expect(
      standardErrorsFrom(
        mean[i],
        sample.filter((_, k) => k % 2 === i),
      ),
    ).toBeLessThan(4);
    for (const j of [0, 1])
      expect(standardErrorsFrom(covariance[i][j], products(sample, i, sample, j))).toBeLessThan(4);
  }
}

describe("static", () => {
  test("a hidden minimum is drawn from its distribution and stays", () => {
    const [first, ...later] = minima({ kind: "static", mean, covariance }, 20_000, 2);
    expectGaussian(first);
    for (const sample of later) expect(sample.every((mu, i) => mu === first[i])).toBe(true);
  });

  test("a known minimum is where the landscape says, everywhere", () => {
    const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [1, 1], minimum: [3, 4] } });
    expect(Array.from(new Dynamics(problem, { count: 2 }).minima)).toEqual([3, 4, 3, 4]);
  });

  test("a covariance without full rank keeps to its line", () => {
    const [sample] = minima(
      {
        kind: "static",
        mean,
        covariance: [
          [1, 2],
          [2, 4],
        ],
      },
      50,
      0,
    );
    const along = Array.from({ length: 50 }, (_, n) => sample[2 * n] - mean[0]);
    for (const [n, x] of along.entries()) expect(sample[2 * n + 1] - mean[1]).toBeCloseTo(2 * x, 12);
    expect(Math.max(...along.map(Math.abs))).toBeGreaterThan(0.5);
  });
});

describe("redrawn", () => {
  const hazardRate = 1.5;
  const [count, steps] = [4000, 40];
  const seen = minima({ kind: "redrawn", hazardRate, mean, covariance }, count, steps);
  const changed = (n: number, t: number) => (seen[t][2 * n] !== seen[t - 1][2 * n] ? 1 : 0);

  test("a task ends with probability 1 − e^{−λΔt} per step, in each environment by itself", () => {
    const hazard = 1 - Math.exp(-hazardRate * timeStep);
    const perStep = Array.from({ length: count * steps }, (_, i) =>
      changed(i % count, 1 + Math.floor(i / count)),
    );
    expect(standardErrorsFrom(hazard, perStep)).toBeLessThan(4);
    const together = Array.from({ length: (count / 2) * steps }, (_, i) => {
      const t = 1 + Math.floor(i / (count / 2));
      const n = 2 * (i % (count / 2));
      return changed(n, t) * changed(n + 1, t);
    });
    expect(standardErrorsFrom(hazard ** 2, together)).toBeLessThan(4);
  });

  test("tasks last geometrically long", () => {
    const survival = Math.exp(-hazardRate * timeStep);
    const alive = Array.from({ length: count }, (_, n) =>
      Array.from({ length: 8 }, (_, t) => changed(n, t + 1)).every((change) => change === 0) ? 1 : 0,
    );
    expect(standardErrorsFrom(survival ** 8, alive)).toBeLessThan(4);
  });

  test("the distribution is the same at the start and later, and a new task knows nothing of the old", () => {
    expectGaussian(seen[0]);
    expectGaussian(seen[steps]);
    const renewed = Array.from({ length: count }, (_, n) => n).filter((n) => changed(n, 1) === 1);
    const correlations = renewed.map((n) => (seen[0][2 * n] - mean[0]) * (seen[1][2 * n] - mean[0]));
    expect(renewed.length).toBeGreaterThan(400);
    expect(standardErrorsFrom(0, correlations)).toBeLessThan(4);
  });
});

describe("drifting", () => {
  const relaxationRate = 2;
  const lag = 3;
  const seen = minima({ kind: "drifting", relaxationRate, mean, covariance }, 20_000, 2 * lag);

  test("is stationary from the first step", () => {
    expectGaussian(seen[0]);
    expectGaussian(seen[2 * lag]);
  });

  test.each([1, lag, 2 * lag])("over %i steps the autocovariance falls to aᵏ·Σ", (k) => {
    const decay = Math.exp(-relaxationRate * timeStep * k);
    for (const i of [0, 1]) {
      for (const j of [0, 1])
        expect(standardErrorsFrom(decay * covariance[i][j], products(seen[0], i, seen[k], j))).toBeLessThan(
          4,
        );
    }
  });
});
