import { Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { compensatedProduct } from "../../solvers/compensated.js";
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

test("a compensated product keeps what cancellation loses", () => {
  const one = (row: number[], column: number[]) =>
    compensatedProduct(new Matrix([row]), Matrix.columnVector(column)).get(0, 0);
  expect(one([1 + 2 ** -30, 1], [1 - 2 ** -30, -1])).toBe(-(2 ** -60));
  expect(one([1e16, 1, -1e16], [1, 3, 1])).toBe(3);
});
