import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkLandscape,
  createLandscape,
  defineProblem,
  type Landscape,
  networkStart,
  type ProblemInput,
  Table,
  tensorFlowLandscape,
} from "../../envs/index.js";

const none = new Float64Array(0);
const build = (landscape: ProblemInput["landscape"]) =>
  createLandscape(defineProblem({ landscape }).landscape);

const rows = 300;
const features = Array.from({ length: rows }, (_, e) =>
  [0, 1, 2, 3, 4].map((j) => Math.sin(1 + 5 * e + j * j)),
);
const labels = Array.from({ length: rows }, (_, e) => (e * 7) % 3);
const targets = features.map((row) => [row[0] * row[1], row[2]]);

function evaluate(landscape: Landscape, points: Float64Array) {
  const count = points.length / landscape.dimension;
  const losses = new Float64Array(count);
  const gradients = new Float64Array(points.length);
  landscape.evaluate(points, none, count, losses, gradients);
  return { losses, gradients };
}

const pointsOf = (dimension: number, scale = 0.7) =>
  Float64Array.from({ length: dimension }, (_, i) => scale * Math.sin(2 + i * i));

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** θ is [units, inputs], TensorFlow.js has kernels [inputs, units]. */
function toKernels(parameters: Float64Array, sizes: readonly number[]): Float64Array {
  const out: number[] = [];
  let at = 0;
  sizes.slice(1).forEach((units, l) => {
    const inputs = sizes[l];
    for (let i = 0; i < inputs; i++)
      for (let u = 0; u < units; u++) out.push(parameters[at + u * inputs + i]);
    at += units * inputs;
    for (let u = 0; u < units; u++) out.push(parameters[at + u]);
    at += units;
  });
  return Float64Array.from(out);
}

function modelOf(sizes: readonly number[], activation: "tanh" | "relu") {
  const model = tf.sequential();
  sizes.slice(1).forEach((units, l) => {
    const last = l === sizes.length - 2;
    model.add(tf.layers.dense({ units, inputShape: [sizes[l]], activation: last ? "linear" : activation }));
  });
  return model;
}

