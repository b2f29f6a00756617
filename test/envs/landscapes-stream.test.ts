import { describe, expect, test } from "vitest";
import {
  createLandscape,
  Dynamics,
  defineProblem,
  type Landscape,
  type ProblemInput,
  rootKey,
  uniformAt,
} from "../../envs/index.js";
import { standardErrorsFrom } from "../oracles/statistics.js";

type StreamInput = Extract<ProblemInput["landscape"], { kind: "stream" }>;

const features = Array.from({ length: 12 }, (_, e) => [0, 1, 2, 3].map((j) => Math.sin(1 + e * e + 2 * j)));
const labels = Array.from({ length: 12 }, (_, e) => e % 4);
const base = { kind: "regression", features, labels, ridge: 0.1 } as const;

const build = (input: Partial<StreamInput>): Landscape =>
  createLandscape(
    defineProblem({
      landscape: { kind: "stream", base, variation: "permuted-features", change: { period: 5 }, ...input },
    }).landscape,
  );

const parametersOf = ({ dimension }: Landscape) =>
  Float64Array.from({ length: dimension }, (_, i) => Math.sin(i * i));

function at(landscape: Landscape, points: Float64Array, instances: Float64Array) {
  const losses = new Float64Array(instances.length || 1);
  const gradients = new Float64Array(points.length);
  landscape.evaluate(points, instances, losses.length, losses, gradients);
  return { losses: Array.from(losses), gradients: Array.from(gradients) };
}

const plain = createLandscape(defineProblem({ landscape: base }).landscape);
const theta = parametersOf(plain);

/** Of a batch in several tasks. */
function lossesOf(landscape: Landscape, tasks: readonly number[]): number[] {
  const points = Float64Array.from(tasks.flatMap(() => Array.from(theta)));
  return at(landscape, points, Float64Array.from(tasks)).losses;
}

test("task 0 of the permutations is the table itself", () => {
  for (const variation of ["permuted-features", "permuted-labels"] as const)
    expect(at(build({ variation }), theta, Float64Array.of(0))).toEqual(
      at(plain, theta, new Float64Array(0)),
    );
});

describe("permuted features", () => {
  test("weights permuted likewise see no difference", () => {
    const landscape = build({});
    const [loss] = lossesOf(landscape, [3]);
    // Find the permutation by its effect: exactly one order of the columns gives this loss.
    const orders = permutations([0, 1, 2, 3]).filter((order) => {
      const turned = features.map((row) => order.map((j) => row[j]));
      const other = createLandscape(defineProblem({ landscape: { ...base, features: turned } }).landscape);
      return Math.abs(at(other, theta, new Float64Array(0)).losses[0] - loss) < 1e-12;
    });
    expect(orders).toHaveLength(1);
  });

  test("tasks differ, seeds differ, and all is the same again", () => {
    const tasks = Array.from({ length: 10 }, (_, task) => task);
    const losses = lossesOf(build({}), tasks);
    expect(new Set(losses).size).toBeGreaterThan(4);
    expect(lossesOf(build({}), tasks)).toEqual(losses);
    expect(lossesOf(build({ seed: 1 }), tasks)).not.toEqual(losses);
  });
});

test("permuted labels: renaming the classes of the learner undoes it", () => {
  const [loss] = lossesOf(build({ variation: "permuted-labels" }), [2]);
  const orders = permutations([0, 1, 2, 3]).filter((names) => {
    const renamed = { ...base, labels: labels.map((label) => names[label]) };
    const other = createLandscape(defineProblem({ landscape: renamed }).landscape);
    return Math.abs(at(other, theta, new Float64Array(0)).losses[0] - loss) < 1e-12;
  });
  expect(orders).toHaveLength(1);
});

describe("class-incremental", () => {
  const landscape = build({ variation: "class-incremental", classesPerTask: 2 });
  const penalty = 0.05 * theta.reduce((total, value) => total + value * value, 0);

  test("the tasks share out the classes: their losses average to that of the table", () => {
    const [whole] = at(plain, theta, new Float64Array(0)).losses;
    const [first, second] = lossesOf(landscape, [0, 1]);
    expect((first + second) / 2).toBeCloseTo(whole, 12);
    expect(Math.abs(first - second)).toBeGreaterThan(1e-3);
  });

  test("scores of all classes remain", () => {
    expect(landscape.dimension).toBe(plain.dimension);
    expect(lossesOf(build({ variation: "class-incremental" }), [0, 1, 2, 3]).map((x) => x > penalty)).toEqual(
      new Array(4).fill(true),
    );
  });

  test("minibatches show the classes of the task only, all of its examples alike", () => {
    const instances = Float64Array.of(1);
    const size = landscape.exampleCountOf?.(instances, 0) as number;
    const examples = Int32Array.from({ length: size }, (_, e) => e);
    const sampled = new Float64Array(theta.length);
    landscape.minibatchGradient?.(theta, examples, size, 1, sampled, instances);
    at(landscape, theta, instances).gradients.forEach((value, i) => {
      expect(sampled[i]).toBeCloseTo(value, 12);
    });
  });
});

