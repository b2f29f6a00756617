import { continuousRate } from "./scalar.js";

/** One coordinate whose problem ends at a horizon T, in continuous time. */
export interface FiniteHorizonProblem {
  /** h > 0. */
  readonly curvature: number;
  /** η > 0. Default 1. */
  readonly mobility?: number;
  /** k > 0. Default 1. */
  readonly lossWeight?: number;
  /** γ ≥ 0. Default 0. */
  readonly discountRate?: number;
  /** T > 0. */
  readonly horizon: number;
  /** S_T ≥ 0: ½S_T(θ − μ)² is charged at the end. Default 0. */
  readonly terminalWeight?: number;
}

/**
 * The schedule R(t) of the law u = −R(t)(θ − μ): Ṙ = R² + γR − ηkh with R(T) = ηS_T. With r± = −γ/2 ± ω,
 * ω = √(γ²/4 + ηkh) and C = (ηS_T − r₊)/(ηS_T − r₋), R = (r₊ − r₋Ce^{−2ωτ})/(1 − Ce^{−2ωτ}), τ = T − t. It is written in
 * E = 1 − e^{−2ωτ}, which does not cancel near the end.
 *
 * @throws Error when a time lies outside [0, T]
 */
export function finiteHorizonRate(
  {
    curvature,
    mobility = 1,
    lossWeight = 1,
    discountRate = 0,
    horizon,
    terminalWeight = 0,
  }: FiniteHorizonProblem,
  time: number,
): number {
  if (!(horizon > 0)) throw new Error(`horizon: must be > 0, got ${horizon}`);
  if (!(time >= 0 && time <= horizon)) throw new Error(`time: must lie in [0, ${horizon}], got ${time}`);
  const product = mobility * lossWeight * curvature;
  const omega = Math.sqrt((discountRate * discountRate) / 4 + product);
  const fast = continuousRate({ curvature, mobility, lossWeight, discountRate });
  const slow = -discountRate / 2 - omega;
  const final = mobility * terminalWeight;
  const elapsed = -Math.expm1(-2 * omega * (horizon - time));
  return (final * 2 * omega + (fast - final) * -slow * elapsed) / (2 * omega + (final - fast) * elapsed);
}
