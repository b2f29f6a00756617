import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dynamics, defineProblem, type ProblemInput } from "../../envs/index.js";
import { referenceSimulator } from "../oracles/reference-simulator.js";

const entry = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);
const numbers = (length: number) => fc.array(entry, { minLength: length, maxLength: length });
const rows = (count: number, length: number) =>
  fc.array(numbers(length), { minLength: count, maxLength: count });

/** M Mᵀ + 0.2·I. */
const definite = (size: number) =>
  rows(size, size).map((m) =>
    m.map((row, i) =>
      m.map((other, j) => row.reduce((sum, x, k) => sum + x * other[k], 0) + (i === j ? 0.2 : 0)),
    ),
  );

const always = ["parameters", "loss", "update", "time"] as const;

/** A problem of two dimensions that uses any mixture of what the simulator can do. */
const problems: fc.Arbitrary<ProblemInput> = fc
  .record({
    shape: fc.constantFrom("diagonal", "dense", "hidden", "double-well"),
    positive: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 5, maxLength: 5 }),
    curvature: definite(2),
    pushes: fc.constantFrom(1, 2, 3),
    parts: fc.record({ control: fc.boolean(), metric: fc.boolean(), drift: fc.boolean() }),
    control: rows(2, 3),
    metric: definite(3),
    drift: fc.record({ matrix: rows(2, 2), offset: numbers(2) }),
    task: fc.constantFrom("static", "hidden", "redrawn", "drifting"),
    gaussian: fc.record({ mean: numbers(2), covariance: definite(2) }),
    observation: fc.constantFrom("exact", "noisy", "fisher", "state", "sign", "loss"),
    order: fc.shuffledSubarray([...always]),
    extra: fc.subarray(["curvature", "hessianVector"] as const),
    cue: fc.boolean(),
    coordinates: fc.option(fc.shuffledSubarray([0, 1], { minLength: 1 }), { nil: undefined }),
    delay: fc.constantFrom(undefined, 0, 1, 3),
    start: fc.option(fc.record({ mean: numbers(2), covariance: definite(2) })),
    point: numbers(2),
  })
  .map((drawn) => {
    const [mobility, lossWeight, timeStep, rate, sigma] = drawn.positive;
    const quadratic = drawn.shape !== "double-well";
    const size = drawn.parts.control ? drawn.pushes : 2;
    const cue = drawn.cue && drawn.task !== "drifting" ? (["cue"] as const) : [];
    const { delay, coordinates } = drawn;
    const landscape: ProblemInput["landscape"] = {
      diagonal: { kind: "quadratic", curvature: [sigma, rate], minimum: drawn.point } as const,
      dense: { kind: "quadratic", curvature: drawn.curvature, minimum: drawn.point } as const,
      hidden: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } } as const,
      "double-well": { kind: "double-well", dimension: 2, tilt: sigma } as const,
    }[drawn.shape];
    const task: ProblemInput["task"] & object = {
      static: { kind: "static" } as const,
      hidden: { kind: "static", ...drawn.gaussian } as const,
      redrawn: { kind: "redrawn", hazardRate: 2 * rate, ...drawn.gaussian } as const,
      drifting: { kind: "drifting", relaxationRate: rate, ...drawn.gaussian } as const,
    }[drawn.task];
    const noise = drawn.observation === "exact" ? 0 : { fisher: { batchSize: 3 } };
    return {
      landscape,
      task,
      objective: { mobility, lossWeight, timeStep: timeStep / 4 },
      geometry: {
        ...(drawn.parts.control && { control: drawn.control.map((row) => row.slice(0, size)) }),
        ...(drawn.parts.metric && { metric: drawn.metric.slice(0, size).map((row) => row.slice(0, size)) }),
        ...(drawn.parts.drift && { drift: drawn.drift }),
      },
      observation: {
        state: { kind: "state" } as const,
        sign: {
          kind: "sign",
          noise: sigma,
          channels: [...drawn.order, "sign", ...cue],
          coordinates,
          delay,
        } as const,
        loss: { kind: "loss", noise: sigma, channels: ["loss", ...cue, "parameters"], delay } as const,
        gradient: {
          kind: "gradient",
          noise: drawn.observation === "noisy" || !quadratic ? sigma : noise,
          channels: [...drawn.extra, ...drawn.order, "gradient", ...cue],
          coordinates,
          delay,
        } as const,
      }[
        drawn.observation === "exact" || drawn.observation === "noisy" || drawn.observation === "fisher"
          ? "gradient"
          : drawn.observation
      ],
      start: drawn.start ? { kind: "gaussian", ...drawn.start } : { kind: "point", parameters: drawn.point },
    };
  });

