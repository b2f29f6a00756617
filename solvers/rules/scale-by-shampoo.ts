import { Matrix } from "ml-matrix";
import { symmetrise } from "../dense.js";
import { checkShape, type MatrixShape } from "./matrix-shape.js";
import { spectralFunction } from "./spectral.js";
import { type GradientTransform, requireRange } from "./transform.js";

export interface ScaleByShampooOptions {
  /** The parameters as a matrix W. */
  readonly shape: MatrixShape;
  /** ε > 0: L and R begin at εI. Default 1e-4. */
  readonly epsilon?: number;
}

/** L and R of each of the n environments. */
export interface ShampooState {
  readonly left: Matrix[];
  readonly right: Matrix[];
}

/** L ← L + GGᵀ, R ← R + GᵀG, L^{−1/4}GR^{−1/4} (Gupta, Koren and Singer, arXiv:1802.09568, algorithm 1). */
export function scaleByShampoo({
  shape,
  epsilon = 1e-4,
}: ScaleByShampooOptions): GradientTransform<ShampooState> {
  requireRange("epsilon", epsilon, epsilon > 0, "> 0");
  const [rows, columns] = shape;
  const start = (size: number) => Matrix.eye(size, size, epsilon);
  const root = (matrix: Matrix) =>
    spectralFunction(symmetrise(matrix), (value) => Math.max(value, epsilon) ** -0.25);
  return {
    init: (batch, dimension) => {
      checkShape(shape, dimension);
      return {
        left: Array.from({ length: batch }, () => start(rows)),
        right: Array.from({ length: batch }, () => start(columns)),
      };
    },
    update: (updates, state) => {
      state.left.forEach((left, n) => {
        const own = updates.subarray(n * rows * columns, (n + 1) * rows * columns);
        const gradient = Matrix.from1DArray(rows, columns, Array.from(own));
        const right = state.right[n];
        left.add(gradient.mmul(gradient.transpose()));
        right.add(gradient.transpose().mmul(gradient));
        own.set(root(left).mmul(gradient).mmul(root(right)).to1DArray());
      });
      return state;
    },
  };
}
