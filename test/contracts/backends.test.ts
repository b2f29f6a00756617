import { describe, expect, test } from "vitest";
import {
  checkEnv,
  Dynamics,
  defineProblem,
  FastDynamics,
  list,
  makeVec,
  type NavigationProblem,
  navigationVectorEnv,
  type ProblemInput,
  registeredProblem,
  simulation,
} from "../../envs/index.js";
import { familyOf } from "../../envs/kernels/families.js";

/** What holds of the two backends of the simulator: they are one process, up to the rounding of float32. */
const tolerance = 2e-5;

const diagonal = (values: readonly number[]) =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
const spread = (dimension: number) => Array.from({ length: dimension }, (_, i) => 1 + i / dimension);
const parabola = (dimension: number): ProblemInput["landscape"] => ({
  kind: "quadratic",
  curvature: spread(dimension),
  minimum: new Array<number>(dimension).fill(0.5),
});

const coupled = (dimension: number) =>
  spread(dimension).map((value, i) => spread(dimension).map((_, j) => (i === j ? value : 0.3 / dimension)));
const examples = (features: number) => ({
  features: Array.from({ length: 11 }, (_, e) =>
    Array.from({ length: features }, (_, j) => Math.sin(1 + e + 3 * j)),
  ),
  labels: Array.from({ length: 11 }, (_, e) => e % 3),
});

/** A scalar beside vectors, wherever it stands. */
const cuedOrders = [
  ["cue", "gradient"],
  ["gradient", "cue"],
  ["cue", "gradient", "parameters"],
  ["gradient", "cue", "parameters"],
  ["parameters", "gradient", "cue"],
] as const;
const dimensions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33, 300];
const problems: readonly (readonly [string, NavigationProblem])[] = [
  ...list().map((id) => [id, registeredProblem(id)] as const),
  ...dimensions.flatMap((d): [string, NavigationProblem][] => [
    [`parabola, d = ${d}`, defineProblem({ landscape: parabola(d) })],
    [
      `noisy parabola, d = ${d}`,
      defineProblem({ landscape: parabola(d), observation: { kind: "gradient", noise: 0.7 } }),
    ],
    [
      `hidden curvature, d = ${d}`,
      defineProblem({
        landscape: { kind: "quadratic", dimension: d, curvature: { logUniform: [0.1, 10] } },
        observation: { kind: "gradient", noise: { fisher: { batchSize: 2 } } },
        start: { kind: "gaussian", mean: new Array(d).fill(1), covariance: diagonal(spread(d)) },
      }),
    ],
    [
      `redrawn task, d = ${d}`,
      defineProblem({
        landscape: { kind: "quadratic", dimension: d, curvature: 2 },
        task: { kind: "redrawn", hazardRate: 1, mean: new Array(d).fill(1), covariance: diagonal(spread(d)) },
        observation: { kind: "gradient", noise: 0.3 },
      }),
    ],
    ...(d > 3 && d !== 16 ? [] : cuedOrders).map((channels): [string, NavigationProblem] => [
      `redrawn task showing ${channels.join(", ")}, d = ${d}`,
      defineProblem({
        landscape: { kind: "quadratic", dimension: d, curvature: 2 },
        task: { kind: "redrawn", hazardRate: 5, mean: new Array(d).fill(1), covariance: diagonal(spread(d)) },
        observation: { kind: "gradient", noise: 0.3, channels },
      }),
    ]),
    [
      `lasting task that shows a cue, d = ${d}`,
      defineProblem({
        landscape: parabola(d),
        observation: { kind: "gradient", channels: ["gradient", "cue"] },
      }),
    ],
    [
      `drifting task, d = ${d}`,
      defineProblem({
        landscape: { kind: "double-well", dimension: d },
        task: {
          kind: "drifting",
          relaxationRate: 1,
          mean: new Array(d).fill(1),
          covariance: diagonal(spread(d)),
        },
        observation: { kind: "gradient", channels: ["parameters", "gradient"] },
      }),
    ],
    [
      `Rastrigin, d = ${d}`,
      defineProblem({
        landscape: { kind: "rastrigin", dimension: d },
        observation: { kind: "gradient", channels: ["gradient"] },
      }),
    ],
    ...(d > 40
      ? []
      : ([
          [
            `whole matrix, d = ${d}`,
            defineProblem({
              landscape: { kind: "quadratic", curvature: coupled(d) },
              observation: { kind: "gradient", noise: 0.3 },
              task: {
                kind: "redrawn",
                hazardRate: 1,
                mean: new Array(d).fill(1),
                covariance: diagonal(spread(d)),
              },
            }),
          ],
          [
            `turned parabola, d = ${d}`,
            defineProblem({ landscape: { kind: "random-quadratic", dimension: d } }),
          ],
        ] as [string, NavigationProblem][])),
    [
      `reflected parabola, d = ${d}`,
      defineProblem({
        landscape: { kind: "random-quadratic", dimension: d, rotation: "householder" },
        observation: { kind: "gradient", noise: 0.1 },
      }),
    ],
    [
      `random double well, d = ${d}`,
      defineProblem({ landscape: { kind: "random-double-well", dimension: d } }),
    ],
    [
      `softmax regression, ${d} features`,
      defineProblem({
        landscape: { kind: "regression", ...examples(d), ridge: 0.1 },
        observation: { kind: "gradient", noise: d % 2 === 0 ? 0 : { minibatch: { batchSize: 3 } } },
        start: {
          kind: "gaussian",
          mean: new Array(3 * (d + 1)).fill(0),
          covariance: diagonal(spread(3 * (d + 1))),
        },
      }),
    ],
    [
      `saddle, d = ${Math.max(2, d)}`,
      defineProblem({ landscape: { kind: "saddle", dimension: Math.max(2, d), escape: 1.5 } }),
    ],
    [`Lévy, d = ${d}`, defineProblem({ landscape: { kind: "levy", dimension: d } })],
    [`Styblinski-Tang, d = ${d}`, defineProblem({ landscape: { kind: "styblinski-tang", dimension: d } })],
  ]),
];
const fast = problems.filter(([, problem]) => typeof familyOf(problem) !== "string");

