import type { Matrix } from "ml-matrix";
import { divisionBy, minus, plus, product, requireRegular, times } from "./dense.js";

/** What an algorithm on real matrices needs of them, so that it can be run in more than one precision. */
export interface Arithmetic<M> {
  readonly of: (matrix: Matrix) => M;
  /** To the nearest float64. */
  readonly rounded: (matrix: M) => Matrix;
  readonly plus: (left: M, right: M) => M;
  readonly minus: (left: M, right: M) => M;
  readonly times: (matrix: M, factor: number) => M;
  readonly product: (left: M, right: M) => M;
  readonly transpose: (matrix: M) => M;
  /** right ↦ left⁻¹·right for a square `left`; null when it is singular or not finite. */
  readonly divisionBy: (left: M) => ((right: M) => M) | null;
}

export const float64: Arithmetic<Matrix> = {
  of: (matrix) => matrix,
  rounded: (matrix) => matrix,
  plus,
  minus,
  times,
  product,
  transpose: (matrix) => matrix.transpose(),
  divisionBy,
};

/** (M + Mᵀ)/2, against the asymmetry that rounding leaves. */
export function symmetric<M>({ plus, times, transpose }: Arithmetic<M>, matrix: M): M {
  return times(plus(matrix, transpose(matrix)), 0.5);
}

/**
 * left⁻¹·right for a square `left`.
 *
 * @throws Error when `left` is singular
 */
export function ratio<M>({ divisionBy }: Arithmetic<M>, left: M, right: M): M {
  return requireRegular(divisionBy(left))(right);
}
