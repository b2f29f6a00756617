import { EVD, Matrix } from "ml-matrix";

/**
 * Where the covariance matrix adaptation evolution strategy searches: N(m, σ²C), after Hansen, "The CMA evolution
 * strategy: a tutorial" (arXiv:1604.00772). The mean m is kept by the caller.
 */
export interface SearchDistribution {
  /** Generations done. */
  readonly generation: number;
  /** σ. */
  readonly sigma: number;
  /** C, `[n, n]` row-major. */
  readonly covariance: Float64Array;
  /** Evolution paths p_σ and p_c, `[n]`. */
  readonly sigmaPath: Float64Array;
  readonly covariancePath: Float64Array;
}

/** One generation: candidates m + σ·BDz, and what they were made from. */
export interface Generation {
  /** `[members][n]`. */
  readonly candidates: readonly Float64Array[];
  /** z ~ N(0, I), `[members · n]`. */
  readonly normals: Float64Array;
  /** B, whose columns are the eigenvectors of C. */
  readonly axes: Matrix;
}

/** λ = 4 + ⌊3 ln n⌋. */
export function defaultMembers(size: number): number {
  return 4 + Math.floor(3 * Math.log(size));
}

/** C = I and no paths. */
export function initialDistribution(size: number, sigma: number): SearchDistribution {
  return {
    generation: 0,
    sigma,
    covariance: Float64Array.from(Matrix.eye(size).to1DArray()),
    sigmaPath: new Float64Array(size),
    covariancePath: new Float64Array(size),
  };
}

export function sample(
  mean: Float64Array,
  { sigma, covariance }: SearchDistribution,
  normals: Float64Array,
): Generation {
  const size = mean.length;
  const { eigenvectorMatrix: axes, realEigenvalues } = new EVD(Matrix.from1DArray(size, size, covariance), {
    assumeSymmetric: true,
  });
  const scales = Float64Array.from(realEigenvalues, (value) => Math.sqrt(Math.max(value, 0)));
  const candidates = Array.from({ length: normals.length / size }, (_, k) => {
    const scaled = scales.map((scale, i) => scale * normals[k * size + i]);
    return times(axes, scaled).map((value, i) => mean[i] + sigma * value);
  });
  return { candidates, normals, axes };
}

/**
 * Moves the mean, in place, and adapts the distribution to which candidates cost least. The strategy's constants
 * are the tutorial's defaults, with positive weights only.
 */
export function adapt(
  mean: Float64Array,
  { generation, sigma, covariance, sigmaPath, covariancePath }: SearchDistribution,
  { candidates, normals, axes }: Generation,
  costs: readonly number[],
): SearchDistribution {
  const n = mean.length;
  const { weights, effective, cSigma, damping, cCovariance, c1, cMu, expectedNorm } = constants(
    n,
    costs.length,
  );
  const order = ranking(costs);
  const steps = weights.map((_, rank) => candidates[order[rank]].map((x, i) => (x - mean[i]) / sigma));
  const z = new Float64Array(n);
  const y = new Float64Array(n);
  weights.forEach((weight, rank) => {
    for (let i = 0; i < n; i++) {
      z[i] += weight * normals[order[rank] * n + i];
      y[i] += weight * steps[rank][i];
    }
  });
  for (let i = 0; i < n; i++) mean[i] += sigma * y[i];

  const whitened = times(axes, z);
  const newSigmaPath = follow(sigmaPath, whitened, cSigma, effective);
  const length = Math.hypot(...newSigmaPath);
  const settled = Math.sqrt(1 - (1 - cSigma) ** (2 * (generation + 1)));
  const stalls = length / settled >= (1.4 + 2 / (n + 1)) * expectedNorm;
  const newCovariancePath = follow(covariancePath, stalls ? new Float64Array(n) : y, cCovariance, effective);

  const lost = stalls ? c1 * cCovariance * (2 - cCovariance) : 0;
  const kept = 1 - c1 - cMu + lost;
  const newCovariance = covariance.map((value) => kept * value);
  addOuter(newCovariance, newCovariancePath, c1);
  weights.forEach((weight, rank) => {
    addOuter(newCovariance, steps[rank], cMu * weight);
  });
  return {
    generation: generation + 1,
    sigma: sigma * Math.exp((cSigma / damping) * (length / expectedNorm - 1)),
    covariance: newCovariance,
    sigmaPath: newSigmaPath,
    covariancePath: newCovariancePath,
  };
}

/** Table 1 of the tutorial. */
function constants(n: number, members: number) {
  const raw = Array.from(
    { length: Math.floor(members / 2) },
    (_, i) => Math.log((members + 1) / 2) - Math.log(i + 1),
  );
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  const weights = raw.map((weight) => weight / total);
  const effective = 1 / weights.reduce((sum, weight) => sum + weight * weight, 0);
  const cSigma = (effective + 2) / (n + effective + 5);
  const c1 = 2 / ((n + 1.3) ** 2 + effective);
  return {
    weights,
    effective,
    cSigma,
    damping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + cSigma,
    cCovariance: (4 + effective / n) / (n + 4 + (2 * effective) / n),
    c1,
    cMu: Math.min(1 - c1, (2 * (0.25 + effective + 1 / effective - 2)) / ((n + 2) ** 2 + effective)),
    expectedNorm: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** Least cost first; what is not a number last, equals by their index. */
function ranking(costs: readonly number[]): number[] {
  const key = costs.map((cost) => (Number.isNaN(cost) ? Number.POSITIVE_INFINITY : cost));
  return costs.map((_, i) => i).sort((a, b) => (key[a] === key[b] ? a - b : key[a] - key[b]));
}

/** (1 − c)·p + √(c(2 − c)µ)·step. */
function follow(path: Float64Array, step: Float64Array, rate: number, effective: number): Float64Array {
  const gain = Math.sqrt(rate * (2 - rate) * effective);
  return path.map((value, i) => (1 - rate) * value + gain * step[i]);
}

function addOuter(matrix: Float64Array, vector: Float64Array, weight: number): void {
  const n = vector.length;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] += weight * vector[i] * vector[j];
}

function times(matrix: Matrix, vector: Float64Array): Float64Array {
  return Float64Array.from(vector, (_, i) => {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += matrix.get(i, j) * vector[j];
    return sum;
  });
}
