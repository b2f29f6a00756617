import type { Policy } from "../../envs/core/policy.js";
import { dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import { channelReader } from "../policies/channels.js";
import { accumulateMomentum } from "./momentum.js";
import { type AdamState, type ScaleByAdamOptions, scaleByAdam } from "./scale-by-adam.js";
import { type ScaleByRmsOptions, scaleByRms } from "./scale-by-rms.js";
import { chain, type GradientTransform, requireRange, scale } from "./transform.js";

/** The gradients last seen, worked on in place, and the transform's own state. */
export interface RuleState<State> {
  readonly updates: Float64Array;
  readonly transform: State;
}

/**
 * A textbook rule as a policy: it sees the gradient channel and moves θ by the transform's increment, so
 * its velocity is the increment over Δt.
 *
 * @throws Error when the problem shows no gradient, or the control is not I
 */
export function rulePolicy<State>(
  name: string,
  problem: NavigationProblem,
  transform: GradientTransform<State>,
): Policy<RuleState<State>> {
  if (problem.geometry.control)
    throw new Error(`geometry.control: must be absent for ${name}, which moves every parameter`);
  const d = dimensionOf(problem);
  const readGradient = channelReader(problem, "gradient", d);
  const { timeStep } = problem.objective;
  return {
    name,
    init: (batch) => ({ updates: new Float64Array(batch * d), transform: transform.init(batch * d) }),
    act: (observations, { updates, transform: before }, actions) => {
      readGradient(observations, updates);
      const after = transform.update(updates, before);
      for (let i = 0; i < actions.length; i++) actions[i] = updates[i] / timeStep;
      return { updates, transform: after };
    },
  };
}

export interface LearningRate {
  /** α > 0: what multiplies the gradient in the increment of θ. */
  readonly learningRate: number;
}

function descend(learningRate: number): GradientTransform<null> {
  requireRange("learningRate", learningRate, learningRate > 0, "> 0");
  return scale(-learningRate);
}

/** θ ← θ − αg. */
export function gradientDescent(
  problem: NavigationProblem,
  { learningRate }: LearningRate,
): Policy<RuleState<null>> {
  return rulePolicy("gradient descent", problem, descend(learningRate));
}

export interface HeavyBallOptions extends LearningRate {
  /** β in [0, 1). Default 0.9. */
  readonly momentum?: number;
}

/** v ← βv + g, θ ← θ − αv (Polyak, 1964). */
export function heavyBall(
  problem: NavigationProblem,
  { learningRate, momentum = 0.9 }: HeavyBallOptions,
): Policy<RuleState<readonly [Float64Array, null]>> {
  return rulePolicy("heavy ball", problem, chain(accumulateMomentum(momentum), descend(learningRate)));
}

/** θ ← θ − αg/(√v + ε), v an average of g² (Tieleman and Hinton, 2012). */
export function rmsprop(
  problem: NavigationProblem,
  { learningRate, ...rms }: LearningRate & ScaleByRmsOptions,
): Policy<RuleState<readonly [Float64Array, null]>> {
  return rulePolicy("RMSprop", problem, chain(scaleByRms(rms), descend(learningRate)));
}

/** θ ← θ − αm̂/(√v̂ + ε) (Kingma and Ba, arXiv:1412.6980). Default α 0.001. */
export function adam(
  problem: NavigationProblem,
  { learningRate = 1e-3, ...moments }: Partial<LearningRate> & ScaleByAdamOptions = {},
): Policy<RuleState<readonly [AdamState, null]>> {
  return rulePolicy("Adam", problem, chain(scaleByAdam(moments), descend(learningRate)));
}
