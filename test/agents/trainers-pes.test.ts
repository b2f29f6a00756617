import { lastValueFrom, type Observable, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { emaBank, emaBankFor } from "../../agents/policies/ema-bank.js";
import { gru, gruFor } from "../../agents/policies/gru.js";
import { memoryless, memorylessFor } from "../../agents/policies/memoryless.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { Episodes, type EpisodesState } from "../../agents/trainers/episodes.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { type PesOptions, pes, pesTrainer } from "../../agents/trainers/pes.js";
import { ReversePass } from "../../agents/trainers/reverse.js";
import { defineProblem, discountOf, registeredProblem, rootKey } from "../../envs/index.js";
import { linearModel } from "./tiny-models.js";

async function events(run: Observable<TrainingEvent>): Promise<TrainingEvent[]> {
  return lastValueFrom(run.pipe(toArray()));
}

describe("episodes in parts", () => {
  const problem = registeredProblem("lossgym/HiddenTask-v0", {
    task: { hazardRate: 2 },
    start: { kind: "gaussian", mean: [0], covariance: [[1]] },
  });
  const models: readonly (readonly [string, PolicyModel])[] = [
    ["memoryless", memoryless(memorylessFor(problem, { hidden: [4] }))],
    ["ema-bank", emaBank(emaBankFor(problem, { hidden: [4] }))],
    ["gru", gru(gruFor(problem, { units: 4 }))],
  ];
  const backends = [
    ["wasm", wasmKernels()],
    ["reference", referenceKernels()],
  ] as const;

  test.each(
    models.flatMap(([name, model]) =>
      backends.map(([backend, kernels]) => ({ name, model, backend, kernels })),
    ),
  )("cost what they cost as a whole: $name, $backend", ({ model, backend, kernels }) => {
    const make = () =>
      new Episodes(problem, model.instantiate(kernels, 5, 1), { count: 5, steps: 12, backend });
    const parameters = model.initialParameters(rootKey("weights"));
    const whole = make().run(parameters, 3, 40);
    const sums = new Float64Array(5);
    let state: EpisodesState | null = null;
    for (const [from, to] of [
      [0, 5],
      [5, 6],
      [6, 12],
    ]) {
      const part = make();
      // What was run before in the same memory does not matter.
      part.run(parameters, 8, 0);
      part.runPart(parameters, 3, 40, { from, to, state, after: null }).forEach((cost, n) => {
        sums[n] += cost;
      });
      state = new Float64Array(part.stateLength);
      part.save(to, state);
    }
    for (let n = 0; n < 5; n++) expect(Math.abs(sums[n] / whole[n] - 1)).toBeLessThan(1e-12);
  });
});

const scalar = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { mobility: 0.5, lossWeight: 1.5, discountRate: 1, timeStep: 0.2 },
  observation: { kind: "state" },
  start: { kind: "gaussian", mean: [0], covariance: [[1]] },
});

/**
 * What a change of the gain in each K steps alone does to all that follows, discounted from the first of them on, summed:
 * by central differences of the closed form. The starts have variance 1.
 */
function equalGradient(gain: number, { steps, unroll }: { steps: number; unroll: number }): number {
  const { mobility, lossWeight, timeStep } = scalar.objective;
  const costFrom = (first: number, changed: number) => {
    let theta = (1 - gain * timeStep) ** first;
    let cost = 0;
    for (let t = first; t < steps; t++) {
      const velocity = -(t < first + unroll ? changed : gain) * theta;
      theta += timeStep * velocity;
      const paid = timeStep * (velocity ** 2 / (2 * mobility) + (lossWeight * 2 * theta ** 2) / 2);
      cost += discountOf(scalar) ** (t - first) * paid;
    }
    return cost;
  };
  let sum = 0;
  for (let first = 0; first < steps; first += unroll)
    sum += (costFrom(first, gain + 1e-5) - costFrom(first, gain - 1e-5)) / 2e-5;
  return sum;
}

