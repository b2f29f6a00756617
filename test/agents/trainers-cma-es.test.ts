import { Matrix } from "ml-matrix";
import { lastValueFrom, type Observable, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { memoryless, memorylessFor } from "../../agents/policies/memoryless.js";
import { adapt, initialDistribution, type SearchDistribution, sample } from "../../agents/trainers/cma.js";
import { type CmaEsOptions, cmaEs, cmaEsTrainer } from "../../agents/trainers/cma-es.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { defineProblem, discountOf, fillNormals, registeredProblem, rootKey } from "../../envs/index.js";
import { linearModel } from "./tiny-models.js";

function minimise(
  cost: (x: Float64Array) => number,
  mean: Float64Array,
  { sigma, members, generations }: { sigma: number; members: number; generations: number },
): { distribution: SearchDistribution; trace: number[] } {
  const normals = new Float64Array(members * mean.length);
  let distribution = initialDistribution(mean.length, sigma);
  const trace: number[] = [];
  for (let g = 0; g < generations; g++) {
    fillNormals(rootKey("cma"), 0, g, normals.length, normals);
    const generation = sample(mean, distribution, normals.slice());
    distribution = adapt(mean, distribution, generation, generation.candidates.map(cost));
    trace.push(cost(mean));
  }
  return { distribution, trace };
}

/** An orthogonal matrix: the Gram-Schmidt of normal vectors. */
function rotation(n: number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(n);
    fillNormals(rootKey("rotation"), 0, i, n, row);
    for (const other of rows) {
      const along = other.reduce((sum, value, j) => sum + value * row[j], 0);
      for (let j = 0; j < n; j++) row[j] -= along * other[j];
    }
    const length = Math.hypot(...row);
    rows.push([...row].map((value) => value / length));
  }
  return rows;
}

describe("the search distribution", () => {
  const n = 8;
  const axes = new Matrix(rotation(n));
  const hessian = axes
    .transpose()
    .mmul(Matrix.diag(Array.from({ length: n }, (_, i) => 10 ** ((6 * i) / (n - 1)))))
    .mmul(axes);
  const ellipsoid = (x: Float64Array) => {
    const column = Matrix.columnVector(x);
    return column.transpose().mmul(hessian).mmul(column).get(0, 0) / 2;
  };

  test("takes the shape of a rotated parabola whose curvatures differ by 10⁶", () => {
    const mean = new Float64Array(n).fill(1);
    const { distribution, trace } = minimise(ellipsoid, mean, { sigma: 0.5, members: 10, generations: 700 });
    expect(trace.at(-1)).toBeLessThan(1e-12);
    // C ∝ H⁻¹, as the tutorial has it: what is left of a condition of 10⁶ is that of a random matrix.
    const product = Matrix.from1DArray(n, n, distribution.covariance).mmul(hessian);
    const trace1 = product.trace() / n;
    const spread = product.mmul(product).trace() / n / trace1 ** 2;
    expect(spread).toBeLessThan(2);
    // The first generations, with C = I, cannot even follow the flat directions.
    expect(trace[20]).toBeGreaterThan(1e-2);
  });

  test("closes in on the minimum of a sphere at a constant rate, whatever its scale", () => {
    const sphere = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
    const options = { sigma: 0.3, members: 10, generations: 200 };
    const run = (scale: number) =>
      minimise((x) => scale * sphere(x), new Float64Array(n).fill(1), options).trace;
    const trace = run(1);
    const rate = (from: number, to: number) => Math.log(trace[to] / trace[from]) / (to - from);
    expect(rate(50, 199)).toBeLessThan(-0.15);
    expect(rate(50, 124) / rate(125, 199)).toBeCloseTo(1, 0);
    expect(run(1e6).map((value) => value / 1e6)[199] / trace[199]).toBeCloseTo(1, 6);
  });

  test("grows its steps along a slope", () => {
    const mean = new Float64Array(n);
    const { distribution } = minimise((x) => x[0], mean, { sigma: 0.01, members: 10, generations: 60 });
    expect(distribution.sigma).toBeGreaterThan(1);
    expect(mean[0]).toBeLessThan(-10);
  });

  test("takes what is not a number for the worst", () => {
    const mean = Float64Array.of(1, 1);
    const cost = ([x, y]: Float64Array) => (x > 1 ? Number.NaN : x * x + y * y);
    const { trace } = minimise(cost, mean, { sigma: 0.3, members: 8, generations: 100 });
    expect(trace.at(-1)).toBeLessThan(1e-8);
  });
});

const scalar = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { mobility: 0.5, lossWeight: 1.5, discountRate: 1, timeStep: 0.2 },
  observation: { kind: "state" },
  start: { kind: "gaussian", mean: [0], covariance: [[1]] },
});

async function events(run: Observable<TrainingEvent>): Promise<TrainingEvent[]> {
  return lastValueFrom(run.pipe(toArray()));
}

test("finds the discrete optimum of a scalar parabola", async () => {
  const { mobility, lossWeight, timeStep } = scalar.objective;
  let [s, best] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const m = lossWeight * 2 * timeStep + discountOf(scalar) * s;
    best = m / (1 / mobility + m * timeStep);
    s = m * (1 - timeStep * best);
  }
  const told = await events(
    cmaEs(scalar, linearModel(1), { seed: 1, steps: 75, tasks: 16, iterations: 60, sigma: 0.3 }),
  );
  const last = told.at(-1);
  if (last?.kind !== "finished") throw new Error("it did not finish");
  expect(Math.abs(last.parameters[0] / best - 1)).toBeLessThan(1e-2);
  expect(told[0]).toMatchObject({
    trainer: "cma-es",
    options: { sigma: 0.3, members: 4, tasks: 16, iterations: 60 },
  });
});

const hidden = registeredProblem("lossgym/HiddenMinimum-v0");
const small = memoryless(memorylessFor(hidden, { hidden: [3] }));

test("goes on from a checkpoint as if it had never stopped", async () => {
  const options = { seed: 2, steps: 6, tasks: 4, members: 6, iterations: 9, checkpointEvery: 4 };
  const whole = await events(cmaEs(hidden, small, options));
  const checkpoint = whole.find(({ kind }) => kind === "checkpoint");
  if (checkpoint?.kind !== "checkpoint") throw new Error("no checkpoint");
  const rest = await events(cmaEs(hidden, small, { ...options, resume: checkpoint.state }));
  expect(rest.at(-1)).toEqual(whole.at(-1));
  expect(rest.filter(({ kind }) => kind === "progress")).toEqual(
    whole.filter(({ kind }) => kind === "progress").slice(4),
  );
});

test.each<[string, Partial<CmaEsOptions>]>([
  ["cma-es: members must be a whole number >= 4, got 3", { members: 3 }],
  ["cma-es: sigma must be > 0, got 0", { sigma: 0 }],
  ["cma-es: iterations must be a whole number >= 1, got 0", { iterations: 0 }],
])("complains: %s", (message, options) => {
  expect(() => cmaEs(scalar, linearModel(1), { seed: 1, ...options })).toThrow(message);
});

test("complains of a policy that is too large, and says what to use", () => {
  const large = memoryless(memorylessFor(hidden));
  expect(() => cmaEsTrainer(hidden, large, { seed: 1 })).toThrow(
    `cma-es: the policy must have at most 500 weights, got ${large.parameterCount}; use es, or a smaller policy`,
  );
});
