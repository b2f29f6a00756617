import type { Policy } from "../../envs/core/policy.js";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { accumulateMomentum } from "./momentum.js";
import { type RuleState, rulePolicy } from "./rule-policy.js";
import { type ScaleByAdamOptions, scaleByAdam } from "./scale-by-adam.js";
import { type ScaleByRmsOptions, scaleByRms } from "./scale-by-rms.js";
import { type ScaleByRssOptions, scaleByRss } from "./scale-by-rss.js";
import { type ScaleByLionOptions, scaleByLion, scaleBySign } from "./scale-by-sign.js";
import { chain, descend } from "./transform.js";
import { addDecayedWeights } from "./weights.js";

/** The rules that need nothing but gradients. */

export interface LearningRate {
  /** α > 0: what multiplies the gradient in the increment of θ. */
  readonly learningRate: number;
}

/** θ ← θ − αg (Cauchy, 1847). */
export function gradientDescent(
  problem: NavigationProblem,
  { learningRate }: LearningRate,
): Policy<RuleState> {
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
): Policy<RuleState> {
  return rulePolicy("heavy ball", problem, chain(accumulateMomentum(momentum), descend(learningRate)));
}

/** v ← βv + g, θ ← θ − α(g + βv) (Nesterov, 1983, as in Sutskever et al., ICML 2013). */
export function nesterov(
  problem: NavigationProblem,
  { learningRate, momentum = 0.9 }: HeavyBallOptions,
): Policy<RuleState> {
  const look = accumulateMomentum(momentum, { nesterov: true });
  return rulePolicy("Nesterov", problem, chain(look, descend(learningRate)));
}

/** θ ← θ − αg/√(s + ε), s the sum of g² (Duchi, Hazan and Singer, JMLR 12, 2011). */
export function adagrad(
  problem: NavigationProblem,
  { learningRate, ...sums }: LearningRate & ScaleByRssOptions,
): Policy<RuleState> {
  return rulePolicy("AdaGrad", problem, chain(scaleByRss(sums), descend(learningRate)));
}

/** θ ← θ − αg/(√v + ε), v an average of g² (Tieleman and Hinton, 2012). */
export function rmsprop(
  problem: NavigationProblem,
  { learningRate, ...rms }: LearningRate & ScaleByRmsOptions,
): Policy<RuleState> {
  return rulePolicy("RMSprop", problem, chain(scaleByRms(rms), descend(learningRate)));
}

/** θ ← θ − αm̂/(√v̂ + ε) (Kingma and Ba, arXiv:1412.6980). Default α 0.001. */
export function adam(
  problem: NavigationProblem,
  { learningRate = 1e-3, ...moments }: Partial<LearningRate> & ScaleByAdamOptions = {},
): Policy<RuleState> {
  return rulePolicy("Adam", problem, chain(scaleByAdam(moments), descend(learningRate)));
}

export interface WeightDecay {
  /** λ ≥ 0. */
  readonly weightDecay?: number;
}

/** θ ← θ − α(m̂/(√v̂ + ε) + λθ) (Loshchilov and Hutter, arXiv:1711.05101). Default α 0.001, λ 0.01. */
export function adamw(
  problem: NavigationProblem,
  {
    learningRate = 1e-3,
    weightDecay = 0.01,
    ...moments
  }: Partial<LearningRate> & WeightDecay & ScaleByAdamOptions = {},
): Policy<RuleState> {
  const decay = addDecayedWeights(weightDecay);
  return rulePolicy("AdamW", problem, chain(scaleByAdam(moments), decay, descend(learningRate)));
}

/** θ ← θ − α·sign(g) (Bernstein et al., arXiv:1802.04434). */
export function signDescent(problem: NavigationProblem, { learningRate }: LearningRate): Policy<RuleState> {
  return rulePolicy("sign descent", problem, chain(scaleBySign(), descend(learningRate)));
}

/** θ ← θ − α(sign(β₁m + (1 − β₁)g) + λθ) (Chen et al., arXiv:2302.06675). Default α 1e-4, λ 0. */
export function lion(
  problem: NavigationProblem,
  {
    learningRate = 1e-4,
    weightDecay = 0,
    ...betas
  }: Partial<LearningRate> & WeightDecay & ScaleByLionOptions = {},
): Policy<RuleState> {
  const decay = weightDecay > 0 ? [addDecayedWeights(weightDecay)] : [];
  return rulePolicy("Lion", problem, chain(scaleByLion(betas), ...decay, descend(learningRate)));
}