describe("the estimate", () => {
  const gain = 0.4;
  const steps = 12;
  const exact = () => {
    const pass = new ReversePass(scalar, linearModel(1).instantiate(referenceKernels(), 4096, steps), {
      count: 4096,
      steps,
    });
    pass.run(Float64Array.of(gain), "truth", 0);
    return pass.gradient[0] / 4096;
  };

  /** Mean of many estimates at the same weights, and its standard error, by blocks of episodes. */
  async function estimates(options: Partial<PesOptions>) {
    const trainer = pesTrainer(scalar, linearModel(1), {
      seed: 5,
      steps,
      unroll: 3,
      members: 16,
      tasks: 64,
      sigma: 0.01,
      terminal: "none",
      iterations: 10_000,
      ...options,
    });
    const estimator = trainer.estimator();
    const evaluator = inlineEvaluator({ kernels: referenceKernels() });
    const { signal } = new AbortController();
    const blocks: number[] = [];
    // What is correlated, the parts of an episode, is averaged first: 4 estimates see each of them once.
    for (let block = 0, i = 0; block < 100; block++) {
      let sum = 0;
      for (let k = 0; k < 4; k++, i++)
        sum += (await estimator.estimate(evaluator, i, Float64Array.of(gain), signal)).gradient[0] / 4;
      // The first episodes began with unperturbed weights.
      if (block > 0) blocks.push(sum);
    }
    const mean = blocks.reduce((a, b) => a + b) / blocks.length;
    const variance = blocks.reduce((a, b) => a + (b - mean) ** 2, 0) / (blocks.length - 1);
    return { mean, error: Math.sqrt(variance / blocks.length) };
  }

  test("is unbiased", async () => {
    const { mean, error } = await estimates({});
    const truth = exact();
    expect(error).toBeLessThan(0.1 * Math.abs(truth));
    expect(Math.abs(mean - truth)).toBeLessThan(3 * error);
  });

  test("is unbiased where decisions count equally", async () => {
    const { mean, error } = await estimates({ decisions: "equal" });
    const truth = equalGradient(gain, { steps, unroll: 3 });
    expect(error).toBeLessThan(0.1 * Math.abs(truth));
    expect(Math.abs(mean - truth)).toBeLessThan(3 * error);
    expect(Math.abs(exact() - truth)).toBeGreaterThan(4 * error);
  });

  test("is biased where earlier perturbations are forgotten", async () => {
    const { mean, error } = await estimates({ persistent: false });
    expect(Math.abs(mean - exact())).toBeGreaterThan(5 * error);
  });
});

test("finds the discrete optimum of a scalar parabola", async () => {
  const { mobility, lossWeight, timeStep } = scalar.objective;
  let [s, best] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const m = lossWeight * 2 * timeStep + discountOf(scalar) * s;
    best = m / (1 / mobility + m * timeStep);
    s = m * (1 - timeStep * best);
  }
  const options = {
    seed: 1,
    steps: 60,
    unroll: 10,
    tasks: 16,
    members: 16,
    iterations: 500,
    learningRate: 0.02,
  };
  const last = (await events(pes(scalar, linearModel(1), options))).at(-1);
  if (last?.kind !== "finished") throw new Error("it did not finish");
  expect(Math.abs(last.parameters[0] / best - 1)).toBeLessThan(1e-2);
});

test("goes on from a checkpoint as if it had never stopped", async () => {
  const problem = registeredProblem("lossgym/HiddenMinimum-v0");
  const model = gru(gruFor(problem, { units: 4 }));
  const options = { seed: 2, steps: 12, unroll: 3, tasks: 4, members: 6, iterations: 9, checkpointEvery: 4 };
  const whole = await events(pes(problem, model, options));
  const checkpoint = whole.find(({ kind }) => kind === "checkpoint");
  if (checkpoint?.kind !== "checkpoint") throw new Error("no checkpoint");
  const rest = await events(pes(problem, model, { ...options, resume: structuredClone(checkpoint.state) }));
  expect(rest.at(-1)).toEqual(whole.at(-1));
  expect(rest.filter(({ kind }) => kind === "progress")).toEqual(
    whole.filter(({ kind }) => kind === "progress").slice(4),
  );
});

test.each<[string, Partial<PesOptions>]>([
  ["pes: members must be even and > 0, got 3", { members: 3 }],
  ["pes: sigma must be > 0, got 0", { sigma: 0 }],
  ["pes: unroll must divide steps (60), got 7", { unroll: 7 }],
  ["pes: iterations must be a whole number >= 1, got 0", { iterations: 0 }],
])("complains: %s", (message, options) => {
  expect(() => pes(scalar, linearModel(1), { seed: 1, ...options })).toThrow(message);
});