describe.each(["tanh", "relu"] as const)("%s network", (activation) => {
  test.each([{ labels }, { targets }])("agrees with TensorFlow.js on three layers: %#", (answers) => {
    const outputs = answers.labels ? 3 : 2;
    const sizes = [5, 7, 4, outputs];
    const own = build({ kind: "network", features, ...answers, hidden: [7, 4], activation });
    const inputs = tf.tensor2d(features);
    const goals = answers.labels
      ? (tf.oneHot(tf.tensor1d(answers.labels, "int32"), 3).toFloat() as tf.Tensor)
      : tf.tensor2d(targets);
    const loss = answers.labels
      ? tf.losses.softmaxCrossEntropy
      : (y: tf.Tensor, output: tf.Tensor) => output.sub(y).square().sum(1).mul(0.5).mean();
    const other = createLandscape(
      tensorFlowLandscape({
        tf,
        model: modelOf(sizes, activation),
        loss: loss as (targets: tf.Tensor, outputs: tf.Tensor) => tf.Tensor,
        inputs,
        targets: goals,
        batchSize: 128,
      }),
    );
    expect(other.dimension).toBe(own.dimension);
    const points = pointsOf(own.dimension);
    const tensors = tf.memory().numTensors;
    const [mine, theirs] = [evaluate(own, points), evaluate(other, toKernels(points, sizes))];
    expect(theirs.losses[0]).toBeCloseTo(mine.losses[0], 5);
    toKernels(mine.gradients, sizes).forEach((value, i) => {
      expect(Math.abs(theirs.gradients[i] - value)).toBeLessThan(1e-5);
    });
    const examples = Int32Array.from({ length: 50 }, (_, b) => (b * b) % rows);
    const [mineOfBatch, theirsOfBatch] = [new Float64Array(points.length), new Float64Array(points.length)];
    own.minibatchGradient?.(points, examples, 50, 1, mineOfBatch);
    other.minibatchGradient?.(toKernels(points, sizes), examples, 50, 1, theirsOfBatch);
    toKernels(mineOfBatch, sizes).forEach((value, i) => {
      expect(Math.abs(theirsOfBatch[i] - value)).toBeLessThan(1e-5);
    });
    const vector = pointsOf(own.dimension, 1).reverse();
    const [product, otherProduct] = [new Float64Array(points.length), new Float64Array(points.length)];
    own.hessianVector(points, none, 1, vector, product);
    other.hessianVector(toKernels(points, sizes), none, 1, toKernels(vector, sizes), otherProduct);
    if (activation === "tanh") {
      toKernels(product, sizes).forEach((value, i) => {
        expect(Math.abs(otherProduct[i] - value)).toBeLessThan(2e-3);
      });
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test("differentiates blocks of any size exactly", () => {
    // More examples than a block, and odd numbers of everything.
    const own = build({
      kind: "network",
      features: features.slice(0, 131),
      labels: labels.slice(0, 131),
      hidden: [3, 5],
      activation,
    });
    const points = pointsOf(own.dimension);
    const { gradients } = evaluate(own, points);
    const step = 1e-6;
    points.forEach((value, i) => {
      const at = (shift: number) => {
        const moved = points.slice();
        moved[i] = value + shift;
        return evaluate(own, moved).losses[0];
      };
      const slope = (at(step) - at(-step)) / (2 * step);
      expect(Math.abs(gradients[i] - slope)).toBeLessThan(1e-7);
    });
  });
});

test("a table and its rows are the same features", () => {
  const table = new Table(5, features.flat());
  const [byRows, byTable] = [features, table].map((each) =>
    build({ kind: "network", features: each, labels, hidden: [3] }),
  );
  const points = pointsOf(byRows.dimension);
  expect(evaluate(byTable, points)).toEqual(evaluate(byRows, points));
});

test("large scores do not overflow", () => {
  const own = build({ kind: "network", features, labels, hidden: [] });
  const { losses, gradients } = evaluate(own, pointsOf(own.dimension, 1e4));
  expect(Number.isFinite(losses[0])).toBe(true);
  expect(gradients.every(Number.isFinite)).toBe(true);
});

test("a network starts from weights of the textbook's variance, another for every seed", () => {
  const wide = Array.from({ length: 4 }, (_, e) => Array.from({ length: 400 }, (_, j) => e + j));
  const spec = { features: wide, labels: [0, 1, 1, 0], hidden: [100], activation: "relu" } as const;
  const start = networkStart(spec, "seed");
  const weights = start.slice(0, 40_000);
  const variance = weights.reduce((total, w) => total + w * w, 0) / weights.length;
  expect(Math.abs(variance / (2 / 400) - 1)).toBeLessThan(4 * Math.sqrt(2 / 40_000));
  expect(start.slice(40_000, 40_100)).toEqual(new Array(100).fill(0));
  expect(networkStart(spec, 2)).not.toEqual(start);
  expect(networkStart(spec, "seed")).toEqual(start);
});

describe("a TensorFlow.js landscape", () => {
  const small = () => ({
    tf,
    model: modelOf([5, 2], "tanh"),
    loss: tf.losses.meanSquaredError as (targets: tf.Tensor, outputs: tf.Tensor) => tf.Tensor,
    inputs: tf.tensor2d(features),
    targets: tf.tensor2d(targets),
  });

  test("passes the checks of a float32 landscape, and fails them with a wrong gradient or a wrong loss of minibatches", () => {
    const spec = tensorFlowLandscape(small());
    const failuresOf = (parts: object) =>
      checkLandscape(createLandscape({ ...spec, ...parts }))
        .checks.filter(({ status }) => status === "failed")
        .map(({ rule }) => rule);
    expect(failuresOf({})).toEqual([]);
    expect(failuresOf({ precision: "float64" })).toContain("the gradient is the derivative of the loss");
    const off = (parameters: Float64Array) => spec.gradient?.(parameters) as Float64Array;
    expect(failuresOf({ gradient: (at: Float64Array) => off(at).map((x) => 1.01 * x) })).toContain(
      "the gradient is the derivative of the loss",
    );
    expect(failuresOf({ minibatchLoss: () => 1 })).toEqual([
      "the loss and the gradient are the means of those of the examples",
    ]);
  });

  test("is a custom landscape, with minibatches", () => {
    const problem = defineProblem({
      landscape: tensorFlowLandscape(small()),
      observation: { kind: "gradient", noise: { minibatch: { batchSize: 8 } } },
    });
    expect(problem.landscape).toMatchObject({ kind: "custom", dimension: 12, exampleCount: rows });
  });

  test("refuses what does not fit", () => {
    const given = small();
    const make = (other: object) => () => tensorFlowLandscape({ ...given, ...other });
    expect(make({ targets: tf.zeros([3, 2]) })).toThrow(
      "tensorFlowLandscape: targets must have one row per example (300), got 3",
    );
    expect(make({ batchSize: 0 })).toThrow(
      "tensorFlowLandscape: batchSize must be a whole number >= 1, got 0",
    );
    expect(make({ inputs: tf.zeros([0, 5]), targets: tf.zeros([0, 2]) })).toThrow(
      "tensorFlowLandscape: inputs must have at least one example, got none",
    );
    const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [5, 1] })] });
    expect(make({ model })).toThrow("tensorFlowLandscape: model must have trainable weights, got none");
  });
});

