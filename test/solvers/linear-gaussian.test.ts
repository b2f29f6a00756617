import fc from "fast-check";
import { inverse, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { defineProblem, type Matrix as Rows } from "../../envs/index.js";
import { kalman, type LinearGaussianModel, linearGaussianFilter } from "../../solvers/index.js";
import { expectClose } from "./close.js";
import { positiveDefinite } from "./random-problems.js";

/** A random model of up to four coordinates and four looks at it. */
const randomModel = fc
  .record({
    d: fc.integer({ min: 1, max: 4 }),
    k: fc.integer({ min: 1, max: 4 }),
    entries: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 84, maxLength: 84 }),
    dense: fc.boolean(),
    grows: fc.boolean(),
  })
  .map(({ d, k, entries, dense, grows }) => {
    const rows = (from: number, height: number, width: number): Rows =>
      Matrix.from1DArray(height, width, entries.slice(from, from + height * width)).to2DArray();
    const transition = dense ? rows(0, d, d) : entries[0];
    const processNoise = positiveDefinite(entries.slice(16, 32), d);
    const model: LinearGaussianModel = {
      observation: rows(32, k, d),
      noise: positiveDefinite(entries.slice(48, 64), k),
      transition,
      mean: entries.slice(64, 64 + d),
      covariance: positiveDefinite(entries.slice(4, 20), d),
      ...((dense || grows) && { processNoise }),
    };
    return { model, looks: [0, 1, 2, 3].map((t) => entries.slice(68 + 4 * t, 68 + 4 * t + k)) };
  });

/** Mean and covariance of the last x given all looks: one big Gaussian. */
function conditional({ observation, noise, mean, covariance, ...rest }: LinearGaussianModel, looks: Rows) {
  const d = mean.length;
  const [c, r, prior] = [observation, noise, covariance].map((each) => new Matrix(each as number[][]));
  const { transition = 1, processNoise } = rest;
  const a =
    typeof transition === "number" ? Matrix.eye(d, d, transition) : new Matrix(transition as number[][]);
  const q = processNoise
    ? new Matrix(processNoise as number[][])
    : Matrix.sub(prior, a.mmul(prior).mmul(a.transpose()));
  const own = [prior];
  for (let t = 1; t < looks.length; t++) own.push(Matrix.add(a.mmul(own[t - 1]).mmul(a.transpose()), q));
  const between = (s: number, t: number): Matrix => {
    if (s > t) return between(t, s).transpose();
    let block = own[s];
    for (let step = s; step < t; step++) block = block.mmul(a.transpose());
    return block;
  };
  const [k, steps] = [c.rows, looks.length];
  const all = Matrix.zeros(k * steps, k * steps);
  const withLast = Matrix.zeros(d, k * steps);
  for (let s = 0; s < steps; s++) {
    withLast.setSubMatrix(between(steps - 1, s).mmul(c.transpose()), 0, s * k);
    for (let t = 0; t < steps; t++) {
      const block = c.mmul(between(s, t)).mmul(c.transpose());
      all.setSubMatrix(s === t ? block.add(r) : block, s * k, t * k);
    }
  }
  const expected = c.mmul(Matrix.columnVector(mean as number[])).to1DArray();
  const surprise = Matrix.columnVector(looks.flatMap((y) => y.map((value, i) => value - expected[i])));
  const gain = withLast.mmul(inverse(all));
  return {
    mean: gain
      .mmul(surprise)
      .to1DArray()
      .map((value, i) => value + mean[i]),
    covariance: Matrix.sub(own[steps - 1], gain.mmul(withLast.transpose())).to2DArray(),
  };
}

test("agrees with conditioning on the whole history, in a batch", () => {
  fc.assert(
    fc.property(randomModel, ({ model, looks }) => {
      const filter = linearGaussianFilter(model);
      let state = filter.init(2);
      looks.forEach((y, t) => {
        state = filter.update(Float64Array.from([...y, ...y.map((value) => -value)]), state);
        const soFar = looks.slice(0, t + 1);
        const first = conditional(model, soFar);
        const second = conditional(
          model,
          soFar.map((row) => row.map((value) => -value)),
        );
        expectClose([[...state.posteriorMean], [1]], [[...first.mean, ...second.mean], [1]], 1e-8);
        expectClose(state.covariance.to2DArray(), first.covariance, 1e-8);
        expect(state.covariance.to2DArray()).toEqual(state.covariance.transpose().to2DArray());
      });
    }),
    { numRuns: 100, seed: 13 },
  );
});

const prior = {
  mean: [0.5, -1],
  covariance: [
    [1, 0.4],
    [0.4, 2],
  ],
};

test("is the filter of a gradient, given z = y − Cθ for −Cμ", () => {
  const curvature = [
    [2, 0.5],
    [0.5, 1],
  ];
  const task = { kind: "drifting", relaxationRate: 2, ...prior } as const;
  const observation = { kind: "gradient", noise: 0.7, coordinates: [1] } as const;
  const belief = kalman(defineProblem({ landscape: { kind: "quadratic", curvature }, task, observation }));
  const filter = linearGaussianFilter({
    ...prior,
    observation: [[-0.5, -1]],
    noise: [[0.49]],
    transition: Math.exp(-0.2),
  });
  let [one, other] = [belief.init(1), filter.init(1)];
  for (let t = 0; t < 30; t++) {
    const [theta, y] = [[Math.sin(t), Math.cos(3 * t)], Math.sin(5 * t)];
    one = belief.update(Float64Array.of(y), Float64Array.from(theta), one);
    other = filter.update(Float64Array.of(y - 0.5 * theta[0] - theta[1]), other);
    expectClose(one.posteriorMean, other.posteriorMean, 1e-12);
  }
});

test("an exact look is believed, and a second one at the same adds nothing", () => {
  const filter = linearGaussianFilter({ ...prior, observation: [[1, 0]], noise: [[0]] });
  let state = filter.init(1);
  for (let t = 0; t < 3; t++) {
    state = filter.update(Float64Array.of(2), state);
    expectClose(state.posteriorMean, [2, -1 + 0.4 * 1.5], 1e-12);
    expectClose(
      state.covariance.to2DArray(),
      [
        [0, 0],
        [0, 2 - 0.16],
      ],
      1e-12,
    );
  }
});

test.each<[Partial<LinearGaussianModel>, string]>([
  [{ observation: [[1]] }, "linearGaussianFilter: observation must have shape [1, 2], got [1, 1]"],
  [{ noise: [[-1]] }, "linearGaussianFilter: noise must be symmetric and positive semidefinite, got [[-1]]"],
  [{ transition: 1.5 }, "linearGaussianFilter: processNoise (default covariance − AΣ₀Aᵀ) must be symmetric"],
  [{ transition: [[1, 0]] }, "linearGaussianFilter: transition must have shape [2, 2], got [1, 2]"],
  [
    {
      covariance: [
        [1, 0],
        [1, 1],
      ],
    },
    "linearGaussianFilter: covariance must be symmetric",
  ],
])("refuses %j", (change, message) => {
  const model = { ...prior, observation: [[1, 0]], noise: [[1]], ...change };
  expect(() => linearGaussianFilter(model)).toThrow(message);
});

test("refuses looks of another length", () => {
  const filter = linearGaussianFilter({ ...prior, observation: [[1, 0]], noise: [[1]] });
  expect(() => filter.update(new Float64Array(3), filter.init(2))).toThrow(
    "looks: must have 2 entries, got 3",
  );
});
