import { expect, test } from "vitest";
import { referenceKernels } from "../../agents/kernels/reference.js";
import {
  emaBankFor,
  gruFor,
  type PolicyConfig,
  type PolicyTape,
  policyModel,
} from "../../agents/policies/index.js";
import { Episodes } from "../../agents/trainers/episodes.js";
import { ReversePass } from "../../agents/trainers/reverse.js";
import { createTerminalCost } from "../../agents/trainers/terminal-cost.js";
import { defineProblem, discountOf, type NavigationProblem, rootKey } from "../../envs/index.js";

const problem = defineProblem({
  landscape: { kind: "quadratic", curvature: [1.3] },
  objective: { discountRate: 2, timeStep: 0.2 },
  task: { kind: "drifting", relaxationRate: 0.5, mean: [0.2], covariance: [[1]] },
  observation: { kind: "gradient", noise: 0.5, channels: ["gradient", "parameters", "update"] },
});
const kernels = referenceKernels();
const options = { count: 3, steps: 6, terminal: createTerminalCost("informed-value", problem) };

/** A tape that uses other weights in one step alone. */
function perturbedAt(step: number, inner: PolicyTape, change: (weights: Float64Array) => void): PolicyTape {
  let base = new Float64Array(0);
  return {
    ...inner,
    setParameters: (weights) => {
      base = Float64Array.from(weights);
    },
    forward(t, observations, actions) {
      const weights = base.slice();
      if (t === step) change(weights);
      inner.setParameters(weights);
      inner.forward(t, observations, actions);
    },
  };
}

/** Σₜ ρ⁻ᵗ ∂J/∂(weight i as used at step t), by central differences of one step's weights at a time. */
function equalDecisions(
  on: NavigationProblem,
  config: PolicyConfig,
  weights: Float64Array,
  i: number,
): number {
  const model = policyModel(config);
  let sum = 0;
  for (let t = 0; t < options.steps; t++) {
    const J = (h: number) => {
      const tape = perturbedAt(t, model.instantiate(kernels, options.count, 1), (at) => {
        at[i] += h;
      });
      return new Episodes(on, tape, options).run(weights, 7, 0).reduce((total, cost) => total + cost, 0);
    };
    sum += discountOf(on) ** -t * ((J(1e-5) - J(-1e-5)) / 2e-5);
  }
  return sum;
}

test.each([
  ["gru", gruFor(problem, { units: 3 })],
  ["ema-bank", emaBankFor(problem, { hidden: [4], parameters: { center: [0], scale: 1 } })],
  [
    "carried ema-bank",
    emaBankFor(problem, {
      hidden: [4],
      parameters: { center: [0], scale: 1 },
      carried: { curvature: 0.8 },
    }),
  ],
])("equal decisions count each %s step by its own cost-to-go", (_, config) => {
  const model = policyModel(config);
  const weights = model.initialParameters(rootKey("decisions"));
  const tape = model.instantiate(kernels, options.count, options.steps);
  const pass = new ReversePass(problem, tape, { ...options, decisions: "equal" });
  pass.run(weights, 7, 0);
  const equal = pass.gradient.slice();
  const largest = Math.max(...equal.map(Math.abs));
  for (let i = 0; i < weights.length; i += 7)
    expect(Math.abs(equal[i] - equalDecisions(problem, config, weights, i)) / largest).toBeLessThan(1e-6);

  const discounted = new ReversePass(problem, tape, options);
  discounted.run(weights, 7, 0);
  expect(
    Math.max(...discounted.gradient.map((value, i) => Math.abs(value - equal[i]))) / largest,
  ).toBeGreaterThan(0.1);
});
