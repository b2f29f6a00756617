import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createLandscape,
  defineProblem,
  deriveKey,
  fillNormals,
  type Landscape,
  type ProblemInput,
  rootKey,
  standardise,
  uniformAt,
} from "../../envs/index.js";
import { standardErrorsFrom } from "../oracles/statistics.js";

const number = fc.integer({ min: -2000, max: 2000 }).map((value) => value / 1000);
const table = {
  features: [
    [1, 2],
    [-1, 0.5],
    [0.3, -2],
    [2, 1],
  ],
  labels: [0, 2, 1, 0],
};

interface Case {
  readonly name: string;
  readonly landscape: ProblemInput["landscape"];
  /** L, written down once more, naively. */
  readonly loss: (z: readonly number[], instance: readonly number[]) => number;
}

const dense = [
  [2, 0.5, -0.3],
  [0.5, 1, 0.2],
  [-0.3, 0.2, 3],
];
const square = (x: number) => x * x;

function crossEntropy(z: readonly number[]): number {
  const losses = table.features.map((row, e) => {
    const scores = [0, 1, 2].map((c) => z[3 * c] * row[0] + z[3 * c + 1] * row[1] + z[3 * c + 2]);
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    return -Math.log(Math.exp(scores[table.labels[e]]) / total);
  });
  return losses.reduce((a, b) => a + b) / losses.length + 0.05 * z.reduce((a, b) => a + b * b, 0);
}

const cases: Case[] = [
  {
    name: "diagonal parabola",
    landscape: { kind: "quadratic", curvature: [4, 1] },
    loss: ([x, y]) => 2 * x * x + 0.5 * y * y,
  },
  {
    name: "dense parabola",
    landscape: { kind: "quadratic", curvature: dense },
    loss: (z) =>
      0.5 * z.reduce((sum, a, i) => sum + z.reduce((row, b, j) => row + a * dense[i][j] * b, 0), 0),
  },
  {
    name: "hidden parabola",
    landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
    loss: (z, h) => 0.5 * (h[0] * z[0] ** 2 + h[1] * z[1] ** 2),
  },
  {
    name: "double well",
    landscape: { kind: "double-well", dimension: 2, tilt: 0.5 },
    loss: ([x, y]) => square(x * x - 1) - x / 2 + y * y,
  },
  {
    name: "softmax regression",
    landscape: { kind: "regression", ...table, ridge: 0.1 },
    loss: crossEntropy,
  },
  {
    name: "custom, exact gradient",
    landscape: {
      kind: "custom",
      dimension: 2,
      loss: ([x, y]) => Math.sin(x) * y * y,
      gradient: ([x, y]) => [Math.cos(x) * y * y, 2 * y * Math.sin(x)],
    },
    loss: ([x, y]) => Math.sin(x) * y * y,
  },
  {
    name: "custom, no gradient",
    landscape: { kind: "custom", dimension: 2, loss: ([x, y]) => Math.exp(x * y) },
    loss: ([x, y]) => Math.exp(x * y),
  },
];

function build({ landscape }: Case): Landscape {
  return createLandscape(defineProblem({ landscape }).landscape);
}

/** Instances of a family, drawn as the simulator does. */
function instancesOf(landscape: Landscape, count: number): Float64Array {
  const instances = new Float64Array(count * landscape.instanceSize);
  const key = rootKey("instances");
  for (let n = 0; n < count; n++)
    landscape.sampleInstance?.((i) => uniformAt(key, n, i), instances, n * landscape.instanceSize);
  return instances;
}

function evaluate(landscape: Landscape, points: Float64Array, instances: Float64Array) {
  const count = points.length / landscape.dimension;
  const losses = new Float64Array(count);
  const gradients = new Float64Array(points.length);
  landscape.evaluate(points, instances, count, losses, gradients);
  return { losses, gradients };
}

const rowOf = (values: Float64Array, n: number, size: number) =>
  Array.from(values.subarray(n * size, (n + 1) * size));

