import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createLandscape,
  defineProblem,
  deriveKey,
  fillNormals,
  type Landscape,
  make,
  type ProblemInput,
  rootKey,
  standardise,
  Table,
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
  /** Where it can be differentiated. Default: everywhere. */
  readonly smooth?: (z: readonly number[]) => boolean;
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

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function linearRegressionLoss(z: readonly number[]): number {
  const losses = table.features.map(([a, b], e) => {
    const outputs = [0, 1].map((o) => z[3 * o] * a + z[3 * o + 1] * b + z[3 * o + 2]);
    return 0.5 * (square(outputs[0] - e) + square(outputs[1] + 1));
  });
  return sum(losses) / 4 + 0.05 * sum(z.map(square));
}

/** Two inputs, two hidden units, `outputs` outputs; what happens to them is told by `loss`. */
function networkLoss(
  z: readonly number[],
  activation: (x: number) => number,
  outputs: number,
  loss: (scores: readonly number[], example: number) => number,
): number {
  const losses = table.features.map(([a, b], e) => {
    const hidden = [0, 1].map((u) => activation(z[2 * u] * a + z[2 * u + 1] * b + z[4 + u]));
    const scores = Array.from({ length: outputs }, (_, o) => {
      const first = 6 + 2 * o;
      return z[first] * hidden[0] + z[first + 1] * hidden[1] + z[6 + 2 * outputs + o];
    });
    return loss(scores, e);
  });
  return sum(losses) / 4;
}

const logLoss = (scores: readonly number[], e: number) =>
  Math.log(sum(scores.map(Math.exp))) - scores[table.labels[e]];

/** Haar factors and all: z is projected on what the instance says. */
function randomParabola(z: readonly number[], instance: readonly number[]): number {
  const d = z.length;
  const along = z.map((_, k) => sum(z.map((x, i) => x * instance[d + i * d + k])));
  return 0.5 * sum(along.map(square));
}

const levyShare = (w: number, last: boolean) =>
  last
    ? square(w - 1) * (1 + square(Math.sin(2 * Math.PI * w)))
    : square(w - 1) * (1 + 10 * square(Math.sin(Math.PI * w + 1)));

