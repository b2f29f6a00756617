import { describe, expect, test } from "vitest";
import type { Workload } from "../../agents/evaluators/evaluator.js";
import { jobRunner } from "../../agents/evaluators/run-job.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import {
  emaBankFor,
  fullFor,
  fullGruFor,
  gruFor,
  linearEmaBankFor,
  lstmFor,
  memorylessFor,
  minimumBankFor,
  type PolicyConfig,
  policyModel,
  powerBankFor,
} from "../../agents/policies/index.js";
import { createTerminalCost, defaultTerminal } from "../../agents/trainers/terminal-cost.js";
import { defineProblem, type NavigationProblem, type ProblemInput, rootKey } from "../../envs/index.js";
import { informedTerminalCost } from "../../solvers/informed-value.js";

const hidden = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
  objective: { discountRate: 0.1, timeStep: 0.2 },
  task: {
    kind: "static",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 2 } } },
});
const redrawn = defineProblem({
  landscape: { kind: "quadratic", curvature: [1.5] },
  objective: { discountRate: 0.2, timeStep: 0.2 },
  task: { kind: "redrawn", hazardRate: 0.5, mean: [0.5], covariance: [[2]] },
  observation: { kind: "gradient", noise: 0.5 },
});

const cued: NavigationProblem = {
  ...redrawn,
  observation: { kind: "gradient", noise: 0.5, channels: ["gradient", "parameters", "cue"] },
};

const count = 6;
const steps = 8;
const cases: [string, NavigationProblem, PolicyConfig][] = [
  ["EMA bank", hidden, emaBankFor(hidden, { hidden: [5, 4] })],
  ["GRU, scale-free inputs", hidden, gruFor(hidden, { units: 4 })],
  ["GRU, implied minimum", redrawn, gruFor(redrawn, { units: 4 })],
  ["linear EMA bank", redrawn, linearEmaBankFor(redrawn)],
  ["power bank", hidden, powerBankFor(hidden)],
  ["minimum bank", redrawn, minimumBankFor(redrawn)],
  ["minimum bank with a cue", cued, minimumBankFor(cued)],
  ["LSTM", hidden, lstmFor(hidden, { units: 3 })],
  ["full network", hidden, fullFor(hidden, { hidden: [4] })],
  ["full GRU", redrawn, fullGruFor(redrawn, { units: 3 })],
  ["memoryless network", redrawn, memorylessFor(redrawn, { hidden: [5] })],
];

describe.each(cases)("%s", (_name, problem, config) => {
  const model = policyModel(config);
  const parameters = model.initialParameters(rootKey("weights"));
  const workload = (want: "cost" | "gradient"): Workload => {
    return { problem, model, steps, episodes: count, terminal: "informed-value", want };
  };
  const job = { parameters, seed: 3, firstIndex: 24 };

  test("the gradient of the cost, informed value included, agrees with central differences", () => {
    const run = jobRunner(referenceKernels());
    const { gradient, cost } = run({ ...job, workload: workload("gradient") });
    const forward = workload("cost");
    const J = (at: Float64Array) => run({ ...job, workload: forward, parameters: at }).cost;
    expect(J(parameters)).toBeCloseTo(cost, 12);
    const slope = (i: number, step: number) => {
      const above = parameters.slice();
      const below = parameters.slice();
      above[i] += step;
      below[i] -= step;
      return (J(above) - J(below)) / (2 * step);
    };
    const expected = parameters.map((_, i) => (4 * slope(i, 1e-4) - slope(i, 2e-4)) / 3);
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-2);
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs((gradient as Float64Array)[i] - expected[i]) / largest).toBeLessThan(1e-6);
  });

  test("float32 kernels agree with float64", () => {
    const exact = jobRunner(referenceKernels())({ ...job, workload: workload("gradient") });
    const single = jobRunner(wasmKernels())({ ...job, workload: workload("gradient") });
    expect(Math.abs(single.cost / exact.cost - 1)).toBeLessThan(1e-4);
    const [a, b] = [exact.gradient as Float64Array, single.gradient as Float64Array];
    const largest = Math.max(...a.map(Math.abs));
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i]) / largest).toBeLessThan(1e-3);
  });
});

test("the informed value of a batch is that of its members", () => {
  const terminal = createTerminalCost("informed-value", redrawn);
  const one = informedTerminalCost(redrawn);
  const parameters = Float64Array.of(1, -2, 0.5);
  const minima = Float64Array.of(0, 3, 0.5);
  const out = new Float64Array(3);
  terminal?.value(parameters, minima, new Float64Array(0), 3, out);
  for (let n = 0; n < 3; n++) {
    const state = { parameters: parameters.slice(n, n + 1), minimum: minima.slice(n, n + 1) };
    expect(out[n]).toBe(one({ ...state, instance: new Float64Array(0) }));
  }
});

const parabola: ProblemInput["landscape"] = { kind: "quadratic", curvature: [1] };
const gaussian = { mean: [0], covariance: [[1]] };
test.each<[string, ProblemInput, "informed-value" | "none"]>([
  ["a known parabola", { landscape: parabola }, "informed-value"],
  [
    "a hidden curvature",
    { landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [1, 2] } } },
    "informed-value",
  ],
  [
    "a changing task",
    {
      landscape: parabola,
      objective: { discountRate: 0.1 },
      task: { kind: "redrawn", hazardRate: 1, ...gaussian },
    },
    "informed-value",
  ],
  [
    "a changing task with nothing discounted",
    { landscape: parabola, task: { kind: "redrawn", hazardRate: 1, ...gaussian } },
    "none",
  ],
  [
    "a hidden curvature and a changing task",
    {
      landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [1, 2] } },
      objective: { discountRate: 0.1 },
      task: { kind: "drifting", relaxationRate: 1, ...gaussian },
    },
    "none",
  ],
  ["an end for good", { landscape: parabola, objective: { horizon: 3 } }, "none"],
  ["a double well", { landscape: { kind: "double-well" } }, "none"],
])("what is charged at truncation by default: %s", (_name, input, expected) => {
  const problem = defineProblem(input);
  expect(defaultTerminal(problem)).toBe(expected);
  expect(createTerminalCost(expected, problem) === undefined).toBe(expected === "none");
});

test("an infinite informed value is refused", () => {
  const endless = defineProblem({
    landscape: parabola,
    task: { kind: "redrawn", hazardRate: 1, ...gaussian },
  });
  expect(() => createTerminalCost("informed-value", endless)).toThrow(
    'terminal: "informed-value" is infinite when nothing is discounted and resting costs; use "none"',
  );
});
