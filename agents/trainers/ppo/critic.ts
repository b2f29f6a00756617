import type { NavigationProblem, NavigationVectorEnv, VectorEnv } from "../../../envs/index.js";
import { doubles } from "../episodes.js";
import { createTerminalCost, defaultTerminal } from "../terminal-cost.js";

/**
 * What decisions are measured against. "learned": V(o), a network of the observation, trained beside the policy.
 * "informed": minus the cost-to-go of a learner that is told everything, which a problem knows of each of its environments. The
 * policy sees no more for it, and since it does not depend on the action, it leaves no bias at λ = 1; but what an episode owes to
 * its task and not to a decision it takes away, where V(o) cannot.
 */
export type Critic = "learned" | "informed";

/** Writes V of every environment as it now is, `[numEnvs]`. */
export type Worth = (out: Float64Array) => void;

/** Environments, and what they are worth where that is known; null where it is to be learned. */
export interface World {
  readonly env: VectorEnv;
  readonly worth: Worth | null;
}

/**
 * What environments of a problem are worth, told of the environments.
 *
 * @throws Error where the informed value of the problem is not known, not finite, or not that of its objective
 */
export function informedWorth(problem: NavigationProblem): (env: NavigationVectorEnv) => Worth {
  const costToGo = createTerminalCost(defaultTerminal(problem), problem);
  if (!costToGo)
    throw new Error(
      'critic: must be "learned" where the cost-to-go of a learner that is told everything is not known (no closed form, a horizon, ' +
        'or a cost without end), got "informed"',
    );
  return ({ simulation }) =>
    (out) => {
      const { parameters, minima, instances, count } = simulation;
      costToGo.value(doubles(parameters), doubles(minima), instances, count, out);
      for (let n = 0; n < count; n++) out[n] = -out[n];
    };
}