/** Mean of ½‖output − y‖² of a tanh network, written down naively. */
function naiveLoss(points: Float64Array, sizes: readonly number[], x: number[][], y: number[][]): number {
  let total = 0;
  x.forEach((row, e) => {
    let at = 0;
    let values = row;
    sizes.slice(1).forEach((units, l) => {
      const biases = at + units * values.length;
      const next = Array.from({ length: units }, (_, u) =>
        values.reduce(
          (sum, value, j) => sum + points[at + u * values.length + j] * value,
          points[biases + u],
        ),
      );
      at = biases + units;
      values = l === sizes.length - 2 ? next : next.map(Math.tanh);
    });
    total += values.reduce((sum, value, c) => sum + 0.5 * (value - y[e][c]) ** 2, 0) / x.length;
  });
  return total;
}

/** Whatever is left over from the tiles of two units, two inputs and four examples. */
test.each([
  [1, [1, 1]],
  [2, [2, 1, 3]],
  [3, [3, 2, 2, 1]],
  [4, [4, 5, 2]],
  [5, [1, 3, 3, 2]],
  [7, [6, 2, 5, 3]],
  [129, [7, 4, 1]],
])("%d examples through layers of %j units", (count, sizes) => {
  const wave = (from: number, width: number) =>
    Array.from({ length: count }, (_, e) =>
      Array.from({ length: width }, (_, j) => Math.sin(from + 3 * e + j * j + e * j)),
    );
  const [x, y] = [wave(1, sizes[0]), wave(2, sizes[sizes.length - 1])];
  const hidden = sizes.slice(1, -1);
  const landscape = build({ kind: "network", features: x, targets: y, hidden, ridge: 0.1 });
  const points = pointsOf(landscape.dimension);
  const norm = points.reduce((sum, value) => sum + value * value, 0);
  const { losses } = evaluate(landscape, points);
  expect(losses[0]).toBeCloseTo(naiveLoss(points, sizes, x, y) + 0.05 * norm, 12);
  expect(checkLandscape(landscape).checks.filter(({ status }) => status === "failed")).toEqual([]);
});

test("networks of one shape do not disturb each other", () => {
  const spec = { kind: "network", labels, hidden: [4] } as const;
  const [one, other] = [features, features.map((row) => row.map((value) => value * value))].map((rows) =>
    build({ ...spec, features: rows }),
  );
  const points = pointsOf(one.dimension);
  const before = evaluate(one, points);
  evaluate(
    other,
    points.map((value) => -value),
  );
  expect(evaluate(one, points)).toEqual(before);
});
