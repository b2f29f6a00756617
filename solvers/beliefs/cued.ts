import type { NavigationProblem } from "../../envs/problem/problem.js";
import type { Belief, BeliefState } from "./belief.js";
import { type Evidence, evidenceOf, unwhitenInto, whitenInto } from "./evidence.js";

export interface CuedState extends BeliefState {
  /** Looks that the present task has had, shape [n]. */
  readonly runs: Int32Array;
  /** Whitened posterior means and looks, shape [n, k]. */
  readonly means: Float64Array;
  readonly looks: Float64Array;
}

export interface CuedBelief extends Belief<CuedState> {
  readonly evidence: Evidence;
}

/**
 * The exact belief about a minimum that is redrawn, for a learner that is cued: the Kalman filter of a static minimum,
 * which starts anew from the prior, before it looks, in an environment whose cue says that the task has just changed.
 * After r looks a coordinate has variance P = Σ₀/(1 + rΣ₀) in units of the noise, which is the gain of the r-th look.
 *
 * @throws Error when the task is not redrawn, the landscape is not a known quadratic, or the gradient is exact or late
 */
export function cuedKalman(problem: NavigationProblem): CuedBelief {
  if (problem.task.kind !== "redrawn")
    throw new Error(`task.kind: must be "redrawn" for a cue to tell of it, got "${problem.task.kind}"`);
  const evidence = evidenceOf(problem);
  const { dimension, seen, mean } = evidence;
  return {
    evidence,
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * dimension }, (_, i) => mean[i % dimension]),
      runs: new Int32Array(batch),
      means: new Float64Array(batch * seen),
      looks: new Float64Array(batch * seen),
    }),
    update: (gradients, parameters, state, cues) => {
      if (!cues)
        throw new Error("cues: must be given to a belief that starts anew where they are 1, got none");
      whitenInto(evidence, gradients, parameters, state.batch, state.looks);
      for (let e = 0; e < state.batch; e++) look(state, e, cues[e] === 1, evidence);
      unwhitenInto(evidence, state.means, state.batch, state.posteriorMean);
      state.step++;
      return state;
    },
  };
}

function look({ runs, means, looks }: CuedState, e: number, renewed: boolean, evidence: Evidence): void {
  const { seen: k, priorVariance } = evidence;
  if (renewed) {
    runs[e] = 0;
    means.fill(0, e * k, (e + 1) * k);
  }
  runs[e]++;
  for (let j = 0, i = e * k; j < k; j++, i++)
    means[i] += varianceAfter(runs[e], priorVariance[j]) * (looks[i] - means[i]);
}

/** Of a whitened coordinate after some looks at the same task. */
export function varianceAfter(looks: number, priorVariance: number): number {
  return priorVariance / (1 + looks * priorVariance);
}
