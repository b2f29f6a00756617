import { type NavigationProblem, type Policy, type RolloutOptions, rollout } from "../../envs/index.js";
import { mean, standardDeviation } from "./statistics.js";

export interface Regret {
  /** Mean cost of the policy, and its standard error. */
  readonly cost: number;
  readonly costError: number;
  /** (J − J_reference) / J_reference, from the same starts, tasks and noise. */
  readonly relative: number;
  /** Standard error of `relative`, from the paired differences. */
  readonly relativeError: number;
}

/** What a policy costs beyond a reference on the same episodes. */
export function regret(
  problem: NavigationProblem,
  policy: Policy,
  referenceCosts: Float64Array,
  options: Omit<RolloutOptions, "episodes">,
): Regret {
  const { costs } = rollout(problem, policy, { ...options, episodes: referenceCosts.length });
  const reference = mean(referenceCosts);
  const differences = costs.map((cost, n) => cost - referenceCosts[n]);
  const root = Math.sqrt(costs.length);
  return {
    cost: mean(costs),
    costError: standardDeviation(costs) / root,
    relative: mean(differences) / reference,
    relativeError: standardDeviation(differences) / root / reference,
  };
}
