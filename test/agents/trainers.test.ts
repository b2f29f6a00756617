import { deserialize, serialize } from "node:v8";
import { lastValueFrom, type Observable, toArray } from "rxjs";
import { expect, test } from "vitest";
import type { Evaluator, Job } from "../../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { type AdamState, adam } from "../../agents/trainers/adam.js";
import { type BpttOptions, bptt } from "../../agents/trainers/bptt.js";
import { es } from "../../agents/trainers/es.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { type PesOptions, pes } from "../../agents/trainers/pes.js";
import { centredRanks } from "../../agents/trainers/ranks.js";
import { version } from "../../agents/trainers/version.js";
import {
  actionSizeOf,
  defineProblem,
  discountOf,
  type NavigationProblem,
  observationSizeOf,
} from "../../envs/index.js";
import { linearModel, recurrentModel } from "./tiny-models.js";

const scalar = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { mobility: 0.5, lossWeight: 1.5, discountRate: 1, timeStep: 0.2 },
  observation: { kind: "state" },
  start: { kind: "gaussian", mean: [0], covariance: [[1]] },
});
/** ρᵀ = 2e-7: what lies beyond does not matter. */
const toTheEnd = 75;

const noisy = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.2, 5] } },
  task: {
    kind: "drifting",
    relaxationRate: 0.3,
    mean: [0, 1],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 0.3 },
});
const recurrent = recurrentModel(observationSizeOf(noisy), actionSizeOf(noisy));
const small = { seed: 3, iterations: 4, steps: 6, tasks: 16, chunk: 4 } as const;

function events(run: Observable<TrainingEvent>): Promise<TrainingEvent[]> {
  return lastValueFrom(run.pipe(toArray()));
}

async function trained(run: Observable<TrainingEvent>): Promise<Float64Array> {
  const last = (await events(run)).at(-1);
  if (last?.kind !== "finished") throw new Error(`ended with ${last?.kind}`);
  return last.parameters;
}

/** K of the scalar discrete optimum, A = 0: S = M(1 − ΔtK), M = khΔt + ρS, K = M/(1/η + MΔt). */
function discreteGain(): number {
  const { mobility, lossWeight, timeStep } = scalar.objective;
  let s = 0;
  let gain = 0;
  for (let i = 0; i < 1000; i++) {
    const m = lossWeight * 2 * timeStep + discountOf(scalar) * s;
    gain = m / (1 / mobility + m * timeStep);
    s = m * (1 - timeStep * gain);
  }
  return gain;
}

test("bptt finds the discrete optimum of a scalar parabola", async () => {
  const options = { seed: 1, steps: toTheEnd, tasks: 16, chunk: 8, iterations: 400, learningRate: 0.05 };
  const [gain] = await trained(bptt(scalar, linearModel(1), options));
  expect(Math.abs(gain / discreteGain() - 1)).toBeLessThan(1e-3);
});

test("es finds the discrete optimum of a scalar parabola", async () => {
  const options = { seed: 1, steps: toTheEnd, tasks: 16, members: 16, iterations: 200, learningRate: 0.05 };
  const [gain] = await trained(es(scalar, linearModel(1), options));
  expect(Math.abs(gain / discreteGain() - 1)).toBeLessThan(1e-2);
});

test("the search gradient of es points along the true gradient", async () => {
  const common = { seed: 8, steps: 10, tasks: 64, iterations: 1, checkpointEvery: 1 };
  const direction = async (run: Observable<TrainingEvent>) => {
    const checkpoint = (await events(run)).find(({ kind }) => kind === "checkpoint");
    if (checkpoint?.kind !== "checkpoint") throw new Error("no checkpoint");
    return (checkpoint.state.optimizer as AdamState).mean;
  };
  const exact = await direction(bptt(noisy, recurrent, common));
  const searched = await direction(es(noisy, recurrent, { ...common, members: 256 }));
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const cosine = dot(exact, searched) / Math.sqrt(dot(exact, exact) * dot(searched, searched));
  expect(cosine).toBeGreaterThan(0.9);
});

