import { quantile } from "./statistics.js";

/** Factors τ at which a profile is drawn. */
const POINTS = 61;
/** Costs this many times the reference are beyond the profile. */
const LARGEST = 10;

/**
 * Performance profiles (Dolan and Moré, 2002; Agarwal et al., NeurIPS 2021): the fraction of episodes in which a policy
 * costs at most τ times what the reference costs in the same episode.
 */
export interface Profiles {
  /** τ, rising. */
  readonly factors: readonly number[];
  /** One list for each policy, as long as `factors`. */
  readonly fractions: readonly (readonly number[])[];
}

/** Null where the reference has an episode that costs nothing, of which no factor makes anything. */
export function performanceProfiles(
  costs: readonly Float64Array[],
  reference: Float64Array,
): Profiles | null {
  if (reference.some((cost) => cost <= 0)) return null;
  const ratios = costs.map((each) => each.map((cost, n) => cost / reference[n]));
  const factors = factorsFor(ratios);
  return { factors, fractions: ratios.map((each) => factors.map((factor) => fractionAtMost(each, factor))) };
}

/** From where the first policies begin to where the last but the worst are done, 1 among them. */
function factorsFor(ratios: readonly Float64Array[]): number[] {
  const low = Math.min(0.95, ...ratios.map((each) => quantile(each, 0.02)));
  const high = Math.min(LARGEST, 1.05 * Math.max(1.1, ...ratios.map((each) => quantile(each, 0.98))));
  const factors = Array.from({ length: POINTS }, (_, i) => low * (high / low) ** (i / (POINTS - 1)));
  return [...factors, 1].sort((a, b) => a - b);
}

function fractionAtMost(ratios: Float64Array, factor: number): number {
  let count = 0;
  for (const ratio of ratios) if (ratio <= factor) count++;
  return count / ratios.length;
}
