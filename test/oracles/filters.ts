import { inverse, LuDecomposition, Matrix } from "ml-matrix";

/** Slow, obviously right beliefs: whole histories conditioned at once. All are about z_t = μ_t + noise of covariance N. */
export interface Looks {
  readonly mean: number[];
  readonly covariance: number[][];
  /** N, shape [d, d]. */
  readonly noise: number[][];
  /** z_t, one row per step. */
  readonly looks: number[][];
}

/** E[μ_T | z_0 … z_T] when μ is a stationary process with autocorrelation a^|s−t|: one big Gaussian. */
export function conditionJointly({ mean, covariance, noise, looks }: Looks, survival: number): number[] {
  const d = mean.length;
  const steps = looks.length;
  const joint = Matrix.zeros(d * steps, d * steps);
  const withLast = Matrix.zeros(d, d * steps);
  for (let s = 0; s < steps; s++) {
    for (let t = 0; t < steps; t++) {
      const block = new Matrix(covariance).mul(survival ** Math.abs(s - t));
      if (s === t) block.add(new Matrix(noise));
      joint.setSubMatrix(block, s * d, t * d);
    }
    withLast.setSubMatrix(new Matrix(covariance).mul(survival ** (steps - 1 - s)), 0, s * d);
  }
  const surprise = Matrix.columnVector(looks.flatMap((z) => z.map((value, i) => value - mean[i])));
  return withLast
    .mmul(inverse(joint))
    .mmul(surprise)
    .to1DArray()
    .map((value, i) => value + mean[i]);
}

/** log N(z_first … z_last) for one constant μ, and E[μ | them]. */
function segment({ mean, covariance, noise, looks }: Looks, first: number, last: number) {
  const part = { mean, covariance, noise, looks: looks.slice(first, last + 1) };
  const count = part.looks.length;
  const d = mean.length;
  const joint = Matrix.zeros(d * count, d * count);
  for (let s = 0; s < count; s++) {
    for (let t = 0; t < count; t++) {
      const block = new Matrix(covariance);
      if (s === t) block.add(new Matrix(noise));
      joint.setSubMatrix(block, s * d, t * d);
    }
  }
  const surprise = Matrix.columnVector(part.looks.flatMap((z) => z.map((value, i) => value - mean[i])));
  const quadratic = surprise.transpose().mmul(inverse(joint)).mmul(surprise).get(0, 0);
  const determinant = new LuDecomposition(joint).determinant;
  return { log: -0.5 * (quadratic + Math.log(determinant)), mean: conditionJointly(part, 1) };
}

/** E[μ_T | z_0 … z_T] when μ is redrawn with probability 1 − a between steps: every history of redraws is tried. */
export function enumerateRedraws(all: Looks, survival: number): number[] {
  const last = all.looks.length - 1;
  const total = all.mean.map(() => 0);
  let evidence = 0;
  for (let history = 0; history < 2 ** last; history++) {
    let prior = 1;
    let log = 0;
    let from = 0;
    for (let t = 1; t <= last; t++) {
      const redrawn = (history >> (t - 1)) & 1;
      prior *= redrawn ? 1 - survival : survival;
      if (!redrawn) continue;
      log += segment(all, from, t - 1).log;
      from = t;
    }
    const present = segment(all, from, last);
    const weight = prior * Math.exp(log + present.log);
    evidence += weight;
    present.mean.forEach((value, i) => {
      total[i] += weight * value;
    });
  }
  return total.map((value) => value / evidence);
}
