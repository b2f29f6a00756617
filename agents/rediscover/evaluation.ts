import { type NavigationProblem, type Policy, rollout, type Seed } from "../../envs/index.js";
import { informedTerminalCost } from "../../solvers/index.js";
import { regret } from "../probes/regret.js";

export interface EvaluationOptions {
  readonly seed: Seed;
  readonly steps: number;
  /** Default 4096. */
  readonly episodes?: number;
}

/**
 * Regrets in percent of policies against a reference, on the same episodes, with the informed cost-to-go
 * charged at the last step so that nobody gains by an end that the theory does not know of.
 */
export function regretsAgainst(
  problem: NavigationProblem,
  reference: Policy,
  policies: readonly Policy[],
  { seed, steps, episodes = 4096 }: EvaluationOptions,
): number[] {
  const options = { seed, steps, terminalCost: informedTerminalCost(problem) };
  const { costs } = rollout(problem, reference, { ...options, episodes });
  return policies.map((policy) => 100 * regret(problem, policy, costs, options).relative);
}
