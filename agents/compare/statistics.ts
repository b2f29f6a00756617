import { integerAt, rootKey, type Seed } from "../../envs/index.js";

/** Mean of the middle half: of n sorted values, ⌊n/4⌋ are left out at either end. */
export function interquartileMean(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length / 4);
  let total = 0;
  for (let i = cut; i < sorted.length - cut; i++) total += sorted[i];
  return total / (sorted.length - 2 * cut);
}

/** Quantile by linear interpolation between the sorted values, p in [0, 1]. */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

export interface BootstrapOptions {
  /** The same seed draws the same resamples, so that what is compared is compared on the same ones. */
  readonly seed: Seed;
  /** Default 2000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

export type Interval = readonly [low: number, high: number];

/**
 * Percentile interval of a statistic by stratified bootstrap: each resample draws from every stratum as many
 * members as it has, with replacement. `strata` has their sizes; `statistic` is given the numbers of the members
 * drawn, counted through all strata, in an array that it must not keep.
 */
export function stratifiedBootstrap(
  strata: readonly number[],
  statistic: (members: Int32Array) => number,
  { seed, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): Interval {
  const key = rootKey(seed);
  const members = new Int32Array(strata.reduce((total, size) => total + size, 0));
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let first = 0, s = 0; s < strata.length; first += strata[s++]) {
      for (let i = first; i < first + strata[s]; i++) members[i] = first + integerAt(key, i, r, strata[s]);
    }
    values[r] = statistic(members);
  }
  return [quantile(values, (1 - confidence) / 2), quantile(values, (1 + confidence) / 2)];
}
