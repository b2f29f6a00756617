import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { discountedSum } from "../../solvers/discounted-sum.js";
import { estimationCost } from "../../solvers/estimation-cost.js";
import { discreteTaskLaw } from "../../solvers/task-law.js";
import { expectClose } from "./close.js";

/** Σ ρᵗ/(a + t) = ρ⁻ᵃ(−log(1 − ρ) − Σ_{0<j<a} ρʲ/j) for a whole a > 0. */
function harmonic(a: number, rate: number): number {
  let sum = -Math.log(-Math.expm1(-rate));
  for (let j = 1; j < a; j++) sum -= Math.exp(-rate * j) / j;
  return Math.exp(rate * a) * sum;
}

describe("a discounted sum", () => {
  test.each([1, 0.1, 1e-3, 1e-5, 1e-8, 1e-12, 1e-300])("of 1/(a + t) at the rate %s", (rate) => {
    for (const a of [1, 2, 7])
      expectClose(
        discountedSum((t) => 1 / (a + t), rate),
        harmonic(a, rate),
        1e-11,
      );
  });

  test("of a constant", () => {
    for (const rate of [0.5, 1e-4, 1e-9])
      expectClose(
        discountedSum(() => 3, rate),
        -3 / Math.expm1(-rate),
        1e-11,
      );
  });

  test("without discount", () => {
    expect(discountedSum(() => 0, 0)).toBe(0);
    expect(discountedSum((t) => 1 / (1 + t), 0)).toBe(Infinity);
  });
});

const prior = { mean: [0], covariance: [[1]] };

const line = (
  discountRate: number,
  task: NonNullable<ProblemInput["task"]>,
  channels: readonly ("gradient" | "parameters" | "cue")[] = ["gradient", "parameters"],
) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate, timeStep: 0.1 },
    task,
    observation: { kind: "gradient", noise: 1, channels },
  });

describe("what it costs not to know, far ahead", () => {
  test.each([1e-3, 1e-6, 1e-12])("a lasting task at γ = %s: the variance is 1/(t + 2)", (discountRate) => {
    const problem = line(discountRate, { kind: "static", ...prior });
    const gain = discreteTaskLaw(problem).gain[0][0];
    // R̃ + B̃ᵀMB̃ = R̃/(1 − Δt·K) in one dimension.
    const price = (gain * gain * 0.1) / (1 - 0.1 * gain);
    expectClose(estimationCost(problem), (price * harmonic(2, discountRate * 0.1)) / 2, 1e-10);
  });

  test.each([
    { task: { kind: "drifting", relaxationRate: 0.4, ...prior }, channels: ["gradient", "parameters"] },
    { task: { kind: "redrawn", hazardRate: 0.4, ...prior }, channels: ["gradient", "parameters", "cue"] },
  ] as const)("a task that is $task.kind costs as much every step in the end", ({ task, channels }) => {
    const perStep = (rate: number) => estimationCost(line(rate, task, channels)) * -Math.expm1(-0.1 * rate);
    expectClose(perStep(1e-9), perStep(1e-6), 1e-4);
    expectClose(perStep(1e-15), perStep(1e-9), 1e-7);
  });
});
