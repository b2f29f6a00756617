import { describe, expect, test } from "vitest";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import {
  emaBankFor,
  fullFor,
  gruFor,
  type PolicyConfig,
  type PolicyTape,
  policyModel,
} from "../../agents/policies/index.js";
import { bpttTrainer } from "../../agents/trainers/bptt.js";
import { Episodes } from "../../agents/trainers/episodes.js";
import { InformedPass } from "../../agents/trainers/informed-pass.js";
import { JudgedEpisodes } from "../../agents/trainers/judged-episodes.js";
import type { InformedOptions } from "../../agents/trainers/pace.js";
import { ReversePass } from "../../agents/trainers/reverse.js";
import { type BatchTerminalCost, createTerminalCost } from "../../agents/trainers/terminal-cost.js";
import {
  defineProblem,
  deriveKey,
  discountOf,
  type NavigationProblem,
  rootKey,
  streams,
  uniformAt,
} from "../../envs/index.js";

const drifting = defineProblem({
  landscape: { kind: "quadratic", curvature: [1.3] },
  objective: { discountRate: 2, timeStep: 0.2 },
  task: { kind: "drifting", relaxationRate: 0.5, mean: [0.2], covariance: [[1]] },
  observation: { kind: "gradient", noise: 0.5, channels: ["gradient", "parameters", "update"] },
});
const hiddenCurvature = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
  objective: { discountRate: 1, timeStep: 0.1 },
  task: {
    kind: "static",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});
const coupled = defineProblem({
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.5],
      [0.5, 1],
    ],
  },
  geometry: {
    control: [[1], [0.4]],
    drift: {
      matrix: [
        [-0.1, 0.2],
        [0, -0.3],
      ],
      offset: [0.1, 0],
    },
  },
  objective: { discountRate: 0.7, timeStep: 0.1 },
  task: {
    kind: "static",
    mean: [0.3, -0.1],
    covariance: [
      [1, 0],
      [0, 2],
    ],
  },
  observation: { kind: "gradient", noise: 0.3 },
});
const kernels = referenceKernels();
const sizes = { count: 4, steps: 5 };
const cases: [string, NavigationProblem, PolicyConfig][] = [
  ["a gru, a drifting task", drifting, gruFor(drifting, { units: 3 })],
  [
    "a carried bank, a hidden curvature",
    hiddenCurvature,
    emaBankFor(hiddenCurvature, {
      hidden: [4],
      decays: [0, 0.6],
      squareDecays: [0.9],
      parameters: { center: [0], scale: 1 },
      carried: { curvature: 1 },
    }),
  ],
  ["a full network, one control of two", coupled, fullFor(coupled, { hidden: [4] })],
];

function informedValue(problem: NavigationProblem): BatchTerminalCost {
  return createTerminalCost("informed-value", problem) as BatchTerminalCost;
}

/** Goes its way by one setting of the weights at the given paces, but at its last step decides by another, at full pace. */
function decidingLast(
  last: number,
  paces: Float64Array,
  goes: PolicyTape,
  decides: PolicyTape,
  weights: Float64Array,
): PolicyTape {
  return {
    ...goes,
    setParameters(own) {
      goes.setParameters(own);
      decides.setParameters(weights);
    },
    reset() {
      goes.reset();
      decides.reset();
    },
    forward(t, observations, actions) {
      goes.forward(t, observations, actions);
      const size = actions.length / paces.length;
      for (let i = 0; i < actions.length; i++) actions[i] *= paces[Math.floor(i / size)];
      const decided = new Float64Array(actions.length);
      decides.forward(t, observations, decided);
      if (t === last) actions.set(decided);
    },
  };
}

/** Qₜ of each episode for decisions by other weights, `[count]`: what is lived through does not depend on them. */
function judged(
  problem: NavigationProblem,
  config: PolicyConfig,
  t: number,
  paces: Float64Array,
  [goes, decides]: readonly [Float64Array, Float64Array],
): Float64Array {
  const model = policyModel(config);
  const { count } = sizes;
  const tape = decidingLast(
    t,
    paces,
    model.instantiate(kernels, count, 1),
    model.instantiate(kernels, count, 1),
    decides,
  );
  const episodes = new Episodes(problem, tape, { count, steps: t + 1, terminal: informedValue(problem) });
  return episodes.run(goes, 7, 0).map((cost) => cost / discountOf(problem) ** t);
}

