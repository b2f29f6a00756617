import { expect, test } from "vitest";
import { finiteHorizonRate } from "../../solvers/finite-horizon.js";
import { continuousRate } from "../../solvers/scalar.js";
import { finiteHorizonCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";

test.each(finiteHorizonCases.map((each, index) => ({ each, index })))(
  "reference schedule $index",
  ({ each }) => {
    expectClose(
      each.times.map((time) => finiteHorizonRate(each, time)),
      each.rate,
      1e-8,
    );
  },
);

test("the schedule begins at the endless rate and ends at the terminal weight", () => {
  const problem = { curvature: 2, mobility: 0.5, lossWeight: 3, discountRate: 0.7, horizon: 200 };
  expectClose(finiteHorizonRate(problem, 0), continuousRate(problem), 1e-12);
  expect(finiteHorizonRate(problem, 200)).toBe(0);
  expectClose(finiteHorizonRate({ ...problem, terminalWeight: 1e6 }, 200), 5e5, 1e-12);
  expect(() => finiteHorizonRate(problem, 201)).toThrow("time: must lie in [0, 200], got 201");
});
