import { Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { twice } from "../../solvers/compensated.js";
import { scalarOf } from "../../solvers/dense.js";

test("a multiple of the identity is told from one that is off by more than rounding", () => {
  const off = (by: number) =>
    new Matrix([
      [3, 0],
      [3 * by, 3],
    ]);
  expect(scalarOf(off(0))).toBe(3);
  expect(scalarOf(off(1e-12))).toBe(3);
  expect(scalarOf(off(4e-12))).toBeNull();
  expect(scalarOf(new Matrix([[1, 0]]))).toBeNull();
});

const number = (value: number) => twice.of(new Matrix([[value]]));

test("a product in twice the precision keeps what cancellation loses", () => {
  const one = (row: number[], column: number[]) =>
    twice
      .rounded(twice.product(twice.of(new Matrix([row])), twice.of(Matrix.columnVector(column))))
      .get(0, 0);
  expect(one([1 + 2 ** -30, 1], [1 - 2 ** -30, -1])).toBe(-(2 ** -60));
  expect(one([1e16, 1, -1e16], [1, 3, 1])).toBe(3);
});

test("sums and multiples in twice the precision keep what float64 drops", () => {
  const sum = twice.plus(number(1), number(2 ** -80));
  expect(twice.rounded(sum).get(0, 0)).toBe(1);
  expect(twice.rounded(twice.minus(sum, number(1))).get(0, 0)).toBe(2 ** -80);
  const third = twice.times(twice.of(new Matrix([[1 / 3]])), 3);
  expect(twice.rounded(twice.minus(third, number(1))).get(0, 0)).toBe(-(2 ** -54));
});

test("division in twice the precision: Hilbert's matrix of order 10, whose inverse is of integers", () => {
  const size = 10;
  const cells = (of: (i: number, j: number) => number) =>
    twice.of(
      new Matrix(Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => of(i, j)))),
    );
  const over = (i: number, j: number) => i + j + 1;
  const high = cells((i, j) => 1 / over(i, j));
  // 1/n − fl(1/n) = (1 − n·fl(1/n))/n.
  const lost = cells((i, j) => {
    const left = twice.minus(number(1), twice.times(number(1 / over(i, j)), over(i, j)));
    return twice.rounded(left).get(0, 0) / over(i, j);
  });
  const inverse = twice.divisionBy(twice.plus(high, lost))!(twice.of(Matrix.eye(size)));
  const corner = twice.rounded(inverse);
  expect(corner.get(0, 0)).toBe(100);
  expect(corner.get(9, 9)).toBe(44914183600);
  expect(corner.get(6, 6)).toBe(3480673996800);
  expect(twice.divisionBy(number(0))).toBeNull();
  expect(twice.divisionBy(number(Number.NaN))).toBeNull();
});

test("division in twice the precision swaps rows where the pivot vanishes, and gives back what it divided", () => {
  const left = twice.of(
    new Matrix([
      [0, 2, 1],
      [1, 1e-20, 3],
      [4, 5, 6],
    ]),
  );
  const right = twice.of(
    new Matrix([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  );
  const error = twice.minus(twice.product(left, twice.divisionBy(left)!(right)), right);
  expect(twice.rounded(error).norm()).toBeLessThan(1e-29);
});