const row = (values: Float64Array, n: number, size: number) =>
  Array.from(values.subarray(n * size, (n + 1) * size));

function expectNear(actual: number[], expected: number[]) {
  const near = (value: number, i: number) =>
    Math.abs(value - expected[i]) < 1e-9 * (1 + Math.abs(expected[i]));
  if (actual.length !== expected.length || !actual.every(near)) expect(actual).toEqual(expected);
}

test("every environment of a batch follows the equations, in every mixture of parts", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      problems,
      fc.integer({ min: 0, max: 300 }),
      fc.array(entry, { minLength: 63, maxLength: 63 }),
      (input, firstIndex, controls) => {
        const problem = defineProblem(input);
        const [count, steps] = [3, 7];
        const dynamics = new Dynamics(problem, { count, firstIndex, seed: "reference" });
        const { actionSize, observationSize } = dynamics;
        const references = [0, 1, 2].map((n) => referenceSimulator(problem, "reference", firstIndex + n));
        const eager = new Dynamics(problem, { count, firstIndex, seed: "reference" });
        const observations = new Float64Array(count * observationSize);
        const same = new Float64Array(count * observationSize);
        seen.add(`${problem.task.kind} ${problem.observation.kind}`);
        dynamics.observe(observations);
        for (const [n, reference] of references.entries())
          expectNear(row(observations, n, observationSize), reference.observe());
        for (let t = 0; t < steps; t++) {
          const actions = Float64Array.from(
            { length: count * actionSize },
            (_, i) => 2 * controls[(7 * t + i) % 63],
          );
          dynamics.step(actions);
          dynamics.observe(observations);
          eager.step(actions, true);
          eager.observe(same);
          expect(same).toEqual(observations);
          references.forEach((reference, n) => {
            const expected = reference.step(row(actions, n, actionSize));
            expectNear([dynamics.costs[n], dynamics.losses[n]], [expected.cost, expected.loss]);
            expectNear(row(observations, n, observationSize), expected.observation);
            expectNear(row(dynamics.minima, n, 2), reference.minimum());
          });
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  );
  expect(seen.size).toBe(12);
});

describe("what a stream depends on", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 3, curvature: { logUniform: [0.1, 10] } },
    task: {
      kind: "redrawn",
      hazardRate: 5,
      mean: [0, 1, 2],
      covariance: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 2 } } },
    start: {
      kind: "gaussian",
      mean: [0, 0, 0],
      covariance: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    },
  });
  const trace = (options: { count: number; firstIndex?: number; seed: string }) => {
    const dynamics = new Dynamics(problem, options);
    const observations = new Float64Array(options.count * 6);
    const seen: number[][] = Array.from({ length: options.count }, () => []);
    for (let t = 0; t < 20; t++) {
      dynamics.observe(observations);
      for (let n = 0; n < options.count; n++) seen[n].push(...row(observations, n, 6), dynamics.costs[n]);
      dynamics.step(observations.filter((_, i) => i % 6 < 3).map((g) => -0.1 * g));
    }
    return seen;
  };

  test("not on the size of the batch or on where a slice begins", () => {
    const whole = trace({ count: 200, seed: "s" });
    expect(trace({ count: 7, firstIndex: 90, seed: "s" })).toEqual(whole.slice(90, 97));
    expect(trace({ count: 1, firstIndex: 199, seed: "s" })).toEqual(whole.slice(199));
  });

  test("on the seed and the index", () => {
    const [one, two] = trace({ count: 2, seed: "s" });
    expect(one).not.toEqual(two);
    expect(trace({ count: 1, seed: "t" })[0]).not.toEqual(one);
  });

  test("what begins an episode depends on its number and not on when it begins", () => {
    const starts = (stepsBefore: number[]) => {
      const dynamics = new Dynamics(problem, { count: 2, seed: "s" });
      return stepsBefore.map((steps) => {
        for (let t = 0; t < steps; t++) dynamics.step(new Float64Array(6).fill(1));
        dynamics.begin(1);
        return [dynamics.parameters, dynamics.instances, dynamics.minima].map((values) => row(values, 1, 3));
      });
    };
    const [first, second] = starts([0, 0]);
    expect(starts([3, 8])).toEqual([first, second]);
    for (const part of [0, 1, 2]) expect(first[part]).not.toEqual(second[part]);
  });

  test("observing twice shows the same, and seeding again starts over", () => {
    const dynamics = new Dynamics(problem, { count: 2, seed: "s" });
    const [first, second, again] = [0, 1, 2].map(() => new Float64Array(12));
    dynamics.observe(first);
    dynamics.observe(second);
    expect(second).toEqual(first);
    dynamics.step(new Float64Array(6).fill(1));
    dynamics.seed("s");
    dynamics.beginAll();
    dynamics.observe(again);
    expect(again).toEqual(first);
    dynamics.beginAll();
    dynamics.observe(again);
    expect(again).not.toEqual(first);
  });
});

