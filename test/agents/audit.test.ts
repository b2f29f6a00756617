import { expect, test } from "vitest";
import { type AuditOptions, auditEstimators } from "../../agents/audit/audit.js";
import { linearRuleCost } from "../../agents/audit/linear-cost.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { learnedPolicy } from "../../agents/policies/learned-policy.js";
import { linearEmaBank, linearEmaBankFor } from "../../agents/policies/linear-ema-bank.js";
import { defineProblem, rollout } from "../../envs/index.js";
import { informedTerminalCost } from "../../solvers/index.js";

const problem = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { mobility: 0.5, lossWeight: 1.5, discountRate: 1, timeStep: 0.2 },
  task: { kind: "static", mean: [0.5], covariance: [[0.4]] },
  observation: { kind: "gradient", noise: 0.7, channels: ["gradient", "parameters"] },
  start: { kind: "gaussian", mean: [-1], covariance: [[0.3]] },
});
const config = linearEmaBankFor(problem, { decays: [0] });
const model = linearEmaBank(config);
const weights = Float64Array.of(0.6, 0.1);
const steps = 12;
const costAt = ([w, pull]: ArrayLike<number> & Iterable<number>) =>
  linearRuleCost(
    problem,
    { onGradient: config.gain * w, onParameters: config.gain * pull },
    steps,
    "informed-value",
  );

/** Central differences: the cost is smooth, and exact to rounding. */
function gradientOfCost(): Float64Array {
  return weights.map((_, j) => {
    const at = (sign: number) => costAt(weights.map((w, k) => (k === j ? w + sign * 1e-5 : w)));
    return (at(1) - at(-1)) / 2e-5;
  });
}

test("the cost of a linear rule is what simulation finds", () => {
  const policy = learnedPolicy(model, weights, { kernels: referenceKernels() });
  const terminalCost = informedTerminalCost(problem);
  const { costs } = rollout(problem, policy, { episodes: 20_000, steps, seed: 1, terminalCost });
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / costs.length;
  expect(Math.abs(mean - costAt(weights))).toBeLessThan(3 * Math.sqrt(variance / costs.length));
});

test("the cost of a linear rule asks for a problem of its kind", () => {
  const wide = defineProblem({ landscape: { kind: "quadratic", curvature: [2, 1] } });
  expect(() => linearRuleCost(wide, { onGradient: 1, onParameters: 0 }, 3, "none")).toThrow(
    "problem: must be a scalar quadratic",
  );
});

const options: AuditOptions = {
  problem,
  model,
  parameters: weights,
  truth: gradientOfCost(),
  steps,
  unroll: 3,
  terminal: "informed-value",
  sigma: 0.01,
  members: 8,
  stepsPerEstimate: 8 * 12 * 16,
  estimates: 400,
  seed: 3,
  evaluator: inlineEvaluator({ kernels: referenceKernels() }),
};

test("only truncation is biased", async () => {
  const audits = await auditEstimators(options);
  const named = Object.fromEntries(audits.map((audit) => [audit.estimator, audit]));
  for (const name of ["bptt", "es", "pes"]) {
    const { bias, largestDeviation, cosine } = named[name];
    expect(bias?.error, name).toBeLessThan(0.1);
    expect(Math.abs(bias?.relative ?? Number.NaN), name).toBeLessThan(3 * (bias?.error ?? 0));
    expect(largestDeviation, name).toBeLessThan(3);
    expect(cosine, name).toBeGreaterThan(0.98);
  }
  const truncated = named["truncated es"];
  expect(truncated.largestDeviation).toBeGreaterThan(5);
  // Ranks keep the direction, roughly, and lose the scale.
  expect(named["es, ranks"]).toMatchObject({ bias: null, largestDeviation: null, relativeVariance: null });
  expect(named["es, ranks"].cosine).toBeGreaterThan(0.95);
  // A reverse pass sees all weights at once, and each cost but once.
  expect(named.bptt.signalToNoise).toBeGreaterThan(named.es.signalToNoise);
  expect(named.es.signalToNoise).toBeGreaterThan(named.pes.signalToNoise);
});

test.each<[string, Partial<AuditOptions>]>([
  ["audit: steps must be a multiple of 5, got 12", { unroll: 5 }],
  ["audit: stepsPerEstimate must be a multiple of 96, got 100", { stepsPerEstimate: 100 }],
  ["audit: estimates must be a multiple of 4, got 6", { estimates: 6 }],
])("complains: %s", async (message, wrong) => {
  await expect(auditEstimators({ ...options, ...wrong })).rejects.toThrow(message);
});