const added: Case[] = [
  {
    name: "Rosenbrock",
    landscape: { kind: "rosenbrock", dimension: 3 },
    loss: ([x, y, z]) => 100 * square(y - x * x) + square(1 - x) + 100 * square(z - y * y) + square(1 - y),
  },
  {
    name: "Rastrigin",
    landscape: { kind: "rastrigin", amplitude: 3 },
    loss: (z) => 3 * z.length + sum(z.map((x) => x * x - 3 * Math.cos(2 * Math.PI * x))),
  },
  {
    name: "Ackley",
    landscape: { kind: "ackley", dimension: 3 },
    loss: (z) =>
      -20 * Math.exp(-0.2 * Math.sqrt(sum(z.map(square)) / 3)) -
      Math.exp(sum(z.map((x) => Math.cos(2 * Math.PI * x))) / 3) +
      20 +
      Math.E,
    smooth: (z) => Math.hypot(...z) > 0.3,
  },
  {
    name: "Griewank",
    landscape: { kind: "griewank", dimension: 3 },
    loss: (z) => 1 + sum(z.map(square)) / 4000 - z.reduce((p, x, i) => p * Math.cos(x / Math.sqrt(i + 1)), 1),
  },
  {
    name: "Levy",
    landscape: { kind: "levy", dimension: 3 },
    loss: (z) => {
      const w = z.map((x) => 1 + (x - 1) / 4);
      return square(Math.sin(Math.PI * w[0])) + sum(w.map((value, i) => levyShare(value, i === 2)));
    },
  },
  {
    name: "Styblinski-Tang",
    landscape: { kind: "styblinski-tang" },
    loss: (z) => 0.5 * sum(z.map((x) => x ** 4 - 16 * x * x + 5 * x)),
  },
  {
    name: "Himmelblau",
    landscape: { kind: "himmelblau" },
    loss: ([x, y]) => square(x * x + y - 11) + square(x + y * y - 7),
  },
  {
    name: "Beale",
    landscape: { kind: "beale" },
    loss: ([x, y]) =>
      square(1.5 - x + x * y) + square(2.25 - x + x * y * y) + square(2.625 - x + x * y * y * y),
  },
  {
    name: "saddle",
    landscape: { kind: "saddle", dimension: 3, escape: 0.5 },
    loss: ([x, y, z]) => 0.5 * (x * x + y * y) - 0.25 * z * z + 0.25 * z ** 4,
  },
  {
    name: "matrix factorisation",
    landscape: {
      kind: "matrix-factorisation",
      matrix: [
        [1, 2, 3],
        [4, 5, 7],
      ],
      rank: 1,
    },
    loss: ([a, b, x, y, z]) =>
      sum([a * x - 1, a * y - 2, a * z - 3, b * x - 4, b * y - 5, b * z - 7].map(square)),
  },
  {
    name: "linear regression",
    landscape: {
      kind: "linear-regression",
      features: table.features,
      targets: [
        [0, -1],
        [1, -1],
        [2, -1],
        [3, -1],
      ],
      ridge: 0.1,
    },
    loss: linearRegressionLoss,
  },
  {
    name: "tanh network on labels",
    landscape: { kind: "network", ...table, hidden: [2], ridge: 0.1 },
    loss: (z) => networkLoss(z, Math.tanh, 3, logLoss) + 0.05 * sum(z.map(square)),
  },
  {
    name: "tanh network on targets",
    landscape: { kind: "network", features: table.features, targets: [1, 2, 3, 4], hidden: [2] },
    loss: (z) => networkLoss(z, Math.tanh, 1, ([score], e) => 0.5 * square(score - e - 1)),
  },
  {
    name: "relu network",
    landscape: { kind: "network", ...table, hidden: [2], activation: "relu" },
    loss: (z) => networkLoss(z, (x) => Math.max(x, 0), 3, logLoss),
    smooth: (z) =>
      table.features.every(([a, b]) =>
        [0, 1].every((u) => Math.abs(z[2 * u] * a + z[2 * u + 1] * b + z[4 + u]) > 0.02),
      ),
  },
  {
    name: "network without hidden layers",
    landscape: { kind: "network", ...table, hidden: [] },
    loss: (z) =>
      sum(
        table.features.map(([a, b], e) =>
          logLoss(
            [0, 1, 2].map((c) => z[2 * c] * a + z[2 * c + 1] * b + z[6 + c]),
            e,
          ),
        ),
      ) / 4,
  },
  {
    name: "random parabola",
    landscape: { kind: "random-quadratic", dimension: 3, conditionNumber: 10 },
    loss: randomParabola,
  },
  {
    name: "reflected parabola",
    landscape: { kind: "random-quadratic", dimension: 3, conditionNumber: 10, rotation: "householder" },
    loss: (z, instance) => {
      const w = instance.slice(3, 6);
      const along = 2 * sum(z.map((value, j) => value * w[j]));
      return 0.5 * sum(z.map((value, j) => instance[j] * square(value - along * w[j])));
    },
  },
  {
    name: "random double well",
    landscape: { kind: "random-double-well", dimension: 3 },
    loss: (z, [barrier, tilt, ...w]) => {
      const x = sum(z.map((value, j) => value * w[j]));
      return barrier * square(x * x - 1) - tilt * x + sum(z.map(square)) - x * x;
    },
  },
  {
    name: "expression",
    landscape: { kind: "expression", loss: "(x^2-1)^2 - x/2 + y^2 + exp(-x*y) * sin(x)" },
    loss: ([x, y]) => square(x * x - 1) - x / 2 + y * y + Math.exp(-x * y) * Math.sin(x),
  },
  {
    name: "stream of permuted labels",
    landscape: {
      kind: "stream",
      base: { kind: "regression", ...table },
      variation: "permuted-labels",
      tasks: 1,
      change: { period: 5 },
    },
    loss: (z) => crossEntropy(z) - 0.05 * sum(z.map(square)),
  },
  {
    name: "custom, all of its own",
    landscape: {
      kind: "custom",
      dimension: 1,
      loss: ([x]) => x ** 3,
      gradient: ([x]) => [3 * x * x],
      hessianVector: ([x], [v]) => [6 * x * v],
    },
    loss: ([x]) => x ** 3,
  },
];

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
      0.5 * z.reduce((total, a, i) => total + z.reduce((row, b, j) => row + a * dense[i][j] * b, 0), 0),
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

const all = [...cases, ...added];

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