/** Σₙ Σₜ wₜ ∂Qₜ/∂weight i by central differences. */
function differences(
  problem: NavigationProblem,
  config: PolicyConfig,
  weights: Float64Array,
  i: number,
  paces: Float64Array,
  weightOf: (t: number, n: number) => number,
): number {
  const moved = (h: number) => weights.map((value, k) => (k === i ? value + h : value));
  let sum = 0;
  for (let t = 0; t < sizes.steps; t++) {
    const more = judged(problem, config, t, paces, [weights, moved(1e-5)]);
    const less = judged(problem, config, t, paces, [weights, moved(-1e-5)]);
    for (let n = 0; n < sizes.count; n++) sum += (weightOf(t, n) * (more[n] - less[n])) / 2e-5;
  }
  return sum;
}

function passOf(problem: NavigationProblem, config: PolicyConfig, options: InformedOptions = {}) {
  const tape = policyModel(config).instantiate(kernels, sizes.count, sizes.steps);
  return new InformedPass(problem, tape, { ...sizes, informed: informedValue(problem), ...options });
}

/** Paces and weights, seen from outside: what the policy decided at each step, and what was then done. */
function witness(
  problem: NavigationProblem,
  config: PolicyConfig,
  options: InformedOptions,
  weights: Float64Array,
) {
  const model = policyModel(config);
  const inner = model.instantiate(kernels, sizes.count, sizes.steps);
  const decided: Float64Array[] = [];
  const seen: Float64Array[] = [];
  const pass = new InformedPass(
    problem,
    {
      ...inner,
      forward(t, observations, actions) {
        inner.forward(t, observations, actions);
        decided.push(Float64Array.from(actions));
        seen.push(Float64Array.from(observations));
      },
    },
    { ...sizes, informed: informedValue(problem), ...options },
  );
  pass.run(weights, 7, 0);
  return { decided, seen };
}

const alike = new Float64Array(sizes.count).fill(1);

describe.each(cases)("informed decisions of %s", (_, problem, config) => {
  const model = policyModel(config);
  const weights = model.initialParameters(rootKey("informed")).map((w, i) => w + 0.1 * Math.sin(3 * i + 1));
  const some = Array.from({ length: weights.length }, (_, i) => i).filter(
    (i) => i % 5 === 0 || i > weights.length - 8,
  );

  test("are judged by what they cost and leave to one who knows, and by nothing that comes before", () => {
    const pass = passOf(problem, config);
    pass.run(weights, 7, 0);
    const { gradient } = pass;
    const largest = Math.max(...gradient.map(Math.abs));
    for (const i of some) {
      const expected = differences(problem, config, weights, i, alike, () => 1);
      expect(Math.abs(gradient[i] - expected) / largest).toBeLessThan(2e-6);
    }
  });

  test("the same at another pace, as decided and not as done", () => {
    const pass = passOf(problem, config, { slowest: 0.01 });
    const costs = pass.run(weights, 7, 0).slice();
    const gradient = pass.gradient.slice();
    const key = deriveKey(rootKey(7), streams.pace);
    const paces = alike.map((_, n) => (n % 2 === 0 ? 1 : 0.01 ** uniformAt(key, n, 0)));
    const expectedCosts = costsAt(problem, config, weights, paces);
    for (const [n, cost] of costs.entries()) expect(cost / expectedCosts[n]).toBeCloseTo(1, 12);
    const largest = Math.max(...gradient.map(Math.abs));
    for (const i of some) {
      const expected = differences(problem, config, weights, i, paces, () => 1);
      expect(Math.abs(gradient[i] - expected) / largest).toBeLessThan(2e-6);
    }
  });

  test("weigh by their size where relative errors count", () => {
    if (problem.observation.kind !== "gradient") return;
    const relative = 0.3;
    const { decided, seen } = witness(problem, config, { relative }, weights);
    const pass = passOf(problem, config, { relative });
    pass.run(weights, 7, 0);
    const { gradient } = pass;
    const largest = Math.max(...gradient.map(Math.abs));
    const dimension = problem === drifting ? 1 : 2;
    const squared = (values: Float64Array, n: number, size: number) => {
      const stride = values.length / sizes.count;
      return values.subarray(n * stride, n * stride + size).reduce((sum, value) => sum + value * value, 0);
    };
    const steepest = problem === drifting ? 1.3 : problem === hiddenCurvature ? 10 : 2;
    const { discountRate, timeStep } = problem.objective;
    const rate = Math.sqrt(discountRate ** 2 / 4 + steepest) - discountRate / 2;
    const gain = (1 - Math.exp(-rate * timeStep)) / (steepest * timeStep);
    const weightOf = (t: number, n: number) => {
      const mean = seen.slice(0, t + 1).reduce((sum, each) => sum + squared(each, n, dimension), 0) / (t + 1);
      const size = squared(decided[t], n, decided[t].length / sizes.count);
      return 1 + relative ** 2 / (size + (0.1 * gain) ** 2 * mean);
    };
    for (const i of some) {
      const expected = differences(problem, config, weights, i, alike, weightOf);
      expect(Math.abs(gradient[i] - expected) / largest).toBeLessThan(1e-5);
    }
  });
});

