import { Matrix } from "ml-matrix";
import { checkShape, type MatrixShape } from "./matrix-shape.js";
import { polarFactor } from "./spectral.js";
import { type GradientTransform, requireRange } from "./transform.js";

export interface OrthogonaliseOptions {
  /** The parameters as a matrix. */
  readonly shape: MatrixShape;
  /** Steps of the quintic iteration, or "exact" for UVᵀ by a singular value decomposition. Default 5. */
  readonly iterations?: number | "exact";
}

/**
 * (MMᵀ)^{−1/2}M: all singular values become 1 (exact), or close to it (Jordan et al., "Muon", 2024). The step is that of
 * steepest descent under the spectral norm. The state is d.
 */
export function orthogonalise({ shape, iterations = 5 }: OrthogonaliseOptions): GradientTransform<number> {
  if (iterations !== "exact") {
    const whole = Number.isInteger(iterations) && iterations >= 1;
    requireRange("iterations", iterations, whole, 'a whole number >= 1, or "exact"');
  }
  const [rows, columns] = shape;
  return {
    init: (_, dimension) => {
      checkShape(shape, dimension);
      return dimension;
    },
    update: (updates, d) => {
      for (let first = 0; first < updates.length; first += d) {
        const own = updates.subarray(first, first + d);
        const matrix = Matrix.from1DArray(rows, columns, Array.from(own));
        const factor = iterations === "exact" ? polarFactor(matrix) : newtonSchulz(matrix, iterations);
        own.set(factor.to1DArray());
      }
      return d;
    },
  };
}

/** Added to the norm, against division by zero. */
const EPSILON = 1e-7;

/** X ← aX + (bXXᵀ + c(XXᵀ)²)X from M/‖M‖, with Muon's coefficients: steep at 0, and near 1 only roughly. */
function newtonSchulz(matrix: Matrix, iterations: number): Matrix {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  const tall = matrix.rows > matrix.columns;
  let x = Matrix.mul(tall ? matrix.transpose() : matrix, 1 / (matrix.norm() + EPSILON));
  for (let i = 0; i < iterations; i++) {
    const square = x.mmul(x.transpose());
    const bend = Matrix.add(Matrix.mul(square, b), square.mmul(square).mul(c));
    x = Matrix.mul(x, a).add(bend.mmul(x));
  }
  return tall ? x.transpose() : x;
}
