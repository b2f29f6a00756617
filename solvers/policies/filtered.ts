import type { Policy } from "../../envs/core/policy.js";
import { dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import type { Belief, BeliefState } from "../beliefs/belief.js";
import { isCued } from "../modelled.js";
import { discreteTaskLaw } from "../task-law.js";
import { affineLaw } from "./affine.js";
import { channelReader, gradientReader } from "./channels.js";

/** The belief that a policy acts on, and what it saw last; `posteriorMean` is the belief's, shape [n, d]. */
export interface FilteredState<State extends BeliefState = BeliefState> {
  belief: State;
  readonly posteriorMean: Float64Array;
  readonly parameters: Float64Array;
  readonly gradients: Float64Array;
  readonly cues: Float64Array;
}

/** Acts by certainty equivalence: the exact law at the mean of a belief that each step updates. */
export function filteredPolicy<State extends BeliefState>(
  name: string,
  problem: NavigationProblem,
  belief: Belief<State>,
): Policy<FilteredState<State>> {
  const law = affineLaw(discreteTaskLaw(problem));
  const look = observer(problem, belief);
  return {
    name,
    init: look.init,
    act: (observations, state, actions) => {
      look.update(observations, state);
      law(state.parameters, state.posteriorMean, actions);
      return state;
    },
  };
}

/** Feeds a belief from the gradient and parameter channels, and from the cue of a task that is redrawn. */
export function observer<State extends BeliefState>(problem: NavigationProblem, belief: Belief<State>) {
  const d = dimensionOf(problem);
  const gradient = gradientReader(problem);
  const readParameters = channelReader(problem, "parameters", d);
  const readCues = isCued(problem) ? channelReader(problem, "cue", 1) : undefined;
  return {
    init: (batch: number): FilteredState<State> => {
      const initial = belief.init(batch);
      return {
        belief: initial,
        posteriorMean: initial.posteriorMean,
        parameters: new Float64Array(batch * d),
        gradients: new Float64Array(batch * gradient.size),
        cues: new Float64Array(readCues ? batch : 0),
      };
    },
    update: (observations: Float64Array, state: FilteredState<State>): void => {
      gradient.read(observations, state.gradients);
      readParameters(observations, state.parameters);
      readCues?.(observations, state.cues);
      state.belief = belief.update(state.gradients, state.parameters, state.belief, state.cues);
    },
  };
}