/** Where two arrays differ most, in units of the greatest number of the first. */
function gap(expected: ArrayLike<number>, got: ArrayLike<number>): number {
  let [worst, greatest] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(expected[i] - got[i]));
    greatest = Math.max(greatest, Math.abs(expected[i]));
  }
  return worst / greatest;
}

test("there are kernels for enough of what is tried", () => {
  expect(fast.length).toBeGreaterThan(140);
  expect(fast.map(([name]) => name)).toEqual(
    expect.arrayContaining(
      [
        "Quadratic",
        "DoubleWell",
        "HiddenMinimum",
        "HiddenTask",
        "HiddenCurvature",
        "IllConditioned",
        "RandomDoubleWell",
        "Regression",
      ].map((name) => `lossgym/${name}-v0`),
    ),
  );
});

describe.each(fast)("%s", (_, problem) => {
  const count = 37;

  test("runs alike in both backends", () => {
    const options = { count, firstIndex: 11, seed: "both" };
    const reference = new Dynamics(problem, options);
    const wasm = new FastDynamics(problem, options);
    const { dimension, observationSize, layout } = reference;
    const at = layout.find(({ channel }) => channel === "gradient")?.offset ?? 0;
    const seen = new Float64Array(count * observationSize);
    const actions = new Float64Array(count * dimension);
    for (let t = 0; t < 100; t++) {
      reference.observe(seen);
      expect(gap(seen, wasm.observations)).toBeLessThan(tolerance);
      expect(gap(reference.losses, wasm.losses)).toBeLessThan(tolerance);
      for (let i = 0; i < actions.length; i++) {
        const n = Math.floor(i / dimension);
        // Gently, for where gradients are steep a hasty walk is chaotic.
        const slope = seen[n * observationSize + at + (i % dimension)];
        actions[i] = Math.sin(t + i) - 0.5 * Math.tanh(slope / 100);
      }
      reference.step(actions);
      wasm.step(actions);
      expect(gap(reference.costs, wasm.costs)).toBeLessThan(tolerance);
      expect(Array.from(wasm.rewards)).toEqual(Array.from(wasm.costs, (cost) => -cost));
      if (t % 17 === 5) for (const each of [reference, wasm]) each.begin(t % count);
      if (t === 50) for (const each of [reference, wasm]) each.beginAll();
    }
    expect(gap(reference.parameters, wasm.parameters)).toBeLessThan(tolerance);
    expect(gap(reference.minima, wasm.minima)).toBeLessThan(tolerance);
    expect(Array.from({ length: count }, (_, n) => wasm.elapsedOf(n))).toEqual(Array.from(reference.elapsed));
  });

  test("does not depend on the batch", () => {
    const whole = new FastDynamics(problem, { count, seed: 3 });
    const part = new FastDynamics(problem, { count: 5, firstIndex: 20, seed: 3 });
    const { dimension, observationSize } = whole;
    const actions = Float64Array.from({ length: count * dimension }, (_, i) => Math.sin(i));
    for (let t = 0; t < 20; t++) {
      whole.step(actions);
      part.step(actions.subarray(20 * dimension, 25 * dimension));
    }
    expect(part.observations).toEqual(whole.observations.slice(20 * observationSize, 25 * observationSize));
    expect(part.costs).toEqual(whole.costs.slice(20, 25));
  });
});

