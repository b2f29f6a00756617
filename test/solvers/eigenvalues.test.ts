import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { type Eigenvalue, eigenvaluesOf } from "../../solvers/eigenvalues.js";
import { denseProblem } from "./random-problems.js";

/** The largest distance between each and the nearest of the others, every one of which is taken once. */
function distance(found: readonly Eigenvalue[], expected: readonly Eigenvalue[]): number {
  expect(found.length).toBe(expected.length);
  const left = [...expected];
  const gap = (one: Eigenvalue, other: Eigenvalue) =>
    Math.hypot(one.real - other.real, one.imaginary - other.imaginary);
  return Math.max(
    ...found.map((one) => {
      const nearest = left.reduce((best, other) => (gap(one, other) < gap(one, best) ? other : best));
      left.splice(left.indexOf(nearest), 1);
      return gap(one, nearest);
    }),
  );
}

const real = (value: number) => ({ real: value, imaginary: 0 });

test.each([2, 3, 5, 24, 65])("%d random rows: as by the decomposition with eigenvectors", (size) => {
  const matrix = new Matrix(denseProblem(size, 1, 0.1).drift as number[][]);
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(matrix);
  const expected = realEigenvalues.map((value, i) => ({ real: value, imaginary: imaginaryEigenvalues[i] }));
  expect(distance(eigenvaluesOf(matrix), expected)).toBeLessThan(1e-12);
});

test("a turned triangle has the eigenvalues of its diagonal, small ones too", () => {
  const triangle = new Matrix([
    [3, 1, 2, -1],
    [0, -2, 4, 1],
    [0, 0, 0.5, 7],
    [0, 0, 0, 1e-3],
  ]);
  const v = Matrix.columnVector([1, -2, 0.5, 1]);
  const turn = Matrix.eye(4).sub(v.mmul(v.transpose()).mul(2 / v.dot(v)));
  const found = eigenvaluesOf(turn.mmul(triangle).mmul(turn));
  expect(distance(found, [3, -2, 0.5, 1e-3].map(real))).toBeLessThan(1e-12);
});

test.each([
  { diagonal: [1, 1, 1, 0, 0], beside: 2, v: [-2, 0, -3, -3, -2], w: [-1, 1, -1, -2, 2] },
  {
    diagonal: [-1, -1, -1, 0, 1, 0, 1],
    beside: 2,
    v: [-3, -3, -2, 0, -2, 0, -2],
    w: [0, 2, 1, 2, -3, 1, -1],
  },
])("few eigenvalues, each many times and none defective: $diagonal", ({ diagonal, beside, v, w }) => {
  const size = diagonal.length;
  const mirror = (across: number[]) => {
    const normal = Matrix.columnVector(across);
    return Matrix.eye(size).sub(normal.mmul(normal.transpose()).mul(2 / normal.dot(normal)));
  };
  const block = Matrix.diag(diagonal).set(beside, beside + 1, 1);
  const turned = mirror(w).mmul(mirror(v)).mmul(block).mmul(mirror(v)).mmul(mirror(w));
  expect(distance(eigenvaluesOf(turned), diagonal.map(real))).toBeLessThan(1e-13);
});

test("a cycle, on which plain shifts go round: the roots of one", () => {
  const size = 6;
  const cycle = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) cycle.set((i + 1) % size, i, 1);
  const angles = Array.from({ length: size }, (_, i) => (2 * Math.PI * i) / size);
  const roots = angles.map((angle) => ({ real: Math.cos(angle), imaginary: Math.sin(angle) }));
  expect(distance(eigenvaluesOf(cycle), roots)).toBeLessThan(1e-12);
});

test("coupled pairs that the shifts of both blocks leave alone: ±√(1 − h²/4) ± ih/2", () => {
  const h = 2 ** -14;
  const coupled = new Matrix([
    [0, 1, 0, 0],
    [1, 0, h, 0],
    [0, -h, 0, 1],
    [0, 0, 1, 0],
  ]);
  const [far, near] = [Math.sqrt(1 - h ** 2 / 4), h / 2];
  const expected = [far, -far].flatMap((part) =>
    [near, -near].map((imaginary) => ({ real: part, imaginary })),
  );
  expect(distance(eigenvaluesOf(coupled), expected)).toBeLessThan(1e-13);
});

test("near the identity, as the steps of a small Δt are: 1 + Δt·λ", () => {
  const [size, timeStep] = [24, 2 ** -40];
  const drift = new Matrix(denseProblem(size, 1, 0.1).drift as number[][]);
  // What is left of it in I + ΔtA.
  const step = Matrix.add(Matrix.mul(drift, timeStep), Matrix.eye(size));
  const kept = Matrix.sub(step, Matrix.eye(size)).div(timeStep);
  const expected = eigenvaluesOf(kept).map(({ real: value, imaginary }) => ({
    real: 1 + timeStep * value,
    imaginary: timeStep * imaginary,
  }));
  expect(distance(eigenvaluesOf(step), expected)).toBeLessThan(1e-14);
});

test("symmetric and diagonal matrices have theirs in order", () => {
  const symmetric = new Matrix([
    [2, 1],
    [1, 2],
  ]);
  expect(distance(eigenvaluesOf(symmetric), [1, 3].map(real))).toBeLessThan(1e-14);
  expect(eigenvaluesOf(Matrix.diag([3, -1]))).toEqual([-1, 3].map(real));
});

test.each([
  [Number.NaN, 1, 2],
  [Number.POSITIVE_INFINITY, 1, 1],
  [1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [Number.NaN, 0, 0],
])("a matrix that is not finite has none: [%d, %d, %d, 1]", (a, b, c) => {
  const none = { real: Number.NaN, imaginary: Number.NaN };
  const matrix = new Matrix([
    [a, b],
    [c, 1],
  ]);
  expect(eigenvaluesOf(matrix)).toEqual([none, none]);
});
