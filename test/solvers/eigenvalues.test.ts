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

test("a cycle, on which plain shifts go round: the roots of one", () => {
  const size = 6;
  const cycle = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) cycle.set((i + 1) % size, i, 1);
  const angles = Array.from({ length: size }, (_, i) => (2 * Math.PI * i) / size);
  const roots = angles.map((angle) => ({ real: Math.cos(angle), imaginary: Math.sin(angle) }));
  expect(distance(eigenvaluesOf(cycle), roots)).toBeLessThan(1e-12);
});

test("symmetric and diagonal matrices have theirs in order", () => {
  const symmetric = new Matrix([
    [2, 1],
    [1, 2],
  ]);
  expect(distance(eigenvaluesOf(symmetric), [1, 3].map(real))).toBeLessThan(1e-14);
  expect(eigenvaluesOf(Matrix.diag([3, -1]))).toEqual([-1, 3].map(real));
  expect(
    eigenvaluesOf(
      new Matrix([
        [Number.NaN, 1],
        [2, 3],
      ]),
    ).every((one) => Number.isNaN(one.real)),
  ).toBe(true);
});
