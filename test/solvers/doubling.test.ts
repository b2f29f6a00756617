import { inverse, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { float64 } from "../../solvers/arithmetic.js";
import { linearCayley, sumToFixedPoint } from "../../solvers/doubling.js";
import { expectClose } from "./close.js";

const cost = new Matrix([
  [2, 0.5, 0],
  [0.5, 1, -0.3],
  [0, -0.3, 0.7],
]);
const drift = new Matrix([
  [-1, 3, 0],
  [0, -0.2, 1],
  [0.1, 0, -2],
]);

/** X in vec X = −K⁻¹·vec Q. */
function solved(kronecker: Matrix): number[] {
  return inverse(kronecker).mmul(Matrix.columnVector(cost.to1DArray())).mul(-1).to1DArray();
}

test("doubling a sum solves X = Q + AᵀXA", () => {
  const transition = Matrix.mul(drift, 0.4);
  const back = transition.transpose();
  const expected = solved(Matrix.sub(back.kroneckerProduct(back), Matrix.eye(9)));
  const { solution, converged } = sumToFixedPoint(float64, { transition, cost });
  expect(converged).toBe(true);
  expectClose(solution.to1DArray(), expected, 1e-13);
});

test("the transform without a push solves AᵀX + XA + Q = 0, whatever the shift", () => {
  const back = drift.transpose();
  const expected = solved(back.kroneckerSum(back));
  for (const shift of [0.3, 2, 30]) {
    const { solution } = sumToFixedPoint(float64, linearCayley(float64, { transition: drift, cost }, shift));
    expectClose(solution.to1DArray(), expected, 1e-12);
  }
});

test("a sum that grows for ever, and one that is cut short, is a status", () => {
  expect(sumToFixedPoint(float64, { transition: Matrix.eye(3, 3, 1.1), cost }).converged).toBe(false);
  const slow = { transition: Matrix.eye(3, 3, 0.99), cost };
  expect(sumToFixedPoint(float64, slow, { maxIterations: 3 }).converged).toBe(false);
});