describe.each(["reference", "auto"] as const)("%s", (backend) => {
  test.each(problems.filter(([name]) => /lossgym|d = [13]$/.test(name)))(
    "%s goes on from where it was saved",
    (_, problem) => {
      const options = { count: 3, firstIndex: 2, seed: 4, backend };
      const [whole, resumed] = [0, 1].map(() => simulation(problem, options));
      const actions = Float64Array.from({ length: 3 * whole.dimension }, (_, i) => 0.1 * Math.sin(i));
      const play = (batch: typeof whole, steps: number) =>
        Array.from({ length: steps }, (_, t) => {
          if (t === 3) batch.begin(1);
          batch.step(actions);
          const seen = new Float64Array(3 * whole.observationSize);
          batch.observe(seen);
          return [...seen, ...batch.costs];
        });
      const show = (batch: typeof whole) => {
        const seen = new Float64Array(3 * whole.observationSize);
        batch.observe(seen);
        return seen;
      };
      play(whole, 5);
      const saved = whole.save();
      const shown = show(whole);
      const expected = play(whole, 5);
      resumed.step(actions);
      resumed.restore(saved);
      expect(gap(shown, show(resumed))).toBeLessThan(tolerance);
      expect(play(resumed, 5)).toEqual(expected);
    },
  );
});

test.each(fast.filter(([name]) => name.startsWith("lossgym/")))("%s passes the checks in wasm", (id) => {
  const report = checkEnv((options) => makeVec(id, { ...options, backend: "wasm" }));
  expect(report.checks.filter(({ status }) => status === "failed")).toEqual([]);
});

describe("divergence", () => {
  const problem = registeredProblem("lossgym/DoubleWell-v0", {
    observation: { kind: "gradient", noise: 1 },
    start: { kind: "point", parameters: [0, 0.25] },
  });

  test.each(["reference", "wasm"] as const)("is undone in %s", (backend) => {
    const batch = simulation(problem, { count: 3, seed: 1, backend, divergencePenalty: 7 });
    batch.step(Float64Array.of(0, 0, 1e160, 0, 0, 0));
    expect(Array.from(batch.diverged)).toEqual([0, 1, 0]);
    expect(batch.anyDiverged).toBe(true);
    expect([batch.costs[1], batch.losses[1], batch.rewards[1]]).toEqual([7, 7, -7]);
    expect(Array.from(batch.parameters)).toEqual([0, 0.25, 0, 0.25, 0, 0.25]);
    const seen = new Float64Array(3 * batch.observationSize);
    batch.observe(seen);
    expect(seen.every(Number.isFinite)).toBe(true);
    batch.step(new Float64Array(6));
    expect(Array.from(batch.diverged)).toEqual([0, 0, 0]);
    expect(batch.anyDiverged).toBe(false);
  });
});

