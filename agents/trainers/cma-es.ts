import type { Observable } from "rxjs";
import {
  deriveKey,
  fillNormals,
  type NavigationProblem,
  type RandomKey,
  rootKey,
  streams,
} from "../../envs/index.js";
import type { Workload } from "../evaluators/evaluator.js";
import type { PolicyModel } from "../policies/model.js";
import { adapt, defaultMembers, initialDistribution, sample } from "./cma.js";
import type { TrainingEvent } from "./events.js";
import { defaultTerminal, type TerminalSpec } from "./terminal-cost.js";
import {
  defaultSteps,
  type Learner,
  type LearnerState,
  type RunOptions,
  type Trainer,
  train,
} from "./train.js";

/** Weights above which a generation spends its time on the covariance, which has their square. */
const MOST_WEIGHTS = 500;

export interface CmaEsOptions extends Partial<Omit<RunOptions, "seed">> {
  readonly seed: RunOptions["seed"];
  /** Steps T of each episode. Default: to the problem's horizon, or 60 where it has none. */
  readonly steps?: number;
  /** Standard deviation σ of the first generation's weights. Default 0.1. */
  readonly sigma?: number;
  /** Members λ of a generation, at least 4. Default 4 + ⌊3 ln n⌋ for n weights. */
  readonly members?: number;
  /** Episodes of each member, the same for all members of a generation. Default 256. */
  readonly tasks?: number;
  /** Charged after the last step. Default: "informed-value" where there is one, else "none". */
  readonly terminal?: TerminalSpec;
}

/**
 * Trains a small policy by covariance matrix adaptation (Hansen, arXiv:1604.00772), from costs alone: it learns how
 * the cost bends and how large its steps should be. Common random numbers within a generation.
 * Default: 300 generations.
 */
export function cmaEs(
  problem: NavigationProblem,
  model: PolicyModel,
  options: CmaEsOptions,
): Observable<TrainingEvent> {
  return train(cmaEsTrainer(problem, model, options));
}

/** The same before it runs. @throws Error when an option is bad, or the policy has more than 500 weights */
export function cmaEsTrainer(
  problem: NavigationProblem,
  model: PolicyModel,
  {
    steps = defaultSteps(problem),
    sigma = 0.1,
    members = defaultMembers(model.parameterCount),
    tasks = 256,
    terminal = defaultTerminal(problem),
    iterations = 300,
    checkpointEvery = 0,
    ...rest
  }: CmaEsOptions,
): Trainer {
  if (model.parameterCount > MOST_WEIGHTS)
    throw new Error(
      `cma-es: the policy must have at most ${MOST_WEIGHTS} weights, got ${model.parameterCount}; use es, or a smaller policy`,
    );
  if (!(Number.isInteger(members) && members >= 4))
    throw new Error(`cma-es: members must be a whole number >= 4, got ${members}`);
  if (!(sigma > 0)) throw new Error(`cma-es: sigma must be > 0, got ${sigma}`);
  const plan: Plan = {
    workload: { problem, model, steps, episodes: tasks, terminal, want: "cost" },
    key: deriveKey(rootKey(rest.seed), streams.population),
    seed: rest.seed,
    sigma,
    members,
  };
  return {
    kind: "cma-es",
    problem,
    model,
    hyperparameters: { steps, sigma, members, tasks, terminal },
    options: { iterations, checkpointEvery, ...rest },
    episodesPerIteration: tasks,
    learner: (state) => search(plan, state),
  };
}

interface Plan {
  readonly workload: Workload;
  readonly key: RandomKey;
  readonly seed: RunOptions["seed"];
  readonly sigma: number;
  readonly members: number;
}

function search(
  { workload, key, seed, sigma, members }: Plan,
  { parameters, ...state }: LearnerState,
): Learner {
  let distribution = state.distribution ?? initialDistribution(parameters.length, sigma);
  return {
    parameters,
    async iterate(evaluator, iteration, signal) {
      const normals = new Float64Array(members * parameters.length);
      fillNormals(key, 0, iteration, normals.length, normals);
      const generation = sample(parameters, distribution, normals);
      const firstIndex = iteration * workload.episodes;
      const results = await Promise.all(
        generation.candidates.map((candidate) =>
          evaluator.evaluate({ workload, parameters: candidate, seed, firstIndex }, signal),
        ),
      );
      const costs = results.map(({ cost }) => cost);
      distribution = adapt(parameters, distribution, generation, costs);
      return {
        cost: costs.reduce((total, cost) => total + cost, 0) / (members * workload.episodes),
        diverged: results.reduce((total, { diverged }) => total + diverged, 0),
        sigma: distribution.sigma,
      };
    },
    save: () => ({ parameters, distribution }),
  };
}
