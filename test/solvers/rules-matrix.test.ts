import { expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { orthogonalise } from "../../solvers/rules/orthogonalise.js";
import { ballistic, muon, naturalGradient, newton, shampoo } from "../../solvers/rules/recipes-geometry.js";
import { expectClose } from "./close.js";
import { follow, plain } from "./rules-follow.js";

type Rows = number[][];

const times = (a: Rows, b: Rows): Rows =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const transpose = (a: Rows): Rows => a[0].map((_, j) => a.map((row) => row[j]));
const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((x, j) => x + b[i][j]));
const eye = (size: number, value = 1): Rows =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? value : 0)));
const asMatrix = (flat: ArrayLike<number>, [rows, columns]: readonly [number, number]): Rows =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => flat[i * columns + j]));

/** f of a symmetric matrix, by Jacobi rotations. */
function symmetricFunction(matrix: Rows, of: (eigenvalue: number) => number): Rows {
  const size = matrix.length;
  let a = matrix;
  let q = eye(size);
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        const angle = Math.atan2(2 * a[i][j], a[j][j] - a[i][i]) / 2;
        const turn = eye(size);
        [turn[i][i], turn[j][j], turn[i][j], turn[j][i]] = [
          Math.cos(angle),
          Math.cos(angle),
          Math.sin(angle),
          -Math.sin(angle),
        ];
        a = times(transpose(turn), times(a, turn));
        q = times(q, turn);
      }
    }
  }
  const values = a.map((row, i) => row.map((_, j) => (i === j ? of(a[i][i]) : 0)));
  return times(q, times(values, transpose(q)));
}

const gradients = Array.from({ length: 12 }, (_, t) =>
  Array.from({ length: 6 }, (_, i) => Math.sin(3 + 7 * t + 2.3 * i * i) * (1 + i)),
);
const six = plain(6);
const start = [1, -2, 3, 0.5, -1, 0];

test.each([[[2, 3] as const], [[3, 2] as const], [[6, 1] as const]])("Shampoo on %j", (shape) => {
  const [learningRate, epsilon] = [0.1, 1e-2];
  const path = follow(six, shampoo(six, { learningRate, epsilon, shape }), start, 12, (_, t) => gradients[t]);
  let w = asMatrix(start, shape);
  let left = eye(shape[0], epsilon);
  let right = eye(shape[1], epsilon);
  for (const flat of gradients) {
    const g = asMatrix(flat, shape);
    left = plus(left, times(g, transpose(g)));
    right = plus(right, times(transpose(g), g));
    const root = (matrix: Rows) => symmetricFunction(matrix, (h) => h ** -0.25);
    const step = times(root(left), times(g, root(right)));
    w = w.map((row, i) => row.map((x, j) => x - learningRate * step[i][j]));
  }
  expectClose(path[11], w.flat(), 1e-9);
});

test.each([[[2, 3] as const], [[3, 2] as const]])("exact Muon on %j", (shape) => {
  const [learningRate, momentum] = [0.1, 0.8];
  const options = { learningRate, momentum, shape, iterations: "exact" } as const;
  const path = follow(six, muon(six, options), start, 12, (_, t) => gradients[t]);
  let w = asMatrix(start, shape);
  let velocity = times(eye(shape[0], 0), w);
  for (const flat of gradients) {
    const g = asMatrix(flat, shape);
    velocity = plus(times(eye(shape[0], momentum), velocity), g);
    const look = plus(g, times(eye(shape[0], momentum), velocity));
    // (MMᵀ)^(−1/2)M, from the smaller side, which has full rank.
    const step =
      shape[0] < shape[1]
        ? times(
            symmetricFunction(times(look, transpose(look)), (h) => h ** -0.5),
            look,
          )
        : times(
            look,
            symmetricFunction(times(transpose(look), look), (h) => h ** -0.5),
          );
    const rate = learningRate * Math.sqrt(Math.max(1, shape[0] / shape[1]));
    w = w.map((row, i) => row.map((x, j) => x - rate * step[i][j]));
  }
  expectClose(path[11], w.flat(), 1e-9);
});

