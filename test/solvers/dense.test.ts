import { Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import type { Arithmetic } from "../../solvers/arithmetic.js";
import { twice } from "../../solvers/compensated.js";
import { scalarOf } from "../../solvers/dense.js";
import { fixedPoint } from "../../solvers/fixed-point.js";

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

describe("twice float64", () => agreesWithAlgebra(twice));

describe("256 binary digits", () => agreesWithAlgebra(fixedPoint(256)));

test("what is not finite cannot be divided by", () => {
  expect(twice.divisionBy(twice.of(new Matrix([[Number.NaN]])))).toBeNull();
});

test("256 binary digits hold what float64 holds, and more", () => {
  const { of, rounded, plus, minus } = fixedPoint(256);
  const row = new Matrix([[-1e26 / 3, 2 ** -250, -(2 ** -200) / 3, -0.1, 1e300, 0]]);
  expect(rounded(of(row)).to2DArray()).toEqual(row.to2DArray());
  const both = plus(of(row), of(new Matrix([[1, 1, 1, 1, 1, 1]])));
  expect(rounded(minus(both, of(row))).to1DArray()).toEqual([1, 1, 1, 1, 1, 1]);
});

function agreesWithAlgebra<M>(wide: Arithmetic<M>): void {
  const number = (value: number) => wide.of(new Matrix([[value]]));
  test("a product keeps what cancellation loses", () => {
    const one = (row: number[], column: number[]) =>
      wide.rounded(wide.product(wide.of(new Matrix([row])), wide.of(Matrix.columnVector(column)))).get(0, 0);
    expect(one([1 + 2 ** -30, 1], [1 - 2 ** -30, -1])).toBe(-(2 ** -60));
    expect(one([1e16, 1, -1e16], [1, 3, 1])).toBe(3);
  });

  test("sums and multiples keep what float64 drops", () => {
    const sum = wide.plus(number(1), number(2 ** -80));
    expect(wide.rounded(sum).get(0, 0)).toBe(1);
    expect(wide.rounded(wide.minus(sum, number(1))).get(0, 0)).toBe(2 ** -80);
    const third = wide.times(wide.of(new Matrix([[1 / 3]])), 3);
    expect(wide.rounded(wide.minus(third, number(1))).get(0, 0)).toBe(-(2 ** -54));
  });

  test("division: Hilbert's matrix of order 10, whose inverse is of integers", () => {
    const size = 10;
    const cells = (of: (i: number, j: number) => number) =>
      wide.of(
        new Matrix(Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => of(i, j)))),
      );
    const over = (i: number, j: number) => i + j + 1;
    const high = cells((i, j) => 1 / over(i, j));
    // 1/n − fl(1/n) = (1 − n·fl(1/n))/n.
    const lost = cells((i, j) => {
      const left = wide.minus(number(1), wide.times(number(1 / over(i, j)), over(i, j)));
      return wide.rounded(left).get(0, 0) / over(i, j);
    });
    const inverse = wide.divisionBy(wide.plus(high, lost))!(wide.of(Matrix.eye(size)));
    const corner = wide.rounded(inverse);
    expect(corner.get(0, 0)).toBe(100);
    expect(corner.get(9, 9)).toBe(44914183600);
    expect(corner.get(6, 6)).toBe(3480673996800);
    expect(wide.divisionBy(number(0))).toBeNull();
  });

  test("division swaps rows where the pivot vanishes, and gives back what it divided", () => {
    const left = wide.of(
      new Matrix([
        [0, 2, 1],
        [1, 1e-20, 3],
        [4, 5, 6],
      ]),
    );
    const right = wide.of(
      new Matrix([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
    const error = wide.minus(wide.product(left, wide.divisionBy(left)!(right)), right);
    expect(wide.rounded(error).norm()).toBeLessThan(1e-29);
  });
}
