import type { Policy } from "../../envs/core/policy.js";
import {
  channelsOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
} from "../../envs/problem/problem.js";
import { exactBelief } from "../belief-features.js";
import { type KalmanState, kalman } from "../beliefs/kalman.js";
import { requireGradient } from "../modelled.js";
import { discreteTaskLaw } from "../task-law.js";
import { affineLaw } from "./affine.js";
import { erase, type PosteriorState } from "./erase.js";
import { type FilteredState, filteredPolicy } from "./filtered.js";
import { feedbackPolicy, fromGradient, informedPolicy, type KnownState } from "./known.js";

/**
 * The Bayes-optimal policy of a problem with known curvature: the exact law at the mean of the exact belief.
 * Estimation and control separate because a gradient tells as much about the minimum wherever it is taken.
 *
 * @throws Error when the curvature is hidden (use `qmdpPolicy`), the landscape is not quadratic, or the
 * observation lacks a channel that the belief needs
 */
export function bayesOptimalPolicy(problem: NavigationProblem): Policy<PosteriorState> {
  return erase(exactPolicy(problem));
}

function exactPolicy(problem: NavigationProblem): Policy<PosteriorState> {
  if (hidesCurvature(problem)) {
    throw new Error(
      "landscape.curvature: must be known for the Bayes-optimal policy, got logUniform; use qmdpPolicy",
    );
  }
  if (problem.observation.kind === "state") return erase(informedPolicy(problem));
  if (!hidesMinimum(problem)) return erase(feedbackPolicy(problem));
  requireGradient(problem);
  if (problem.observation.noise !== 0 || channelsOf(problem).includes("parameters"))
    return erase(filteredPolicy("Bayes optimum", problem, exactBelief(problem)));
  return erase(relativePolicy(problem));
}

/**
 * An exact gradient tells θ − μ; where θ is not shown, that suffices unless the law needs μ or θ apart: u = −K(θ − μ).
 * θ is measured from the prior mean, so `posteriorMean` is that mean and `parameters` the gap.
 */
function relativePolicy(problem: NavigationProblem): Policy<KnownState> {
  const { task, geometry } = problem;
  if (task.kind !== "static" || geometry.drift) {
    throw new Error(
      'observation.channels: must include "parameters" when the task changes or there is a drift',
    );
  }
  const mean = task.mean ?? [];
  const law = affineLaw(discreteTaskLaw(problem));
  const read = fromGradient(problem, mean);
  const d = mean.length;
  return {
    name: "Bayes optimum",
    init: (batch) => ({
      posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => mean[i % d]),
      parameters: new Float64Array(batch * d),
    }),
    act: (observations, state, actions) => {
      read(observations, state.parameters);
      law(state.parameters, state.posteriorMean, actions);
      return state;
    },
  };
}

/**
 * The best linear filter for a redrawn task: the Kalman filter of the drifting task with the same mean,
 * covariance and survival, and the exact law on its mean. It averages where the exact belief resets.
 *
 * @throws Error when the minimum is not hidden, or the gradient is exact
 */
export function linearFilterPolicy(problem: NavigationProblem): Policy<FilteredState<KalmanState>> {
  return filteredPolicy("best linear filter", problem, kalman(problem));
}
