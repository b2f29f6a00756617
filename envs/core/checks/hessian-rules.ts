import { type Rule, require } from "./report.js";
import { differencesAlong, gradientsAt, productsAt, requireMostlySmooth, type Samples } from "./samples.js";

/** Hessian-vector products. */
export const hessianRules: readonly Rule<Samples>[] = [
  {
    rule: "the Hessian is the derivative of the gradient",
    hold(samples) {
      const { directions, count, tolerance, landscape } = samples;
      const { dimension } = landscape;
      const products = productsAt(samples, directions[0]);
      const gradients = gradientsAt(samples, samples.points);
      const { values: expected, isRough } = differencesAlong(samples, directions[0], (at) =>
        gradientsAt(samples, at),
      );
      let rough = 0;
      for (let n = 0; n < count; n++) {
        const scale = Math.max(
          largest(products, n, dimension),
          largest(expected, n, dimension),
          1e-3 * Math.max(1, largest(gradients, n, dimension)),
        );
        for (let i = n * dimension; i < (n + 1) * dimension; i++) {
          const error = Math.abs(products[i] - expected[i]) / scale;
          if (error > tolerance && isRough(i, tolerance * scale)) rough++;
          else
            require(error <=
              tolerance, `(Hv)[${i % dimension}] at point ${n} is ${products[i]}, and by differences ${expected[i]} (relative error ${error.toExponential(1)} > ${tolerance})`, "correct hessianVector");
        }
      }
      requireMostlySmooth(rough, samples.points.length);
    },
  },
  {
    rule: "the Hessian is symmetric",
    hold(samples) {
      const { directions, count, tolerance, landscape } = samples;
      const [v, w] = directions;
      const [hv, hw] = directions.map((vectors) => productsAt(samples, vectors));
      for (let n = 0; n < count; n++) {
        const [one, other] = [dot(w, hv, n, landscape.dimension), dot(v, hw, n, landscape.dimension)];
        const scale = Math.max(1, Math.abs(one), Math.abs(other));
        require(Math.abs(one - other) <=
          10 * tolerance * scale, `wᵀHv is ${one} and vᵀHw ${other} at point ${n}`, "correct hessianVector");
      }
    },
  },
];

function largest(values: Float64Array, n: number, dimension: number): number {
  let most = 0;
  for (let i = n * dimension; i < (n + 1) * dimension; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

function dot(a: Float64Array, b: Float64Array, n: number, dimension: number): number {
  let sum = 0;
  for (let i = n * dimension; i < (n + 1) * dimension; i++) sum += a[i] * b[i];
  return sum;
}