describe("minibatches", () => {
  const features = [[1], [2], [4], [8]];
  const problem = (batchSize: number) =>
    defineProblem({
      landscape: { kind: "regression", features, labels: [0, 1, 0, 1] },
      observation: { kind: "gradient", noise: { minibatch: { batchSize } }, channels: ["gradient"] },
    });

  test("every example is drawn equally often", () => {
    const count = 4000;
    const dynamics = new Dynamics(problem(1), { count, seed: 5 });
    const observations = new Float64Array(count * 4);
    dynamics.observe(observations);
    // At the origin the gradient for the weight of class 0 is ½x, but −½x where the label is 0.
    const drawn = features.map(
      ([x]) => observations.filter((g, i) => i % 4 === 0 && Math.abs(g) === x / 2).length,
    );
    expect(drawn.reduce((a, b) => a + b)).toBe(count);
    for (const times of drawn)
      expect(Math.abs(times - count / 4)).toBeLessThan(4 * Math.sqrt((count * 3) / 16));
  });

  test("a new step draws new examples", () => {
    const dynamics = new Dynamics(problem(2), { count: 50, seed: 5 });
    const [before, after] = [new Float64Array(200), new Float64Array(200)];
    dynamics.observe(before);
    dynamics.step(new Float64Array(200));
    dynamics.observe(after);
    expect(after).not.toEqual(before);
  });
});

describe("divergence", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 1] },
    start: { kind: "point", parameters: [0.1, 0.2] },
    observation: { kind: "gradient", channels: ["parameters", "update", "gradient"] },
  });

  test.each([1e200, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN])(
    "an action of %d is undone",
    (action) => {
      const dynamics = new Dynamics(problem, { count: 2, divergencePenalty: 123 });
      dynamics.step(Float64Array.of(1, 1, 1, 1));
      const before = dynamics.parameters.slice();
      dynamics.step(Float64Array.of(action, 1, 1, 1));
      expect(Array.from(dynamics.diverged)).toEqual([1, 0]);
      expect(dynamics.costs[0]).toBe(123);
      expect(row(dynamics.parameters, 0, 2)).toEqual(row(before, 0, 2));
      expect(dynamics.parameters[2]).toBeCloseTo(before[2] + 0.1, 15);
      const observations = new Float64Array(12);
      dynamics.observe(observations);
      expect(observations.every(Number.isFinite)).toBe(true);
      expect(row(observations, 0, 6).slice(2, 4)).toEqual([0, 0]);
      dynamics.step(Float64Array.of(1, 1, 1, 1));
      expect(Array.from(dynamics.diverged)).toEqual([0, 0]);
    },
  );
});

test("an episode begins with no update and at time 0, in one environment alone", () => {
  const problem = defineProblem({
    landscape: { kind: "double-well" },
    observation: { kind: "gradient", channels: ["update", "time"] },
  });
  const dynamics = new Dynamics(problem, { count: 2 });
  dynamics.step(Float64Array.of(3, 4));
  dynamics.begin(0);
  const observations = new Float64Array(4);
  dynamics.observe(observations);
  expect(Array.from(observations)).toEqual([0, 0, 0.4, 1]);
});

test("an environment placed elsewhere starts there, with the loss there", () => {
  const dynamics = new Dynamics(defineProblem({ landscape: { kind: "quadratic", curvature: [2, 4] } }), {
    count: 2,
  });
  dynamics.place(1, [1, -1]);
  expect(Array.from(dynamics.parameters)).toEqual([0, 0, 1, -1]);
  expect(Array.from(dynamics.losses)).toEqual([0, 3]);
});
