import { test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { steppedCost } from "../../solvers/collocation/stepped-cost.js";
import { controlFieldOf } from "../../solvers/hjb/control-field.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { solveDiscrete } from "../../solvers/riccati.js";
import { expectClose } from "./close.js";

const problem = defineProblem({
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.7],
      [0.7, 1],
    ],
  },
  objective: { discountRate: 0.5, mobility: 1.3, lossWeight: 0.7, timeStep: 0.2 },
  geometry: {
    metric: [
      [2, 0.5],
      [0.5, 1],
    ],
  },
});

test.each([1, 7])("%d steps and their tail cost what the Riccati matrix says, from any guess", (steps) => {
  const { valueMatrix } = solveDiscrete(linearQuadraticOf(problem));
  const tail = { at: new Float64Array(2), curvature: Float64Array.from(valueMatrix.flat()), restingValue: 0 };
  const from = Float64Array.of(1.1, -0.7);
  const field = controlFieldOf(problem);
  const stepped = { field, timeStep: 0.2, leastCost: 0, tail, from };
  const guess = Float64Array.from({ length: 2 * steps }, (_, i) => Math.sin(3 * i));
  const [[a, b], [, c]] = valueMatrix;
  const expected = (a * from[0] ** 2 + 2 * b * from[0] * from[1] + c * from[1] ** 2) / 2;
  expectClose(steppedCost(stepped, guess), expected, 1e-12);
  const discount = Math.exp(-0.5 * 0.2 * steps);
  const dearer = { ...stepped, tail: { ...tail, restingValue: 3 } };
  expectClose(steppedCost(dearer, guess), expected + 3 * discount, 1e-12);
});
