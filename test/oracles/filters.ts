import { inverse, LuDecomposition, Matrix } from "ml-matrix";

/** Slow, obviously right beliefs: whole histories conditioned at once. All are about z_t = Cμ_t + noise of covariance N. */
export interface Looks {
  readonly mean: number[];
  readonly covariance: number[][];
  /** C, shape [k, d]. Default I. */
  readonly observation?: number[][];
  /** N, shape [k, k]. */
  readonly noise: number[][];
  /** z_t, one row per step. */
  readonly looks: number[][];
}

/** The joint covariance of all looks when μ is a stationary process with autocorrelation a^|s−t|, and what they are beyond their means. */
function joint({ mean, covariance, observation, noise, looks }: Looks, survival: number) {
  const [sigma, n] = [new Matrix(covariance), new Matrix(noise)];
  const c = observation ? new Matrix(observation) : Matrix.eye(mean.length);
  const [k, steps] = [n.rows, looks.length];
  const all = Matrix.zeros(k * steps, k * steps);
  for (let s = 0; s < steps; s++) {
    for (let t = 0; t < steps; t++) {
      const block = c
        .mmul(sigma)
        .mmul(c.transpose())
        .mul(survival ** Math.abs(s - t));
      if (s === t) block.add(n);
      all.setSubMatrix(block, s * k, t * k);
    }
  }
  const expected = c.mmul(Matrix.columnVector(mean)).to1DArray();
  const surprise = Matrix.columnVector(looks.flatMap((z) => z.map((value, i) => value - expected[i])));
  return { all, surprise, across: sigma.mmul(c.transpose()) };
}

/** Mean and covariance of μ `lag` steps after the last look, when μ is such a process: one big Gaussian. */
export function conditional(given: Looks, survival: number, lag = 0) {
  const { all, surprise, across } = joint(given, survival);
  const steps = given.looks.length;
  const withLast = Matrix.zeros(across.rows, all.rows);
  for (let s = 0; s < steps; s++) {
    withLast.setSubMatrix(Matrix.mul(across, survival ** (steps - 1 - s + lag)), 0, s * across.columns);
  }
  const gain = withLast.mmul(inverse(all));
  const mean = gain.mmul(surprise).to1DArray();
  return {
    mean: mean.map((value, i) => value + given.mean[i]),
    covariance: Matrix.sub(new Matrix(given.covariance), gain.mmul(withLast.transpose())),
  };
}

/** E[μ_T | z_0 … z_T]. */
export function conditionJointly(given: Looks, survival: number): number[] {
  return conditional(given, survival).mean;
}

/** log N(z_first … z_last) for one constant μ, and E[μ | them]. */
function segment(given: Looks, first: number, last: number) {
  const part = { ...given, looks: given.looks.slice(first, last + 1) };
  const { all, surprise } = joint(part, 1);
  const quadratic = surprise.transpose().mmul(inverse(all)).mmul(surprise).get(0, 0);
  const determinant = new LuDecomposition(all).determinant;
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