test("the quintic iteration brings all singular values near 1", () => {
  const shape = [2, 3] as const;
  const update = (iterations: number | "exact") => {
    const transform = orthogonalise({ shape, iterations });
    const own = Float64Array.from(gradients[0]);
    transform.update(own, transform.init(1, 6), new Float64Array(0));
    return asMatrix(own, shape);
  };
  const exact = times(update("exact"), transpose(update("exact")));
  expectClose(exact, eye(2), 1e-12);
  const rough = times(update(5), transpose(update("exact")));
  for (const i of [0, 1]) expect(Math.abs(rough[i][i] - 1)).toBeLessThan(0.35);
  expect(Math.abs(rough[0][1])).toBeLessThan(0.35);
});

test("a matrix without any gradient stays where it is", () => {
  for (const iterations of [5, "exact"] as const) {
    const policy = muon(six, { learningRate: 1, shape: [2, 3], iterations });
    expectClose(follow(six, policy, start, 1, () => new Array(6).fill(0))[0], start, 0);
  }
});

const curvature = [
  [3, 1],
  [1, 2],
];
const metric = [
  [2, 0.5],
  [0.5, 1],
];
const plane = defineProblem({
  landscape: { kind: "quadratic", curvature },
  objective: { timeStep: 0.25, mobility: 2, lossWeight: 3 },
  geometry: { metric },
});
const gradientAt = (at: Float64Array) => times(curvature, [[at[0]], [at[1]]]).flat();

test("Newton is there in one step, and half there with α = ½", () => {
  expectClose(follow(plane, newton(plane), [1, 2], 1, gradientAt)[0], [0, 0], 1e-15);
  const half = newton(plane, { learningRate: 0.5, curvature });
  expectClose(follow(plane, half, [1, 2], 1, gradientAt)[0], [0.5, 1], 1e-12);
  const damped = newton(plane, { damping: 1, curvature: [1, 3] });
  expectClose(follow(plane, damped, [0, 0], 1, () => [8, 8])[0], [-4, -2], 1e-12);
});

test("the ballistic step is √(ηk)Δt(G⁻¹H)^(−1/2)G⁻¹g", () => {
  const root = symmetricFunction(metric, (h) => h ** -0.5);
  const white = symmetricFunction(times(root, times(curvature, root)), (h) => h ** -0.5);
  const step = times(root, times(white, times(root, [[1], [2]]))).flat();
  const path = follow(plane, ballistic(plane), [0, 0], 1, () => [1, 2]);
  expectClose(
    path[0],
    step.map((value) => -0.25 * Math.sqrt(6) * value),
    1e-12,
  );
});

test("the natural gradient step is αG⁻¹g", () => {
  const path = follow(plane, naturalGradient(plane, { learningRate: 0.5 }), [0, 0], 1, () => [1, 2]);
  // Cramer's rule on [2 ½; ½ 1].
  expectClose(path[0], [0, -0.5 * (3.5 / 1.75)], 1e-12);
  const free = plain(2);
  expect(() => naturalGradient(free, { learningRate: 1 })).toThrow("metric: must be given");
  expect(() => naturalGradient(free, { learningRate: 1, metric: [[1]] }).init(1)).toThrow(
    "matrix: must have 2 rows",
  );
});

test("bad shapes and hidden curvatures are refused", () => {
  expect(() => shampoo(six, { learningRate: 1, shape: [2, 2] }).init(1)).toThrow(
    "shape: must have 6 entries, as many as parameters, got [2, 2]",
  );
  expect(() => muon(six, { learningRate: 1, shape: [2, 3], iterations: 0 })).toThrow(
    'iterations: must be a whole number >= 1, or "exact", got 0',
  );
  const hidden = defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.1, 10] } },
  });
  expect(() => newton(hidden)).toThrow("curvature: must be given where the landscape hides its own");
});