test("a run tells its configuration first, then every iteration, then its weights", async () => {
  let now = 0;
  const clock = () => now++;
  const run = bptt(noisy, recurrent, { ...small, checkpointEvery: 2, clock });
  const told = await events(run);
  expect(told.map(({ kind }) => kind)).toEqual([
    "started",
    "progress",
    "progress",
    "checkpoint",
    "progress",
    "progress",
    "checkpoint",
    "finished",
  ]);
  expect(told[0]).toMatchObject({
    trainer: "bptt",
    version,
    backend: "wasm",
    seed: 3,
    problem: noisy,
    policy: recurrent.config,
    options: {
      steps: 6,
      tasks: 16,
      chunk: 4,
      iterations: 4,
      learningRate: 1e-2,
      clipNorm: 1,
      terminal: "none",
    },
  });
  expect(told[1]).toMatchObject({ iteration: 1, iterations: 4, diverged: 0, elapsed: 1 });
});

test("a run is repeatable, and its seed matters", async () => {
  const run = bptt(noisy, recurrent, small);
  expect(await trained(run)).toEqual(await trained(run));
  expect(await trained(run)).not.toEqual(await trained(bptt(noisy, recurrent, { ...small, seed: 4 })));
});

test.each(["bptt", "es"] as const)(
  "a %s run that goes on from a checkpoint ends with the same bits",
  async (kind) => {
    const { chunk, ...rest } = small;
    const start = (options: Partial<Pick<BpttOptions, "checkpointEvery" | "resume">>) =>
      kind === "bptt"
        ? bptt(noisy, recurrent, { ...small, ...options })
        : es(noisy, recurrent, { ...rest, members: 4, ...options });
    const told = await events(start({ checkpointEvery: 3 }));
    const checkpoint = told.find((event) => event.kind === "checkpoint");
    if (checkpoint?.kind !== "checkpoint") throw new Error("no checkpoint");
    const resume = deserialize(serialize(checkpoint.state));
    expect(resume.iteration).toBe(3);
    expect(await trained(start({ resume }))).toEqual(await trained(start({})));
  },
);

test("evolution strategies train where gradients come late, as back-propagation advises", async () => {
  const late = { ...noisy, observation: { ...noisy.observation, delay: 2 } } as NavigationProblem;
  await expect(trained(bptt(late, recurrent, small))).rejects.toThrow('train with "es"');
  const { chunk, ...rest } = small;
  const options = { ...rest, members: 4, shaping: "none" } as const;
  const blind = await trained(es(late, recurrent, options));
  expect(blind).not.toEqual(await trained(es(noisy, recurrent, options)));
  expect(blind.every(Number.isFinite)).toBe(true);
});

/** Runs nothing, and keeps what it was asked. Every weight's gradient is 1 per episode. */
function fakeEvaluator(): Evaluator & { readonly jobs: Job[] } {
  const jobs: Job[] = [];
  return {
    jobs,
    backend: "fake",
    async evaluate(job) {
      jobs.push({ ...job, parameters: job.parameters.slice() });
      const gradient = new Float64Array(job.parameters.length).fill(job.workload.episodes);
      return { cost: jobs.length, diverged: 0, gradient };
    },
    async close() {},
  };
}

test("the learning rate rises linearly, then falls as a half cosine", async () => {
  const evaluator = fakeEvaluator();
  const options = { ...small, chunk: 16, iterations: 7, warmUp: 3, learningRate: 0.3, clipNorm: 1e9 };
  const last = await trained(bptt(noisy, recurrent, { ...options, evaluator }));
  const weights = [...evaluator.jobs.map(({ parameters }) => parameters[0]), last[0]];
  // Adam moves by the learning rate itself when the gradient is always the same.
  const rates = weights.slice(1).map((weight, i) => weights[i] - weight);
  const cosine = [0, 0.25, 0.5, 0.75].map((done) => 0.15 * (1 + Math.cos(Math.PI * done)));
  [0.1, 0.2, 0.3, ...cosine].forEach((rate, i) => {
    expect(rates[i]).toBeCloseTo(rate, 7);
  });
});

test("bptt asks for every episode once", async () => {
  const evaluator = fakeEvaluator();
  await trained(bptt(noisy, recurrent, { ...small, evaluator }));
  expect(evaluator.jobs.map(({ firstIndex }) => firstIndex)).toEqual(
    Array.from({ length: 16 }, (_, i) => 4 * i),
  );
});

