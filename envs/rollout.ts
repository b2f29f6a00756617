import { refuseOthers, requireWhole } from "./core/arguments.js";
import type { Policy } from "./core/policy.js";
import type { Seed } from "./core/random.js";
import { Dynamics } from "./dynamics.js";
import { discountOf, type NavigationProblem } from "./problem/problem.js";

/** Cost of what lies beyond the last step, for one environment, from its parameters, minimum and instance. */
export type TerminalCost = (state: {
  readonly parameters: Float64Array;
  readonly minimum: Float64Array;
  readonly instance: Float64Array;
}) => number;

export interface RolloutOptions {
  /** Episodes, run side by side. Default 1. */
  readonly episodes?: number;
  /** Steps of each episode. */
  readonly steps: number;
  /** The same seed gives every policy the same starts, tasks and noise. */
  readonly seed: Seed;
  /** Index of the first episode among all of a seed's. Default 0. */
  readonly firstEpisode?: number;
  /** Charged after the last step, discounted. Default: nothing. */
  readonly terminalCost?: TerminalCost;
  /** Called after each step; for recording. */
  readonly onStep?: (step: RolloutStep) => void;
}

/** Views of live arrays: copy what must outlast the call. */
export interface RolloutStep {
  /** 0 … steps − 1. */
  readonly step: number;
  /** What the policy saw, `[episodes, observationSize]`. */
  readonly observations: Float64Array;
  /** What it did, `[episodes, actionSize]`. */
  readonly actions: Float64Array;
  /** The world after the step. */
  readonly dynamics: Dynamics;
}

export interface Rollout {
  /** Discounted cost J of each episode: Σ ρᵗ·Δt·[(1/2η)uᵀGu + kL], plus the terminal cost. */
  readonly costs: Float64Array;
  /** Loss charged in the last step of each episode. */
  readonly finalLosses: Float64Array;
  /** 1 where an episode diverged; its cost then includes the penalty at every later step. */
  readonly diverged: Uint8Array;
}

/** Runs a policy on a problem, for everyone: probes, comparisons, training curves. */
export function rollout<State>(
  problem: NavigationProblem,
  policy: Policy<State>,
  { episodes = 1, steps, seed, firstEpisode = 0, terminalCost, onStep, ...others }: RolloutOptions,
): Rollout {
  refuseOthers("rollout", others, "episodes, steps, seed, firstEpisode, terminalCost, onStep");
  requireWhole("rollout: episodes", episodes, 1);
  requireWhole("rollout: steps", steps, 0);
  if (seed === undefined) throw new Error("rollout: seed must be a number or a string, got nothing");
  requireWhole("rollout: firstEpisode", firstEpisode, 0);
  const dynamics = new Dynamics(problem, { count: episodes, firstIndex: firstEpisode, seed });
  const observations = new Float64Array(episodes * dynamics.observationSize);
  const actions = new Float64Array(episodes * dynamics.actionSize);
  const costs = new Float64Array(episodes);
  const diverged = new Uint8Array(episodes);
  const rho = discountOf(problem);
  let state = policy.init(episodes);
  let weight = 1;
  for (let step = 0; step < steps; step++) {
    dynamics.observe(observations);
    state = policy.act(observations, state, actions);
    dynamics.step(actions);
    for (let n = 0; n < episodes; n++) {
      costs[n] += weight * dynamics.costs[n];
      diverged[n] |= dynamics.diverged[n];
    }
    weight *= rho;
    onStep?.({ step, observations, actions, dynamics });
  }
  if (terminalCost) chargeTerminal(dynamics, terminalCost, weight, costs);
  return { costs, finalLosses: dynamics.losses.slice(), diverged };
}

function chargeTerminal(
  dynamics: Dynamics,
  terminalCost: TerminalCost,
  weight: number,
  costs: Float64Array,
): void {
  const { dimension, landscape, parameters, minima, instances } = dynamics;
  for (let n = 0; n < dynamics.count; n++) {
    const from = n * dimension;
    costs[n] +=
      weight *
      terminalCost({
        parameters: parameters.subarray(from, from + dimension),
        minimum: minima.subarray(from, from + dimension),
        instance: instances.subarray(n * landscape.instanceSize, (n + 1) * landscape.instanceSize),
      });
  }
}
