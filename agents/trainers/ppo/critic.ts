import type { NavigationProblem, NavigationVectorEnv, Numbers, VectorEnv } from "../../../envs/index.js";
import { DecisionCosts } from "../decision-costs.js";
import { doubles } from "../episodes.js";
import { type BatchTerminalCost, createTerminalCost, defaultTerminal } from "../terminal-cost.js";

/**
 * What decisions are measured against. "learned": V(o), a network of the observation, trained beside the policy.
 * "informed": minus the cost-to-go of a learner that is told everything, which a problem knows of each of its environments. The
 * policy sees no more for it, and since it does not depend on the action, it leaves no bias at λ = 1; but what an episode owes to
 * its task and not to a decision it takes away, where V(o) cannot. "counterfactual": that, and over it the mean of what the decision is worth and
 * of what its mirror image about u would have been (a counterfactual baseline, Foerster et al., arXiv:1705.08926, of two actions). It is even
 * in the exploration, as the derivative of log π with respect to u is odd, and so leaves no bias either; where worth is
 * quadratic what remains is its slope alone (at λ = 0, and but for steps that diverge). Nothing is left to tell σ by: it stays.
 */
export type Critic = "learned" | "informed" | "counterfactual";

/** Writes V of every environment as it now is, `[numEnvs]`. */
export type Worth = (out: Float64Array) => void;

/** What any decision would have been worth. */
export interface Alternatives {
  /** Before a step: keeps where it begins. */
  note(): void;
  /** After it: writes −Q of these actions there, `[numEnvs]`. */
  worth(actions: Numbers, out: Float64Array): void;
}

/** Environments, and what they are worth where that is known; null where it is to be learned. */
export interface World {
  readonly env: VectorEnv;
  readonly worth: Worth | null;
  /** Where decisions are measured against their mirror images. */
  readonly alternatives?: Alternatives;
}

/**
 * What environments of a problem and decisions in them are worth, told of the environments.
 *
 * @throws Error where the informed value of the problem is not known, not finite, or not that of its objective
 */
export function informedWorld(
  critic: Exclude<Critic, "learned">,
  problem: NavigationProblem,
): (env: NavigationVectorEnv) => World {
  const costToGo = createTerminalCost(defaultTerminal(problem), problem);
  if (!costToGo)
    throw new Error(
      'critic: must be "learned" where the cost-to-go of a learner that is told everything is not known (no closed form, a horizon, ' +
        `or a cost without end), got "${critic}"`,
    );
  return (env) => ({
    env,
    worth: worthIn(env, costToGo),
    ...(critic === "counterfactual" && {
      alternatives: alternativesIn(env, new DecisionCosts(problem, costToGo, env.numEnvs)),
    }),
  });
}

function worthIn({ simulation }: NavigationVectorEnv, costToGo: BatchTerminalCost): Worth {
  return (out) => {
    const { parameters, minima, instances, count } = simulation;
    costToGo.value(doubles(parameters), doubles(minima), instances, count, out);
    negate(out);
  };
}

function alternativesIn({ simulation }: NavigationVectorEnv, costs: DecisionCosts): Alternatives {
  const parameters = new Float64Array(simulation.parameters.length);
  const minima = new Float64Array(simulation.minima.length);
  const instances = new Float64Array(simulation.instances.length);
  return {
    note() {
      parameters.set(simulation.parameters);
      minima.set(simulation.minima);
      instances.set(simulation.instances);
    },
    worth(actions, out) {
      const minimaAfter = doubles(simulation.minima);
      costs.evaluate({ parameters, minima, minimaAfter, instances }, actions, out);
      negate(out);
    },
  };
}

function negate(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = -values[i];
}
