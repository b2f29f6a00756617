import type { NavigationProblem } from "../../envs/problem/problem.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import type { Belief, BeliefState } from "./belief.js";
import { type Evidence, evidenceOf, unwhitenInto, whitenInto } from "./evidence.js";

export interface KalmanState extends BeliefState {
  /** Variance after the last look, per whitened coordinate in units of the noise, shape [k]; shared by the batch. */
  readonly variance: Float64Array;
  /** Whitened posterior means and looks, shape [n, k]. */
  readonly means: Float64Array;
  readonly looks: Float64Array;
}

export interface KalmanBelief extends Belief<KalmanState> {
  readonly evidence: Evidence;
  /** a: what is left of μ − μ₀ after a step. */
  readonly survival: number;
  /** K_f in [0, 1] per whitened coordinate after infinitely many steps, shape [k]; for a diagonal problem, per coordinate. */
  readonly steadyGain: Float64Array;
}

/**
 * The Kalman filter for a minimum that is static or follows an Ornstein-Uhlenbeck process:
 * m ← m + K_f(z − m), K_f = P/(1 + P), then m ← a·m, P ← a²(1 − K_f)P + (1 − a²)Σ₀. It is exact for static and drifting
 * tasks; for redrawn ones it is the best linear filter, since redrawing has the same second moments. It takes gradients
 * [n, k] of the k coordinates that the problem shows, and tells of the others what the prior's correlations do.
 *
 * @throws Error when the landscape is not a known quadratic, the task has no prior, or the gradient is exact or late
 */
export function kalman(problem: NavigationProblem): KalmanBelief {
  const evidence = evidenceOf(problem);
  const survival = survivalOf(problem);
  const { dimension, seen, mean, priorVariance } = evidence;
  return {
    evidence,
    survival,
    steadyGain: priorVariance.map((variance) => steadyGainOf(variance, survival)),
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * dimension }, (_, i) => mean[i % dimension]),
      variance: Float64Array.from(priorVariance),
      means: new Float64Array(batch * seen),
      looks: new Float64Array(batch * seen),
    }),
    update: (gradients, parameters, state) => {
      whitenInto(evidence, gradients, parameters, state.batch, state.looks);
      if (state.step > 0) age(state, priorVariance, survival);
      look(state, seen);
      unwhitenInto(evidence, state.means, state.batch, state.posteriorMean);
      state.step++;
      return state;
    },
  };
}

function age({ means, variance }: KalmanState, priorVariance: Float64Array, survival: number): void {
  if (survival === 1) return;
  const kept = survival * survival;
  for (let i = 0; i < means.length; i++) means[i] *= survival;
  for (let j = 0; j < variance.length; j++) variance[j] = kept * variance[j] + (1 - kept) * priorVariance[j];
}

/** With noise of variance 1, what is left of P after a look is P/(1 + P): the gain itself, without cancelling. */
function look({ batch, means, looks, variance }: KalmanState, seen: number): void {
  for (let j = 0; j < seen; j++) {
    const gain = variance[j] / (1 + variance[j]);
    for (let e = 0, i = j; e < batch; e++, i += seen) means[i] += gain * (looks[i] - means[i]);
    variance[j] = gain;
  }
}

/** The fixed point P = a²P/(1 + P) + (1 − a²)Σ₀ of the variance before a look, as a gain. */
function steadyGainOf(priorVariance: number, survival: number): number {
  const kept = survival * survival;
  const renewed = (1 - kept) * priorVariance;
  const linear = 1 - kept - renewed;
  const root = Math.sqrt(linear * linear + 4 * renewed);
  const variance = linear > 0 ? (2 * renewed) / (linear + root) || 0 : (root - linear) / 2;
  return variance / (1 + variance);
}
