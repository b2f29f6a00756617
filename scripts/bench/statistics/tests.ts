import { kolmogorovTail, normalCdf, poissonTwoSided, twoSided } from "./distributions.js";

/** What a test found: `value` is what it measures, and p how likely a larger deviation is under independence. */
export interface Finding {
  readonly test: string;
  readonly draws: number;
  readonly value: number;
  readonly p: number;
}

/** Moments of a distribution, to test against: of xᵏ for k = 1 … 4, and their variances. */
const momentsOf = {
  // Of 2u − 1, uniform on (−1, 1): E x^2k = 1/(2k + 1).
  uniform: [0, 1 / 3, 0, 1 / 5, 0, 1 / 7, 0, 1 / 9],
  normal: [0, 1, 0, 3, 0, 15, 0, 105],
} as const;

export type Law = keyof typeof momentsOf;

/** Each of the first four raw moments, as a z-score; uniforms on (0, 1) are centred first. */
export function momentTests(values: Float64Array, law: Law): readonly Finding[] {
  const expected = momentsOf[law];
  const sums = [0, 0, 0, 0];
  for (const value of values) {
    const x = law === "uniform" ? 2 * value - 1 : value;
    let power = 1;
    for (let k = 0; k < 4; k++) {
      power *= x;
      sums[k] += power;
    }
  }
  return sums.map((sum, k) => {
    const variance = expected[2 * k + 1] - expected[k] ** 2;
    const z = (sum / values.length - expected[k]) / Math.sqrt(variance / values.length);
    return { test: `${law} moment ${k + 1}`, draws: values.length, value: z, p: twoSided(z) };
  });
}

/** Kolmogorov-Smirnov: the largest distance between the empirical and the true distribution function. */
export function kolmogorovSmirnov(values: Float64Array, law: Law): Finding {
  const sorted = values.slice().sort();
  let distance = 0;
  for (const [i, value] of sorted.entries()) {
    const expected = law === "uniform" ? value : normalCdf(value);
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }
  const p = kolmogorovTail(distance, sorted.length);
  return { test: `${law} Kolmogorov-Smirnov`, draws: sorted.length, value: distance, p };
}

/** Correlation of two series of known mean 0 and variance, as a z-score. */
export function correlation(test: string, a: Float64Array, b: Float64Array, law: Law): Finding {
  const [mean, variance] = law === "uniform" ? [0.5, 1 / 12] : [0, 1];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - mean) * (b[i] - mean);
  const z = sum / (variance * Math.sqrt(a.length));
  return { test, draws: a.length, value: z, p: twoSided(z) };
}

/** The same of the squares: normals can be uncorrelated and yet share their radius. */
export function squareCorrelation(test: string, a: Float64Array, b: Float64Array): Finding {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] * a[i] - 1) * (b[i] * b[i] - 1);
  const z = sum / (2 * Math.sqrt(a.length));
  return { test, draws: a.length, value: z, p: twoSided(z) };
}

/**
 * Marsaglia's birthday spacings: of `birthdays` days of a year of 2^32, sorted, the number of spacings that occur more
 * than once is Poisson with mean birthdays³/(4·2^32). Summed over years, which use up all the words.
 */
export function birthdaySpacings(words: Uint32Array, birthdays = 4096): Finding {
  const years = Math.floor(words.length / birthdays);
  let repeats = 0;
  for (let year = 0; year < years; year++) {
    const days = words.slice(year * birthdays, (year + 1) * birthdays).sort();
    for (let i = birthdays - 1; i > 0; i--) days[i] -= days[i - 1];
    const spacings = days.sort();
    for (let i = 1; i < birthdays; i++) if (spacings[i] === spacings[i - 1]) repeats++;
  }
  const mean = (years * birthdays ** 3) / 2 ** 34;
  // Beyond what exp(−mean) can hold the Poisson distribution is normal.
  const p = mean < 500 ? poissonTwoSided(repeats, mean) : twoSided((repeats - mean) / Math.sqrt(mean));
  return { test: "birthday spacings", draws: words.length, value: (repeats - mean) / Math.sqrt(mean), p };
}