describe("memory", () => {
  const options = { numEnvs: 9, seed: 1, maxEpisodeSteps: 4 } as const;
  const problem = registeredProblem("lossgym/HiddenTask-v0");

  test.each(["reference", "wasm"] as const)("stepInto copies what step returns, in %s", (backend) => {
    const [own, other] = [0, 1].map(() => navigationVectorEnv(problem, { ...options, backend }));
    expect(own.backend).toBe(backend);
    for (const env of [own, other]) env.reset();
    const { memory } = own;
    for (let t = 0; t < 12; t++) {
      memory.actions.fill(Math.fround(Math.sin(t)));
      own.stepInto(memory.actions, memory);
      const { observations, rewards, terminated, truncated } = other.step(
        new Array<number>(9).fill(Math.fround(Math.sin(t))),
      );
      expect(Array.from(memory.observations)).toEqual(Array.from(observations));
      expect(Array.from(memory.rewards)).toEqual(Array.from(rewards));
      expect([memory.terminated, memory.truncated]).toEqual([terminated, truncated]);
    }
  });

  test("refuses actions that are not finite, and stays as it was", () => {
    const env = navigationVectorEnv(problem, { ...options, backend: "wasm" });
    env.reset();
    const before = env.info(0);
    env.memory.actions.fill(0);
    env.memory.actions[5] = Number.NaN;
    expect(() => env.stepInto(env.memory.actions, env.memory)).toThrow(
      "step: actions[5] must be a finite number, got NaN",
    );
    expect(env.info(0)).toEqual(before);
  });

  test.each(fast.filter(([name]) => /lossgym|, (d = )?[23]( features)?$/.test(name)))(
    "%s goes on after a refused step as if it had not been tried",
    (_, each) => {
      const [refused, other] = [0, 1].map(() => navigationVectorEnv(each, { ...options, backend: "wasm" }));
      const size = refused.actionSpace.size;
      for (const env of [refused, other]) env.reset();
      for (let t = 0; t < 10; t++) {
        const actions = Float64Array.from({ length: size }, (_, i) => Math.sin(t + i));
        // The step that begins the episodes ignores its actions.
        const isIgnored = t % 5 === 4;
        for (const bad of isIgnored ? [] : [Number.NaN, Number.POSITIVE_INFINITY]) {
          const wrong = actions.map((value, i) => (i === (7 * t) % size ? bad : value));
          const before = Array.from({ length: 9 }, (_, n) => refused.info(n));
          const seen = refused.memory.observations.slice();
          expect(() => refused.step(wrong)).toThrow("must be a finite number");
          expect(Array.from({ length: 9 }, (_, n) => refused.info(n))).toEqual(before);
          expect(gap(seen, refused.memory.observations)).toBeLessThan(tolerance);
        }
        expect(refused.step(isIgnored ? actions.map(() => 1e160) : actions)).toEqual(other.step(actions));
      }
    },
  );
});

describe("the choice of a backend", () => {
  const ackley = registeredProblem("lossgym/Ackley-v0");

  test("falls back on the reference", () => {
    expect(simulation(ackley, { backend: "auto" }).backend).toBe("reference");
    expect(simulation(registeredProblem("lossgym/Quadratic-v0"), { backend: "auto" }).backend).toBe("wasm");
    expect(simulation(registeredProblem("lossgym/Quadratic-v0")).backend).toBe("reference");
  });

  test.each<[string, ProblemInput]>([
    ['landscape.kind: "ackley" has no kernel', { landscape: { kind: "ackley" } }],
    [
      "geometry.drift: has no kernel",
      { landscape: parabola(1), geometry: { drift: { matrix: [[-1]], offset: [0] } } },
    ],
    ['observation.kind: "sign" has no kernel', { landscape: parabola(1), observation: { kind: "sign" } }],
    [
      'observation.channels: "time" has no kernel',
      { landscape: parabola(1), observation: { kind: "gradient", channels: ["gradient", "time"] } },
    ],
    [
      "observation.delay: has no kernel",
      { landscape: parabola(1), observation: { kind: "gradient", delay: 2 } },
    ],
  ])("says why there is none: %s", (reason, input) => {
    expect(() => simulation(defineProblem(input), { backend: "wasm" })).toThrow(
      `backend: must be "auto" or "reference" for this problem, got "wasm": ${reason}`,
    );
  });

  test("refuses what it does not know", () => {
    expect(() => simulation(ackley, { backend: "gpu" as "wasm" })).toThrow(
      'backend: must be "auto", "reference" or "wasm", got "gpu"',
    );
  });
});
