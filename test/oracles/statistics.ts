export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}

/** Distance of a sample's mean from what is expected, in standard errors of that mean. */
export function standardErrorsFrom(expected: number, values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2;
  const standardError = Math.sqrt(squares / (values.length - 1) / values.length);
  return Math.abs(centre - expected) / standardError;
}

/** Kolmogorov-Smirnov statistic √n·sup|F_n − F|; above 1.95 one time in a thousand. */
export function kolmogorovSmirnov(values: ArrayLike<number>, distribution: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  let largest = 0;
  sorted.forEach((value, i) => {
    const expected = distribution(value);
    largest = Math.max(largest, (i + 1) / sorted.length - expected, expected - i / sorted.length);
  });
  return Math.sqrt(sorted.length) * largest;
}

/** The standard normal distribution, by the series Φ(x) = ½ + φ(x)·Σ x^(2k+1)/(2k+1)!!. */
export function normalDistribution(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let total = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(total); odd += 2) {
    term *= (x * x) / odd;
    total += term;
  }
  return 0.5 + (total * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}
