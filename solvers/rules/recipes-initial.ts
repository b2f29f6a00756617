import type { Policy } from "../../envs/core/policy.js";
import type { NavigationProblem, Vector } from "../../envs/problem/problem.js";
import { accumulateMomentum } from "./momentum.js";
import type { HeavyBallOptions } from "./recipes.js";
import { type ResettingOptions, resetting } from "./resetting.js";
import { type RuleState, rulePolicy } from "./rule-policy.js";
import { chain, descend } from "./transform.js";
import { addPullToInitial } from "./weights.js";

/** The rules that go back to where they began, for tasks that change. All of them descend by a heavy ball. */

export interface L2ToInitialOptions extends HeavyBallOptions {
  /** λ ≥ 0: (λ/2)‖θ − θ₀‖² is added to the loss. */
  readonly weight: number;
  /** θ₀, shape [d]. Default: where the rule began. */
  readonly initial?: Vector;
}

/** v ← βv + g + λ(θ − θ₀), θ ← θ − αv (Kumar, Marklund and Van Roy, arXiv:2308.11958). Default β 0. */
export function l2ToInitial(
  problem: NavigationProblem,
  { learningRate, momentum = 0, weight, initial }: L2ToInitialOptions,
): Policy<RuleState> {
  const pull = addPullToInitial(weight, initial);
  const rule = chain(pull, accumulateMomentum(momentum), descend(learningRate));
  return rulePolicy("L2 to the initial weights", problem, rule);
}

export type ResetOptions = HeavyBallOptions & Pick<ResettingOptions, "period" | "signal" | "initial">;

/**
 * On each reset θ ← (1 − f)(θ + Δθ) + fθ₀; the momentum goes on (shrink and perturb, Ash and Adams, arXiv:1910.08475, without
 * the noise; Galashov et al., arXiv:2411.04034). Default β 0, f 0.5.
 */
export function softReset(
  problem: NavigationProblem,
  { fraction = 0.5, ...options }: ResetOptions & Pick<ResettingOptions, "fraction">,
): Policy<RuleState> {
  return resetRule("soft reset", problem, options, { fraction, clearsMemory: false });
}

/** On each reset θ ← θ₀, and the momentum is forgotten (Nikishin et al., arXiv:2205.07802). Default β 0. */
export function hardReset(problem: NavigationProblem, options: ResetOptions): Policy<RuleState> {
  return resetRule("hard reset", problem, options, { fraction: 1, clearsMemory: true });
}

function resetRule(
  name: string,
  problem: NavigationProblem,
  { learningRate, momentum = 0, ...when }: ResetOptions,
  how: Pick<ResettingOptions, "fraction" | "clearsMemory">,
): Policy<RuleState> {
  const rule = chain(accumulateMomentum(momentum), descend(learningRate));
  return rulePolicy(name, problem, resetting(rule, { ...when, ...how }));
}
