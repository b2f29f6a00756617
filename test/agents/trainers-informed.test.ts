import { describe, expect, test } from "vitest";
import type { Evaluator, Job } from "../../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
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
import { esTrainer } from "../../agents/trainers/es.js";
import { InformedPass } from "../../agents/trainers/informed-pass.js";
import { JudgedEpisodes } from "../../agents/trainers/judged-episodes.js";
import type { InformedOptions } from "../../agents/trainers/pace.js";
import { pesTrainer } from "../../agents/trainers/pes.js";
import { ReversePass } from "../../agents/trainers/reverse.js";
import { type BatchTerminalCost, createTerminalCost } from "../../agents/trainers/terminal-cost.js";
import {
  channelOffset,
  defineProblem,
  deriveKey,
  discountOf,
  type NavigationProblem,
  type Numbers,
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
const steepOneWay = {
  kind: "quadratic",
  curvature: [
    [2, 0.5],
    [0.5, 1],
  ],
} as const;
const coupled = defineProblem({
  landscape: steepOneWay,
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
const general = defineProblem({
  landscape: steepOneWay,
  geometry: {
    metric: [
      [2, 0.3],
      [0.3, 1],
    ],
    control: [
      [1, 0.2],
      [0.4, 0.5],
    ],
  },
  objective: { discountRate: 0.7, timeStep: 0.1, mobility: 0.6, lossWeight: 1.7 },
  task: {
    kind: "redrawn",
    hazardRate: 0.4,
    mean: [0.3, -0.1],
    covariance: [
      [1, 0],
      [0, 2],
    ],
  },
  observation: { kind: "gradient", noise: 0.3, channels: ["parameters", "gradient"] },
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
  ["a full network, a metric and two controls", general, fullFor(general, { hidden: [4] })],
];

function informedValue(problem: NavigationProblem): BatchTerminalCost {
  return createTerminalCost("informed-value", problem) as BatchTerminalCost;
}

/** What is done of what was decided, `[count, actionSize]`. */
function slowDown(actions: Numbers, paces: Float64Array): void {
  const size = actions.length / paces.length;
  for (let i = 0; i < actions.length; i++) actions[i] *= paces[Math.floor(i / size)];
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
      slowDown(actions, paces);
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
    const relative = 0.3;
    const { decided, seen } = witness(problem, config, { relative }, weights);
    const pass = passOf(problem, config, { relative });
    pass.run(weights, 8, 0);
    pass.run(weights, 7, 0);
    const { gradient } = pass;
    const largest = Math.max(...gradient.map(Math.abs));
    const dimension = problem === drifting ? 1 : 2;
    const offset = channelOffset(problem, "gradient");
    const squared = (values: Float64Array, n: number, size: number, from = 0) => {
      const first = (n * values.length) / sizes.count + from;
      return values.subarray(first, first + size).reduce((sum, value) => sum + value * value, 0);
    };
    const steepest = problem === drifting ? 1.3 : problem === hiddenCurvature ? 10 : 2;
    const { discountRate, timeStep, mobility, lossWeight } = problem.objective;
    const rate = Math.sqrt(discountRate ** 2 / 4 + mobility * lossWeight * steepest) - discountRate / 2;
    const gain = (1 - Math.exp(-rate * timeStep)) / (steepest * timeStep);
    const weightOf = (t: number, n: number) => {
      const mean =
        seen.slice(0, t + 1).reduce((sum, each) => sum + squared(each, n, dimension, offset), 0) / (t + 1);
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
      slowDown(actions, paces);
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
    const tapeOf = (steps: number) => model.instantiate(kernels, sizes.count, steps);
    const episodes = new JudgedEpisodes(problem, tapeOf, {
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

test("every other episode goes at its own pace, whichever job it is in", () => {
  const [, problem, config] = cases[0];
  const weights = policyModel(config).initialParameters(rootKey("pace"));
  const pass = passOf(problem, config, { slowest: 0.1 });
  const whole = pass.run(weights, 7, 0).slice();
  const later = pass.run(weights, 7, 3).slice();
  expect(later[0]).toBe(whole[3]);
  expect(later[0]).not.toBe(passOf(problem, config).run(weights, 7, 3)[0]);
  expect(later[1]).toBe(passOf(problem, config).run(weights, 7, 3)[1]);
  expect(pass.totalCost).toBeCloseTo(2 * (later[1] + later[3]), 12);
});

describe("judged episodes", () => {
  const [, problem, config] = cases[1];
  const model = policyModel(config);
  const weights = model.initialParameters(rootKey("judged"));
  const others = weights.map((value, i) => value + 0.1 * Math.cos(i));
  const tapeOf = (steps: number) => model.instantiate(kernels, 4, steps);
  const fresh = () =>
    new JudgedEpisodes(problem, tapeOf, { ...sizes, informed: informedValue(problem), slowest: 0.1 });
  const judgedBy = (
    episodes: JudgedEpisodes,
    [going, deciding]: readonly [Float64Array, Float64Array],
    seed: number,
    firstIndex: number,
  ) => {
    episodes.run({ going, deciding }, seed, firstIndex);
    return [...episodes.judged];
  };

  test("are those of the run at hand, though many share them", () => {
    const shared = fresh();
    const going = weights.slice();
    for (const [seed, firstIndex] of [
      [1, 0],
      [2, 0],
      [2, 4],
    ])
      for (const deciding of [weights, others])
        expect(judgedBy(shared, [going, deciding], seed, firstIndex)).toEqual(
          judgedBy(fresh(), [weights, deciding], seed, firstIndex),
        );
    going.set(others);
    expect(judgedBy(shared, [going, weights], 2, 4)).toEqual(judgedBy(fresh(), [others, weights], 2, 4));
  });

  test("are not those of a run that failed", () => {
    const episodes = fresh();
    const unfit = new Float64Array(weights.length + 1);
    expect(() => judgedBy(episodes, [weights, unfit], 1, 0)).toThrow();
    expect(judgedBy(episodes, [weights, others], 1, 0)).toEqual(judgedBy(fresh(), [weights, others], 1, 0));
  });

  test("charge a decision that leads nowhere, and count it", () => {
    const episodes = fresh();
    const lost = weights.map(() => Number.NaN);
    episodes.run({ going: weights, deciding: lost }, 1, 0);
    expect([...episodes.judged]).toEqual(new Array(4).fill(1e6 * sizes.steps));
    expect([...episodes.diverged]).toEqual([1, 1, 1, 1]);
    episodes.run({ going: lost, deciding: weights }, 1, 0);
    expect(episodes.judged.every((cost) => cost > 0 && cost < 1e4)).toBe(true);
  });
});

test("a job judges what its weights decide on the way that others go", async () => {
  const [, problem, config] = cases[1];
  const model = policyModel(config);
  const weights = model.initialParameters(rootKey("job"));
  const others = weights.map((value, i) => value + 0.1 * Math.cos(i));
  const informed = { relative: 0.3, slowest: 0.1 };
  const evaluator = inlineEvaluator({ kernels });
  const shared = { problem, model, steps: 5, episodes: 4, terminal: "informed-value", informed } as const;
  const tapeOf = (steps: number) => model.instantiate(kernels, 4, steps);
  const expected = new JudgedEpisodes(problem, tapeOf, {
    ...sizes,
    informed: informedValue(problem),
    ...informed,
  });
  expected.run({ going: weights, deciding: others }, 7, 0);
  const workload = { ...shared, decisions: "informed", want: "cost" } as const;
  const result = await evaluator.evaluate({
    workload,
    parameters: others,
    going: weights,
    seed: 7,
    firstIndex: 0,
  });
  expect(result.judged).toBe(expected.judged.reduce((sum, cost) => sum + cost, 0));
  expect(result.cost).toBe(expected.totalCost);

  const pass = passOf(problem, config, informed);
  pass.run(weights, 7, 0);
  const trainer = bpttTrainer(problem, model, {
    ...{ seed: 7, steps: 5, tasks: 4, chunk: 4, decisions: "informed" },
    ...informed,
  });
  const estimate = await trainer.estimator().estimate(evaluator, 0, weights, new AbortController().signal);
  expect([...estimate.gradient]).toEqual([...pass.gradient].map((value) => value / 4));
  expect(estimate.cost).toBe(pass.totalCost / 4);
  await evaluator.close();
});

test("evolution goes by the centre of its search, and descends what its members are judged by", async () => {
  const [, problem, config] = cases[1];
  const model = policyModel(config);
  const centre = model.initialParameters(rootKey("es"));
  const slopes = centre.map((_, i) => Math.sin(i));
  const jobs: Job[] = [];
  const evaluator: Evaluator = {
    backend: "fake",
    async evaluate(job) {
      jobs.push(job);
      const judged = job.parameters.reduce((sum, value, i) => sum + slopes[i] * value, 0);
      return { cost: 1, judged: judged * job.workload.episodes, diverged: 0, gradient: null };
    },
    async close() {},
  };
  const trainer = esTrainer(problem, model, {
    ...{ seed: 1, tasks: 2, members: 16000, sigma: 0.1, shaping: "none", decisions: "informed" },
  });
  const { gradient } = await trainer.estimator().estimate(evaluator, 0, centre, new AbortController().signal);
  expect(jobs.every(({ going }) => going === centre)).toBe(true);
  const along = slopes.reduce((sum, slope, i) => sum + slope * gradient[i], 0);
  expect(along / slopes.reduce((sum, slope) => sum + slope * slope, 0)).toBeCloseTo(1, 1);
});

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
  [{ relative: -1 }, "bptt: relative must be 0 or a number from 1e-6 to 1e6, got -1"],
  [{ slowest: 0 }, "bptt: slowest must be in (0, 1], got 0"],
  [{ slowest: 1.5 }, "bptt: slowest must be in (0, 1], got 1.5"],
  [{ terminal: "none" }, 'objective.horizon none, terminal "none"'],
  [
    { decisions: "equal", relative: 1 },
    'bptt: relative and slowest are of informed decisions, got decisions "equal"',
  ],
  [
    { decisions: "Informed" as "informed" },
    'bptt: decisions must be "discounted", "equal" or "informed", got "Informed"',
  ],
] as const)("refuses %o", (options, message) => {
  const model = policyModel(emaBankFor(hiddenCurvature, { hidden: [4] }));
  expect(() => bpttTrainer(hiddenCurvature, model, { seed: 1, decisions: "informed", ...options })).toThrow(
    message,
  );
});

test("is refused where no cost-to-go is known, and by trainers that do not judge decisions so", () => {
  const ending = { ...hiddenCurvature, objective: { ...hiddenCurvature.objective, horizon: 1 } };
  const model = policyModel(emaBankFor(hiddenCurvature, { hidden: [4] }));
  expect(() =>
    bpttTrainer(ending, model, { seed: 1, decisions: "informed", terminal: "informed-value" }),
  ).toThrow('no horizon; got landscape.kind "quadratic", objective.horizon 1');
  const equal = { seed: 1, decisions: "equal" as "discounted" };
  expect(() => esTrainer(hiddenCurvature, model, equal)).toThrow(
    'es: decisions must be "discounted" or "informed"',
  );
  const informed = { seed: 1, decisions: "informed" as "equal", unroll: 5 };
  expect(() => pesTrainer(hiddenCurvature, model, informed)).toThrow(
    'pes: decisions must be "discounted" or "equal"',
  );
});

test("relative errors need the gradient among the observations", () => {
  const seen = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    observation: { kind: "state" },
  });
  const model = policyModel(fullFor(seen, { hidden: [4] }));
  const options = { seed: 1, decisions: "informed", relative: 0.3 } as const;
  expect(() => bpttTrainer(seen, model, options)).toThrow(
    "relative must be 0 where observations do not show the gradient",
  );
});