describe.each(cases)("$name", (entry) => {
  const landscape = build(entry);
  const { dimension, instanceSize } = landscape;
  const count = 3;
  const instances = instancesOf(landscape, count);
  const batch = fc
    .array(number, { minLength: count * dimension, maxLength: count * dimension })
    .map((values) => Float64Array.from(values));

  test("loss and gradient are those of the formula", () => {
    fc.assert(
      fc.property(batch, (points) => {
        const { losses, gradients } = evaluate(landscape, points, instances);
        for (let n = 0; n < count; n++) {
          const instance = rowOf(instances, n, instanceSize);
          const z = rowOf(points, n, dimension);
          expect(losses[n]).toBeCloseTo(entry.loss(z, instance), 10);
          for (let j = 0; j < dimension; j++) {
            const at = (step: number) =>
              entry.loss(
                z.map((x, i) => (i === j ? x + step : x)),
                instance,
              );
            // Fourth-order central difference.
            const slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
            expect(Math.abs(gradients[n * dimension + j] - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test("Hessian-vector products are differences of gradients", () => {
    fc.assert(
      fc.property(batch, batch, (points, vectors) => {
        const products = new Float64Array(points.length);
        landscape.hessianVector(points, instances, count, vectors, products);
        const shifted = (step: number) =>
          evaluate(
            landscape,
            points.map((x, i) => x + step * vectors[i]),
            instances,
          ).gradients;
        const [above, below] = [shifted(1e-4), shifted(-1e-4)];
        products.forEach((product, i) => {
          const expected = (above[i] - below[i]) / 2e-4;
          expect(Math.abs(product - expected)).toBeLessThan(3e-5 * (1 + Math.abs(expected)));
        });
      }),
      { numRuns: 50 },
    );
  });

  test("a batch is its rows, and losses and gradients may be asked for one at a time", () => {
    fc.assert(
      fc.property(batch, (points) => {
        const { losses, gradients } = evaluate(landscape, points, instances);
        for (let n = 0; n < count; n++) {
          const alone = evaluate(
            landscape,
            points.slice(n * dimension, (n + 1) * dimension),
            instances.slice(n * instanceSize, (n + 1) * instanceSize),
          );
          expect(alone.losses[0]).toBe(losses[n]);
          expect(Array.from(alone.gradients)).toEqual(rowOf(gradients, n, dimension));
        }
        const onlyLosses = new Float64Array(count);
        const onlyGradients = new Float64Array(points.length);
        landscape.evaluate(points, instances, count, onlyLosses, null);
        landscape.evaluate(points, instances, count, null, onlyGradients);
        expect(onlyLosses).toEqual(losses);
        expect(onlyGradients).toEqual(gradients);
      }),
      { numRuns: 20 },
    );
  });
});

test("only a custom loss without a gradient is differentiated numerically", () => {
  expect(cases.map((entry) => build(entry).gradientSource)).toEqual([
    ...new Array(6).fill("exact"),
    "central-differences",
  ]);
});

test("a custom gradient of the wrong length is refused", () => {
  const landscape = createLandscape({ kind: "custom", dimension: 2, loss: () => 0, gradient: () => [1] });
  expect(() =>
    landscape.evaluate(new Float64Array(2), new Float64Array(), 1, null, new Float64Array(2)),
  ).toThrow("landscape.gradient: must return 2 numbers, got 1");
});

test("hidden curvatures are log-uniform", () => {
  const landscape = createLandscape(
    defineProblem({ landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } } })
      .landscape,
  );
  const logs = instancesOf(landscape, 20_000).map((h) => Math.log10(h));
  expect(Math.min(...logs)).toBeGreaterThan(-2);
  expect(Math.max(...logs)).toBeLessThan(2);
  expect(standardErrorsFrom(0, logs)).toBeLessThan(4);
  expect(standardErrorsFrom(16 / 12, logs.map(square))).toBeLessThan(4);
});

describe("Fisher noise has the covariance H", () => {
  test.each(cases.slice(0, 3))("$name", (entry) => {
    const landscape = build(entry);
    const { dimension } = landscape;
    const count = 20_000;
    const one = instancesOf(landscape, 1);
    const instances = Float64Array.from({ length: count * one.length }, (_, i) => one[i % one.length]);
    const noise = new Float64Array(count * dimension);
    fillNormals(deriveKey(rootKey("fisher"), 1), 0, 0, noise.length, noise);
    landscape.shapeFisherNoise?.(instances, count, noise);
    for (let j = 0; j < dimension; j++) {
      const unit = Float64Array.from({ length: dimension }, (_, i) => (i === j ? 1 : 0));
      const column = new Float64Array(dimension);
      landscape.hessianVector(unit, one, 1, unit, column);
      for (let i = 0; i < dimension; i++) {
        const products = Float64Array.from(
          { length: count },
          (_, n) => noise[n * dimension + i] * noise[n * dimension + j],
        );
        expect(standardErrorsFrom(column[i], products)).toBeLessThan(4);
      }
    }
  });
});

describe("softmax regression by hand", () => {
  // Two classes of one feature: θ = [w₀, b₀, w₁, b₁], p₁ = σ((w₁ − w₀)x + b₁ − b₀).
  const landscape = createLandscape({
    kind: "regression",
    features: [[1], [3]],
    labels: [0, 1],
    ridge: 0.5,
  });
  const theta = Float64Array.of(1, 0, 0, 0.25);
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));
  const [p, q] = [sigmoid(-0.75), sigmoid(-2.75)];

  test("at the origin both classes are even", () => {
    const { losses, gradients } = evaluate(landscape, new Float64Array(4), new Float64Array());
    expect(losses[0]).toBeCloseTo(Math.LN2, 14);
    // ½·Σ (½ − [c = label])·x: class 0 gets (−1 + 3)/4 for the weight and 0 for the bias.
    expect(Array.from(gradients)).toEqual([0.5, 0, -0.5, 0]);
  });

  test("elsewhere", () => {
    const { losses, gradients } = evaluate(landscape, theta, new Float64Array());
    expect(losses[0]).toBeCloseTo(0.5 * (-Math.log(1 - p) - Math.log(q)) + 0.25 * (1 + 0.0625), 14);
    const weight = 0.5 * (p * 1 + (q - 1) * 3);
    const bias = 0.5 * (p + q - 1);
    [-weight + 0.5, -bias, weight, bias + 0.125].forEach((expected, i) => {
      expect(gradients[i]).toBeCloseTo(expected, 14);
    });
  });

  test("a minibatch averages the examples that it names, as often as it names them", () => {
    const gradients = new Float64Array(8);
    const points = Float64Array.of(...theta, ...theta);
    landscape.minibatchGradient?.(points, Int32Array.of(0, 1, 1, 1), 2, 2, gradients);
    const full = evaluate(landscape, theta, new Float64Array()).gradients;
    expect(Array.from(gradients.subarray(0, 4))).toEqual(Array.from(full));
    expect(gradients[6]).toBeCloseTo((q - 1) * 3, 14);
    expect(gradients[7]).toBeCloseTo(q - 1 + 0.125, 14);
  });

  test("large scores do not overflow", () => {
    const { losses, gradients } = evaluate(landscape, Float64Array.of(2000, 0, 0, 0), new Float64Array());
    expect(losses[0]).toBeCloseTo(0.5 * 6000 + 0.25 * 2000 ** 2, 6);
    expect(gradients.every(Number.isFinite)).toBe(true);
  });
});

test("standardised columns have mean 0 and variance 1, a constant one becomes 0", () => {
  const columns = standardise([
    [1, 5, 0],
    [2, 5, 10],
    [6, 5, -1],
  ]);
  const column = (j: number) => columns.map((row) => row[j]);
  for (const j of [0, 2]) {
    expect(column(j).reduce((a, b) => a + b)).toBeCloseTo(0, 14);
    expect(column(j).reduce((a, b) => a + b * b, 0)).toBeCloseTo(3, 14);
  }
  expect(column(1)).toEqual([0, 0, 0]);
});