describe.each(all)("$name", (entry) => {
  const landscape = build(entry);
  const { dimension, instanceSize } = landscape;
  const count = 3;
  const instances = instancesOf(landscape, count);
  const batch = fc
    .array(number, { minLength: count * dimension, maxLength: count * dimension })
    .map((values) => Float64Array.from(values))
    .filter((points) => {
      const rows = Array.from({ length: count }, (_, n) => rowOf(points, n, dimension));
      return rows.every((z) => entry.smooth?.(z) ?? true);
    });
  const exact = landscape.gradientSource === "exact";

  test("loss and gradient are those of the formula", () => {
    fc.assert(
      fc.property(batch, (points) => {
        const { losses, gradients } = evaluate(landscape, points, instances);
        for (let n = 0; n < count; n++) {
          const instance = rowOf(instances, n, instanceSize);
          const z = rowOf(points, n, dimension);
          const loss = entry.loss(z, instance);
          expect(Math.abs(losses[n] - loss)).toBeLessThan(1e-12 * (50 + Math.abs(loss)));
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
        const [above, below, further, lower] = [1e-4, -1e-4, 2e-4, -2e-4].map(shifted);
        products.forEach((product, i) => {
          const expected = (8 * (above[i] - below[i]) - (further[i] - lower[i])) / 12e-4;
          const tolerance = exact ? 1e-6 : 3e-5;
          expect(Math.abs(product - expected)).toBeLessThan(tolerance * (1 + Math.abs(expected)));
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
  const approximate = all.filter((entry) => build(entry).gradientSource === "central-differences");
  expect(approximate.map(({ name }) => name)).toEqual(["custom, no gradient"]);
});

test("a custom gradient of the wrong length is refused", () => {
  const landscape = createLandscape({ kind: "custom", dimension: 2, loss: () => 0, gradient: () => [1] });
  expect(() =>
    landscape.evaluate(new Float64Array(2), new Float64Array(), 1, null, new Float64Array(2)),
  ).toThrow("landscape.gradient: must return 2 numbers, got 1");
});

test("a minibatch of every example once has the gradient of the loss", () => {
  const onTables = all.map(build).filter(({ exampleCount }) => exampleCount);
  expect(onTables.length).toBe(7);
  for (const landscape of onTables) {
    const { dimension, exampleCount = 0, instanceSize } = landscape;
    const points = Float64Array.from({ length: 2 * dimension }, (_, i) => Math.sin(3 * i));
    const instances = new Float64Array(2 * instanceSize);
    const { gradients } = evaluate(landscape, points, instances);
    const examples = Int32Array.from({ length: 2 * exampleCount }, (_, i) => (i * 3) % exampleCount);
    const sampled = new Float64Array(points.length);
    landscape.minibatchGradient?.(points, examples, exampleCount, 2, sampled, instances);
    sampled.forEach((value, i) => {
      expect(value).toBeCloseTo(gradients[i], 12);
    });
  }
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
  const shaped = all.filter((entry) => build(entry).shapeFisherNoise);

  test("on parabolas", () => expect(shaped).toHaveLength(5));

  test.each(shaped)("$name", (entry) => {
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

test("a table stands in for rows: standardised, in regressions, and as an argument of make", () => {
  const rows = [
    [1, 5],
    [2, -3],
    [6, 1],
    [0, 0],
  ];
  const table = new Table(2, rows.flat());
  expect(standardise(table)).toEqual(new Table(2, standardise(rows).flat()));
  const points = Float64Array.of(0.3, -0.2, 0.1, -0.4, 0.5, 0.2);
  for (const rest of [
    { kind: "regression", labels: [0, 1, 1, 0], ridge: 0.1 },
    { kind: "linear-regression", targets: rows, ridge: 0.1 },
  ] as const) {
    const [byRows, byTable] = [rows, table].map((features) =>
      createLandscape(defineProblem({ landscape: { ...rest, features } }).landscape),
    );
    const none = new Float64Array(0);
    expect(evaluate(byTable, points, none)).toEqual(evaluate(byRows, points, none));
    expect(byTable.minima).toEqual(byRows.minima);
  }
  const labels = [0, 1, 1, 0];
  const { parameters } = make("lossgym/Regression-v0", { features: table, labels, ridge: 0.1 }).reset({
    seed: 1,
  }).info as { parameters: Float64Array };
  expect(parameters.length).toBe(6);
});
