/** Φ, by a continued fraction in the tails and a series between; relative error below 1e-12. */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  const tail = size < 3 ? 0.5 - bodyOf(size) : tailOf(size);
  return x < 0 ? tail : 1 - tail;
}

/** Φ(x) − ½ = φ(x)·(x + x³/3 + x⁵/(3·5) + …). */
function bodyOf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * sum; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return density(x) * sum;
}

/** 1 − Φ(x) = φ(x)/(x + 1/(x + 2/(x + 3/(x + …)))). */
function tailOf(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / fraction;
  return density(x) / fraction;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Both tails of a standard normal z. */
export function twoSided(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** The upper tail of the Kolmogorov distribution at √n·D, with Stephens' correction for finite n. */
export function kolmogorovTail(distance: number, count: number): number {
  const root = Math.sqrt(count);
  const x = (root + 0.12 + 0.11 / root) * distance;
  // The alternating series does not converge near 0, where the tail is 1.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/** Both tails of a Poisson count: twice the lesser, P(X ≤ k) or P(X ≥ k). */
export function poissonTwoSided(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, 2 * Math.min(below + term, 1 - below));
}