test("classes in shares that differ: every example of a task is drawn as often", () => {
  const unequal = { ...base, features, labels: features.map((_, e) => (e < 7 ? 0 : e < 9 ? 1 : 2)) };
  const variation = "class-incremental";
  const landscape = {
    kind: "stream",
    base: unequal,
    variation,
    classesPerTask: 2,
    change: { period: 5 },
  } as const;
  const problem = defineProblem({
    landscape,
    observation: { kind: "gradient", noise: { minibatch: { batchSize: 1 } }, channels: ["gradient"] },
  });
  const count = 20_000;
  const dynamics = new Dynamics(problem, { count, seed: 1 });
  const { dimension, instances } = dynamics;
  const seen = new Float64Array(count * dimension);
  dynamics.observe(seen);
  const exact = new Float64Array(count * dimension);
  dynamics.landscape.evaluate(dynamics.parameters, instances, count, null, exact);
  const rowsOf = (task: number) =>
    Array.from({ length: count }, (_, n) => n).filter((n) => instances[n] === task);
  for (const rows of [rowsOf(0), rowsOf(1)]) {
    expect(rows.length).toBeGreaterThan(count / 3);
    for (let j = 0; j < dimension; j++) {
      const errors = rows.map((n) => seen[n * dimension + j] - exact[n * dimension + j]);
      if (errors.some((error) => Math.abs(error) > 1e-12))
        expect(standardErrorsFrom(0, errors)).toBeLessThan(4);
    }
  }
});

test("a network can be the base, and a minibatch needs to know the task", () => {
  const landscape = build({
    base: { kind: "network", features, labels, hidden: [3] },
    variation: "permuted-labels",
  });
  const points = parametersOf(landscape);
  const [first] = at(landscape, points, Float64Array.of(0)).losses;
  expect(at(landscape, points, Float64Array.of(1)).losses[0]).not.toBe(first);
  expect(() =>
    landscape.minibatchGradient?.(points, new Int32Array(2), 2, 1, new Float64Array(points.length)),
  ).toThrow("minibatchGradient: a stream needs its instances, got none");
});

describe("change", () => {
  /** The tasks of one episode. */
  function follow(landscape: Landscape, steps: number, key = rootKey(1)): number[] {
    const instance = new Float64Array(1);
    landscape.sampleInstance?.((i) => uniformAt(key, i, 0), instance, 0);
    return Array.from({ length: steps }, (_, t) => {
      landscape.advanceInstance?.((i) => uniformAt(key, i, t + 1), t + 1, instance, 0);
      return instance[0];
    });
  }

  test("comes every period, and goes round", () => {
    const tasks = follow(build({ tasks: 3, change: { period: 2 } }), 12);
    const [first] = tasks;
    expect(tasks).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6].map((k) => (first + k) % 3));
  });

  test("comes with the hazard, and never without", () => {
    const tasks = follow(build({ tasks: 1000, change: { hazard: 0.1 } }), 5000);
    const changes = tasks.filter((task, t) => t > 0 && task !== tasks[t - 1]).length;
    expect(Math.abs(changes / 5000 - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / 5000));
    expect(new Set(follow(build({ change: { hazard: 0 } }), 100)).size).toBe(1);
  });

  test("happens within an episode of the simulator, to loss and minibatches alike", () => {
    const problem = defineProblem({
      landscape: {
        kind: "stream",
        base,
        variation: "class-incremental",
        change: { period: 2 },
      },
      observation: { kind: "gradient", noise: { minibatch: { batchSize: 3 } }, channels: ["gradient"] },
    });
    const dynamics = new Dynamics(problem, { count: 3, seed: 4 });
    const { dimension } = dynamics;
    const still = new Float64Array(3 * dimension);
    const first = Array.from(dynamics.instances);
    const seen = new Float64Array(3 * dimension);
    for (let t = 1; t <= 6; t++) {
      dynamics.step(still);
      const tasks = Array.from(dynamics.instances);
      expect(tasks).toEqual(first.map((task) => (task + Math.floor(t / 2)) % 4));
      dynamics.observe(seen);
      for (let n = 0; n < 3; n++) {
        // At θ = 0 the residuals of the biases are 1/4 but for the class that is shown, which has −3/4.
        const biases = [0, 1, 2, 3].map((c) => seen[n * dimension + 5 * c + 4]);
        const order = biases.indexOf(Math.min(...biases));
        expect(biases[order]).toBeCloseTo(-0.75, 12);
      }
    }
  });

  test("episodes begin with any task", () => {
    const landscape = build({ variation: "class-incremental" });
    const starts = Array.from({ length: 200 }, (_, seed) => follow(landscape, 1, rootKey(seed))[0]);
    expect(new Set(starts)).toEqual(new Set([0, 1, 2, 3]));
  });
});

function permutations(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((first) =>
    permutations(values.filter((value) => value !== first)).map((rest) => [first, ...rest]),
  );
}
