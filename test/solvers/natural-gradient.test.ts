import { Matrix, solve } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { collocation } from "../../solvers/collocation.js";
import { hjb } from "../../solvers/hjb.js";
import {
  categoricalFisher,
  categoricalNaturalGradient,
  categoricalProbabilities,
  crossEntropyLandscape,
  expectedCostLandscape,
} from "../../solvers/natural-gradient/categorical.js";
import { expectClose } from "./close.js";

const logits = [0.7, -0.5, 0.4];
const costs = [0.3, 1.2, -0.4, 0.9];
const bonus = expectedCostLandscape(costs, 0.3);
const target = [0.1, 0.4, 0.3, 0.2];

describe("the softmax family", () => {
  test("its Fisher metric is E[∇log p ∇log pᵀ]", () => {
    const p = categoricalProbabilities(logits);
    expectClose(
      p.reduce((sum, each) => sum + each, 0),
      1,
      1e-15,
    );
    const scores = p.map((_, k) => logits.map((__, i) => (i === k ? 1 : 0) - p[i]));
    const fisher = logits.map((_, i) =>
      logits.map((__, j) => p.reduce((sum, weight, k) => sum + weight * scores[k][i] * scores[k][j], 0)),
    );
    expectClose(categoricalFisher(logits), fisher, 1e-14);
  });

  test.each([
    ["cross-entropy", crossEntropyLandscape(target)],
    ["expected cost", bonus],
  ])("the gradient of the %s", (_, { loss, gradient }) => {
    const at = Float64Array.from(logits);
    const differences = logits.map((_, i) => {
      const shifted = (by: number) => at.map((value, j) => value + (i === j ? by : 0));
      return (loss(shifted(1e-5)) - loss(shifted(-1e-5))) / 2e-5;
    });
    expectClose(gradient?.(at) ?? null, differences, 1e-8);
  });

  test("G⁻¹∇L in closed form", () => {
    const slope = Array.from(bonus.gradient?.(Float64Array.from(logits)) ?? []);
    const expected = solve(new Matrix(categoricalFisher(logits)), Matrix.columnVector(slope)).to1DArray();
    expectClose(categoricalNaturalGradient(logits, slope), expected, 1e-12);
  });

  test("bad arguments say what is accepted", () => {
    expect(() => crossEntropyLandscape([0.5, 0.6])).toThrow("target: must be at least two positive numbers");
    expect(() => expectedCostLandscape([1], 1)).toThrow("costs: must be at least two numbers, got 1");
    expect(() => expectedCostLandscape(costs, 0)).toThrow("temperature: must be > 0, got 0");
  });
});

const planned = (discountRate: number) =>
  collocation(
    defineProblem({
      landscape: bonus,
      objective: { discountRate, mobility: 1.3 },
      start: { kind: "point", parameters: logits },
    }),
    { metric: categoricalFisher, bows: 0 },
  );

describe("the optimum in the Fisher metric", () => {
  test("short horizon: it sets out along the natural gradient, θ̇ = -(ηk/γ)G⁻¹∇L, to second order in 1/γ", () => {
    const slope = Array.from(bonus.gradient?.(Float64Array.from(logits)) ?? []);
    const natural = solve(new Matrix(categoricalFisher(logits)), Matrix.columnVector(slope)).to1DArray();
    const errors = [1e4, 1e5].map((discountRate) => {
      const velocity = planned(discountRate).paths[0].velocities[0];
      return Math.max(...velocity.map((v, i) => Math.abs((v * discountRate) / (-1.3 * natural[i]) - 1)));
    });
    expect(errors[1]).toBeLessThan(1e-8);
    expect(errors[0] / errors[1]).toBeGreaterThan(50);
    const cosine = (a: number[], b: number[]) =>
      Math.abs(a.reduce((sum, x, i) => sum + x * b[i], 0)) / Math.hypot(...a) / Math.hypot(...b);
    expect(cosine(slope, natural)).toBeLessThan(0.95);
  });

  test("long horizon: it rests at softmax(-c/T)", () => {
    const { start } = planned(0.1);
    expectClose(
      categoricalProbabilities(start.restingPoint ?? []),
      categoricalProbabilities(costs.slice(0, 3).map((c) => (costs[3] - c) / 0.3)),
      1e-8,
    );
  });

  test.each([0, 0.1, 1, 5])("two outcomes are a line in arc length p = sin²(s/2), γ = %d", (discountRate) => {
    const logit = 1.5;
    const { start } = collocation(
      defineProblem({
        landscape: expectedCostLandscape([0.8, -0.3], 0.4),
        objective: { discountRate },
        start: { kind: "point", parameters: [logit] },
      }),
      { metric: categoricalFisher },
    );
    const loss = ([s]: Float64Array) => {
      const p = Math.sin(s / 2) ** 2;
      return p * (0.8 + 0.4 * Math.log(p)) + (1 - p) * (-0.3 + 0.4 * Math.log(1 - p));
    };
    const length = 2 * Math.asin(Math.sqrt(1 / (1 + Math.exp(-logit))));
    const line = hjb(
      defineProblem({
        landscape: { kind: "custom", dimension: 1, loss },
        objective: { discountRate },
        start: { kind: "point", parameters: [length] },
      }),
      { bounds: { lower: [0.3], upper: [2.9] }, gridPoints: 2001 },
    );
    expectClose(start.value, line.start.value, 1e-7);
  });

  test("the metric matters: in a flat one the path costs something else", () => {
    const flat = collocation(
      defineProblem({
        landscape: bonus,
        objective: { discountRate: 0.5, mobility: 1.3 },
        start: { kind: "point", parameters: logits },
      }),
    );
    expect(Math.abs(planned(0.5).start.value / flat.start.value - 1)).toBeGreaterThan(0.1);
  });
});
