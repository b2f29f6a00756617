// The informed value of a task that lasts, in forms that keep digits where the general one loses them.
import { dimensionOf, type NavigationProblem } from "../envs/problem/problem.js";
import type { InformedValue } from "./informed-value.js";
import { linearQuadraticOf, operatorsOf } from "./linear-quadratic.js";
import { discreteLaw } from "./riccati.js";

/** Without a drift and with a task that lasts only θ − μ matters: V = ½(θ − μ)ᵀS(θ − μ). */
export function gapValue(problem: NavigationProblem): InformedValue {
  const curvature = operatorsOf(problem).before.to2DArray();
  const d = dimensionOf(problem);
  const gap = new Float64Array(d);
  return {
    evaluate: (parameters, minima, _, count, values, gradients) => {
      for (let n = 0; n < count; n++) {
        const first = n * d;
        for (let i = 0; i < d; i++) gap[i] = parameters[first + i] - minima[first + i];
        let value = 0;
        for (let i = 0; i < d; i++) {
          let slope = 0;
          for (let j = 0; j < d; j++) slope += curvature[i][j] * gap[j];
          value += (slope * gap[i]) / 2;
          if (gradients) gradients[first + i] = slope;
        }
        if (values) values[n] = value;
      }
    },
  };
}

/**
 * With next to nothing discounted D and e have hardly a bound in the directions in which μ makes resting cost: each
 * minimum is a problem of its own, with the same S. Null where there is no single resting point to read V off at.
 */
export function readOffValue(problem: NavigationProblem): InformedValue | null {
  const matrices = linearQuadraticOf(problem);
  const operators = operatorsOf(problem);
  const d = dimensionOf(problem);
  const lawAt = (minimum: readonly number[]) => {
    const { valueMatrix, valueVector, valueConstant } = discreteLaw({ ...matrices, minimum }, operators);
    return { minimum, valueMatrix, valueVector, constant: valueConstant };
  };
  let law = lawAt(matrices.minimum);
  if (law.constant === null) return null;
  return {
    evaluate: (parameters, minima, _, count, values, gradients) => {
      for (let n = 0; n < count; n++) {
        const first = n * d;
        if (law.minimum.some((value, i) => value !== minima[first + i]))
          law = lawAt(Array.from({ length: d }, (_, i) => minima[first + i]));
        let value = law.constant ?? Infinity;
        for (let i = 0; i < d; i++) {
          const own = law.valueMatrix[i].reduce((sum, s, j) => sum + s * parameters[first + j], 0);
          value += (own / 2 - law.valueVector[i]) * parameters[first + i];
          if (gradients) gradients[first + i] = own - law.valueVector[i];
        }
        if (values) values[n] = value;
      }
    },
  };
}