/** J of each episode at a given pace, `[count]`. */
function costsAt(
  problem: NavigationProblem,
  config: PolicyConfig,
  weights: Float64Array,
  paces: Float64Array,
): Float64Array {
  const inner = policyModel(config).instantiate(kernels, sizes.count, 1);
  const tape: PolicyTape = {
    ...inner,
    forward(t, observations, actions) {
      inner.forward(t, observations, actions);
      const size = actions.length / sizes.count;
      for (let i = 0; i < actions.length; i++) actions[i] *= paces[Math.floor(i / size)];
    },
  };
  return new Episodes(problem, tape, { ...sizes, terminal: informedValue(problem) }).run(weights, 7, 0);
}

test.each(cases)(
  "judged without a gradient they cost what it is the gradient of: %s",
  (_, problem, config) => {
    const model = policyModel(config);
    const weights = model.initialParameters(rootKey("informed")).map((w, i) => w + 0.1 * Math.sin(3 * i + 1));
    const options = { relative: 0.3, slowest: 0.1 };
    const pass = passOf(problem, config, options);
    pass.run(weights, 7, 0);
    const largest = Math.max(...pass.gradient.map(Math.abs));
    const tape = () => model.instantiate(kernels, sizes.count, 1);
    const episodes = new JudgedEpisodes(problem, [tape(), tape()], {
      ...sizes,
      informed: informedValue(problem),
      ...options,
    });
    const judged = (i: number, h: number) => {
      const deciding = weights.map((value, k) => (k === i ? value + h : value));
      const costs = episodes.run({ going: weights, deciding }, 7, 0);
      expect([...costs]).toEqual([...pass.episodes.costs]);
      return episodes.judged.reduce((sum, each) => sum + each, 0);
    };
    for (let i = 0; i < weights.length; i += 5) {
      const expected = (judged(i, 1e-5) - judged(i, -1e-5)) / 2e-5;
      expect(Math.abs(pass.gradient[i] - expected) / largest).toBeLessThan(2e-6);
    }
  },
);

test("with one step they are what back-propagation makes of it", () => {
  const config = emaBankFor(hiddenCurvature, { hidden: [4] });
  const tape = policyModel(config).instantiate(kernels, 8, 1);
  const weights = policyModel(config).initialParameters(rootKey("one"));
  const terminal = informedValue(hiddenCurvature);
  const informed = new InformedPass(hiddenCurvature, tape, { count: 8, steps: 1, informed: terminal });
  informed.run(weights, 3, 0);
  const gradient = informed.gradient.slice();
  const reverse = new ReversePass(hiddenCurvature, tape, { count: 8, steps: 1, terminal });
  reverse.run(weights, 3, 0);
  for (const [i, value] of reverse.gradient.entries()) expect(gradient[i]).toBeCloseTo(value, 12);
});

test("WebAssembly finds the same gradient", () => {
  const config = emaBankFor(hiddenCurvature, {
    parameters: { center: [0], scale: 1 },
    carried: { curvature: 1 },
  });
  const model = policyModel(config);
  const weights = model.initialParameters(rootKey("fast")).map((w, i) => w + 0.05 * Math.sin(i));
  const [reference, fast] = [kernels, wasmKernels()].map((each) => {
    const pass = new InformedPass(hiddenCurvature, model.instantiate(each, 64, 20), {
      count: 64,
      steps: 20,
      backend: each === kernels ? "reference" : "auto",
      informed: informedValue(hiddenCurvature),
      relative: 0.3,
      slowest: 0.01,
    });
    pass.run(weights, 5, 0);
    return pass.gradient.slice();
  });
  const largest = Math.max(...reference.map(Math.abs));
  for (const [i, value] of reference.entries())
    expect(Math.abs(fast[i] - value) / largest).toBeLessThan(1e-3);
});

test.each([
  [{ relative: -1 }, "bptt: relative must be a number >= 0, got -1"],
  [{ slowest: 0 }, "bptt: slowest must be in (0, 1], got 0"],
  [{ slowest: 1.5 }, "bptt: slowest must be in (0, 1], got 1.5"],
  [
    { terminal: "none" },
    'bptt: decisions "informed" need the cost-to-go of a learner that is told everything, got terminal "none"',
  ],
  [
    { decisions: "equal", relative: 1 },
    'bptt: relative and slowest are of informed decisions, got decisions "equal"',
  ],
] as const)("refuses %o", (options, message) => {
  const model = policyModel(emaBankFor(hiddenCurvature, { hidden: [4] }));
  expect(() => bpttTrainer(hiddenCurvature, model, { seed: 1, decisions: "informed", ...options })).toThrow(
    message,
  );
});