test("es tries each perturbation with both signs on the same episodes, and new ones in the next generation", async () => {
  const evaluator = fakeEvaluator();
  const options = { seed: 3, iterations: 2, members: 6, tasks: 10, sigma: 0.5, learningRate: 0, evaluator };
  await trained(es(noisy, recurrent, options));
  const { jobs } = evaluator;
  expect(jobs.map(({ firstIndex }) => firstIndex)).toEqual([0, 0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10]);
  const centre = (i: number) => jobs[i].parameters.map((value, j) => (value + jobs[i + 1].parameters[j]) / 2);
  const reach = (i: number) => jobs[i].parameters.map((value, j) => (value - jobs[i + 1].parameters[j]) / 2);
  for (let i = 2; i < 12; i += 2) {
    centre(i).forEach((value, j) => {
      expect(value).toBeCloseTo(centre(0)[j], 12);
    });
    expect(reach(i)).not.toEqual(reach(0));
  }
  const reaches = [0, 2, 4, 6, 8, 10].flatMap((i) => [...reach(i)]);
  const spread = Math.sqrt(reaches.reduce((sum, value) => sum + value * value, 0) / reaches.length);
  expect(spread).toBeGreaterThan(0.4);
  expect(spread).toBeLessThan(0.6);
});

test.each([
  { job: 3, done: 0 },
  { job: 11, done: 2 },
])(
  "a run that is stopped within its job $job leaves a checkpoint that ends with the same bits",
  async ({ job, done }) => {
    const start = (options: Partial<PesOptions>) =>
      pes(noisy, recurrent, { seed: 3, iterations: 4, steps: 6, tasks: 4, members: 4, ...options });
    const stop = new AbortController();
    const inline = inlineEvaluator();
    let jobs = 0;
    const evaluator: Evaluator = {
      ...inline,
      evaluate(...args) {
        if (++jobs === job) stop.abort();
        return inline.evaluate(...args);
      },
    };
    const last = (await events(start({ evaluator, stop: stop.signal }))).at(-1);
    if (last?.kind !== "checkpoint") throw new Error(`ended with ${last?.kind}`);
    expect(last.state.iteration).toBe(done);
    expect(await trained(start({ resume: last.state }))).toEqual(await trained(start({})));
  },
);

test("fresh episodes in every iteration", async () => {
  const costs = (await events(bptt(noisy, recurrent, { ...small, learningRate: 0 }))).flatMap((event) =>
    event.kind === "progress" ? [event.cost] : [],
  );
  expect(new Set(costs).size).toBe(small.iterations);
});

test("the gradient is clipped to its largest norm", async () => {
  const told = await events(
    bptt(noisy, recurrent, { ...small, iterations: 1, clipNorm: 1e-3, checkpointEvery: 1 }),
  );
  const [, progress, checkpoint] = told;
  if (progress.kind !== "progress" || checkpoint.kind !== "checkpoint") throw new Error("unexpected order");
  expect(progress.gradientNorm).toBeGreaterThan(1e-3);
  const norm = Math.hypot(...(checkpoint.state.optimizer as AdamState).mean) / (1 - 0.9);
  expect(norm).toBeCloseTo(1e-3, 12);
});

test("an update whose gradient is not finite is skipped", async () => {
  const model: PolicyModel = {
    ...recurrent,
    instantiate(kernels, batch, steps) {
      const tape = recurrent.instantiate(kernels, batch, steps);
      const { backward } = tape;
      tape.backward = (...step) => {
        backward.apply(tape, step);
        tape.parameterGradient[0] = Number.NaN;
      };
      return tape;
    },
  };
  const initialParameters = new Float64Array(recurrent.parameterCount).fill(0.1);
  expect(await trained(bptt(noisy, model, { ...small, initialParameters }))).toEqual(initialParameters);
});

