import { delayOf, dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import { isCued } from "../modelled.js";
import type { Belief, BeliefState } from "./belief.js";

export interface DelayedState<State extends BeliefState = BeliefState> extends BeliefState {
  /** The belief about the minimum that the last gradient was of. */
  past: State;
  /** What is left since then of what it tells: aˡ after l steps, and where there are cues 1 until the first; shape [n]. */
  readonly kept: Float64Array;
  /** θ, and the cues, of the last steps: that of step t lies in row t modulo delay + 1. */
  readonly parameters: readonly Float64Array[];
  readonly cues: readonly Float64Array[];
}

/** The same problem with its gradients in time. */
export function promptly(problem: NavigationProblem): NavigationProblem {
  const { observation } = problem;
  if (observation.kind === "state") return problem;
  return { ...problem, observation: { ...observation, delay: 0 } };
}

/**
 * What gradients tell that come n steps late, by a belief of gradients that come in time: a gradient is a look at the
 * minimum of its own step from the parameters of that step, and since then μ̂ − μ₀ has shrunk by aˡ. The first gradient is
 * seen at once, and repeated until the second comes.
 *
 * @param belief about `promptly(problem)`
 */
export function delayed<State extends BeliefState>(
  problem: NavigationProblem,
  belief: Belief<State>,
): Belief<DelayedState<State>> {
  const delay = delayOf(problem, "gradient");
  const rows = Array.from({ length: delay + 1 }, (_, row) => row);
  const d = dimensionOf(problem);
  const survival = survivalOf(problem);
  const cued = isCued(problem);
  const prior = problem.task.mean ?? [];
  return {
    init: (batch) => ({
      batch,
      step: 0,
      posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => prior[i % d]),
      past: belief.init(batch),
      kept: new Float64Array(batch).fill(1),
      parameters: rows.map(() => new Float64Array(batch * d)),
      cues: rows.map(() => new Float64Array(cued ? batch : 0)),
    }),
    update: (gradients, parameters, state, cues) => {
      const { step, kept } = state;
      const seen = Math.max(step - delay, 0);
      state.parameters[step % rows.length].set(parameters);
      if (cued && cues) state.cues[step % rows.length].set(cues);
      if (step === 0 || step > delay) {
        const row = seen % rows.length;
        state.past = belief.update(gradients, state.parameters[row], state.past, state.cues[row]);
      }
      kept.fill(cued ? 1 : survival ** (step - seen));
      for (let t = seen + 1; cued && t <= step; t++) forget(kept, state.cues[t % rows.length]);
      carry(state, prior);
      state.step++;
      return state;
    },
  };
}

function forget(kept: Float64Array, cues: Float64Array): void {
  for (let e = 0; e < kept.length; e++) if (cues[e] === 1) kept[e] = 0;
}

/** μ₀ + kept·(μ̂ − μ₀). */
function carry({ past, kept, posteriorMean }: DelayedState, prior: readonly number[]): void {
  const d = prior.length;
  for (let i = 0; i < posteriorMean.length; i++)
    posteriorMean[i] = prior[i % d] + kept[Math.floor(i / d)] * (past.posteriorMean[i] - prior[i % d]);
}
