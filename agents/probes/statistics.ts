import { Matrix, solve } from "ml-matrix";

/** Coefficients of the least-squares fit y ≈ Σ cⱼ·columnⱼ + constant; the constant comes last. */
export function linearFit(columns: readonly ArrayLike<number>[], y: ArrayLike<number>): number[] {
  const design = Matrix.zeros(y.length, columns.length + 1);
  for (let i = 0; i < y.length; i++) {
    for (let j = 0; j < columns.length; j++) design.set(i, j, columns[j][i]);
    design.set(i, columns.length, 1);
  }
  const normal = design.transpose().mmul(design);
  return solve(normal, design.transpose().mmul(Matrix.columnVector(Array.from(y)))).to1DArray();
}

export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}

/** Unbiased standard deviation. */
export function standardDeviation(values: ArrayLike<number>): number {
  const center = mean(values);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += (values[i] - center) ** 2;
  return Math.sqrt(total / (values.length - 1));
}

/** 97.5 % points of Student's t with 1 … 30 degrees of freedom. */
const T_975 = [
  12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881,
  2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.0639,
  2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
];

/** Half the width of the 95 % interval of a mean; undefined for one value. */
export function halfWidth95(values: ArrayLike<number>): number | undefined {
  const freedom = values.length - 1;
  if (freedom < 1) return undefined;
  // Cornish-Fisher beyond the table, within 1e-4 of the exact quantile.
  const t = T_975[freedom - 1] ?? 1.959964 + 2.3722 / freedom + 2.8225 / freedom ** 2;
  return (t * standardDeviation(values)) / Math.sqrt(values.length);
}