test.each([undefined, inlineEvaluator()])("unsubscribing stops the run within a chunk", async (evaluator) => {
  let chunks = 0;
  const model: PolicyModel = {
    ...recurrent,
    instantiate(kernels, batch, steps) {
      const tape = recurrent.instantiate(kernels, batch, steps);
      const { reset } = tape;
      tape.reset = () => {
        chunks++;
        if (chunks === 6) setImmediate(() => subscription.unsubscribe());
        reset.apply(tape);
      };
      return tape;
    },
  };
  const kinds: string[] = [];
  const subscription = bptt(noisy, model, { ...small, iterations: 1000, evaluator }).subscribe(({ kind }) =>
    kinds.push(kind),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(subscription.closed).toBe(true);
  expect(chunks).toBeGreaterThanOrEqual(6);
  expect(chunks).toBeLessThanOrEqual(7);
  expect(kinds).toEqual(["started", "progress"]);
});

test("an error in a job ends the run with it", async () => {
  const model: PolicyModel = {
    ...recurrent,
    instantiate() {
      throw new Error("no memory");
    },
  };
  await expect(events(bptt(noisy, model, small))).rejects.toThrow("no memory");
});

test("the caller's evaluator is left open", async () => {
  const evaluator = inlineEvaluator({ kernels: referenceKernels() });
  const run = bptt(noisy, recurrent, { ...small, evaluator });
  expect(await trained(run)).toEqual(await trained(run));
  await evaluator.close();
  await expect(trained(run)).rejects.toThrow("it is closed");
});

test.each<[string, () => unknown]>([
  ["bptt: chunk must divide tasks (16), got 5", () => bptt(noisy, recurrent, { ...small, chunk: 5 })],
  ["es: members must be even and > 0, got 3", () => es(noisy, recurrent, { seed: 1, members: 3 })],
  ["es: sigma must be > 0, got 0", () => es(noisy, recurrent, { seed: 1, sigma: 0 })],
  ["bptt: steps must be a whole number >= 1, got 0", () => bptt(noisy, recurrent, { ...small, steps: 0 })],
  [
    "es: iterations must be a whole number >= 1, got 0.5",
    () => es(noisy, recurrent, { seed: 1, iterations: 0.5 }),
  ],
  [
    "bptt: learningRate must be >= 0, got NaN",
    () => bptt(noisy, recurrent, { ...small, learningRate: Number.NaN }),
  ],
  ["at most 2^32", () => bptt(noisy, recurrent, { seed: 1, iterations: 1e8 })],
])("bad arguments: %s", (message, call) => {
  expect(call).toThrow(message);
});

test("initial weights must fit the model", async () => {
  const run = bptt(noisy, recurrent, { ...small, initialParameters: [1, 2] });
  await expect(events(run)).rejects.toThrow(
    `initialParameters: must have length ${recurrent.parameterCount}, got 2`,
  );
});

test("adam takes the steps of its recursion written out", () => {
  const optimizer = adam({ beta1: 0.8, beta2: 0.9, epsilon: 1e-3 });
  const parameters = Float64Array.of(1, -2);
  let state = optimizer.init(2);
  const gradients = [
    [0.5, -1],
    [-0.2, 3],
    [1, 0],
  ];
  gradients.forEach((gradient, t) => {
    const before = parameters.slice();
    state = optimizer.update(parameters, Float64Array.from(gradient), 0.1, state);
    for (let i = 0; i < 2; i++) {
      let mean = 0;
      let square = 0;
      for (let s = 0; s <= t; s++) {
        mean += 0.2 * 0.8 ** (t - s) * gradients[s][i];
        square += 0.1 * 0.9 ** (t - s) * gradients[s][i] ** 2;
      }
      const step = (0.1 * mean) / (1 - 0.8 ** (t + 1)) / (Math.sqrt(square / (1 - 0.9 ** (t + 1))) + 1e-3);
      expect(parameters[i]).toBeCloseTo(before[i] - step, 14);
    }
  });
});

test("ranks are centred, and ties share one", () => {
  expect([...centredRanks([30, 10, 20])]).toEqual([0.5, -0.5, 0]);
  expect([...centredRanks([1, 7, 7, 1, 9])]).toEqual([-0.375, 0.125, 0.125, -0.375, 0.5]);
});

test("the version is the package's", async () => {
  const { readFileSync } = await import("node:fs");
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(version).toBe(JSON.parse(text).version);
});
