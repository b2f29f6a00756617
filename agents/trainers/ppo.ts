import type { Observable } from "rxjs";
import { deriveKey, type NavigationProblem, rootKey, streams, type VectorEnv } from "../../envs/index.js";
import { turn } from "../evaluators/inline.js";
import type { PolicyModel } from "../policies/model.js";
import type { TrainingEvent } from "./events.js";
import { PpoLearner } from "./ppo/learner.js";
import { type PpoOptions, type PpoRun, runOf } from "./ppo/options.js";
import { type Learner, type LearnerState, type Trainer, train } from "./train.js";

export type { PpoOptions };

/**
 * Trains a policy by proximal policy optimisation (Schulman et al., arXiv:1707.06347), from rewards alone, in any
 * batch of environments that resets itself. The policy explores as a Gaussian around its action, with a σ for each that is learned where
 * something tells it; what is trained is the action itself, on observations as they are. Every decision counts alike, by its
 * own rewards from then on, discounted by ρ = e^{−γΔt}. An episode that is cut short is worth V of its last
 * observation, one that terminated nothing. V is a network of the observation alone, or, with `critic: "informed"`, the
 * value for a learner that is told everything: an asymmetric actor and critic (Pinto et al., arXiv:1710.06542), and with "counterfactual" also for
 * the mirror image of each decision (`Critic`).
 *
 * A policy with memory learns by back-propagation through its T steps from what it remembered before them.
 *
 * @throws Error when an option is bad, or environments need a reset by hand or come without `discount`
 */
export function ppo(
  where: NavigationProblem | VectorEnv,
  model: PolicyModel,
  options: PpoOptions,
): Observable<TrainingEvent> {
  return train(ppoTrainer(where, model, options));
}

/** The same before it runs. @throws Error when an option is bad */
export function ppoTrainer(
  where: NavigationProblem | VectorEnv,
  model: PolicyModel,
  options: PpoOptions,
): Trainer {
  const run = runOf(where, model, options);
  const { problem, kernels, settings, told, iterations, checkpointEvery, learningRate, renewEvery } = run;
  const { horizon, ...hyperparameters } = settings;
  return {
    kind: "ppo",
    problem,
    model,
    backend: kernels.name,
    hyperparameters: { ...told, ...hyperparameters, renewEvery },
    rates: { learningRate },
    options: { ...options, iterations, checkpointEvery },
    episodesPerIteration: run.environments,
    isResumable: (iteration) => iteration % renewEvery === 0,
    learner: (state) => learner(run, state),
  };
}

function learner(run: PpoRun, { parameters, optimizer, actorCritic }: LearnerState): Learner {
  const { model, settings, kernels, renewEvery, options } = run;
  const key = rootKey(options.seed);
  const inner = new PpoLearner(run.makeWorld(), model, settings, kernels, deriveKey(key, streams.weights));
  inner.weights.policy.set(parameters);
  if (optimizer && actorCritic) {
    inner.moments = optimizer;
    inner.restore(actorCritic);
  } else if (options.resume)
    throw new Error("resume: must be a checkpoint of ppo, got one without optimizer or actorCritic");
  let begun = false;
  return {
    parameters: inner.weights.policy,
    async iterate(_evaluator, iteration) {
      await turn();
      if (!begun || iteration % renewEvery === 0) inner.begin(`${options.seed}: iteration ${iteration}`);
      begun = true;
      const iterationKey = deriveKey(deriveKey(key, streams.population), iteration);
      const gradientNorm = inner.iterate(learningRateAt(run, iteration), iterationKey);
      const { cost, diverged } = inner.collector;
      return { cost, gradientNorm, diverged };
    },
    save: () => ({
      parameters: inner.weights.policy,
      optimizer: inner.moments,
      actorCritic: inner.save(),
    }),
  };
}

function learningRateAt({ learningRate, iterations }: PpoRun, iteration: number): number {
  return learningRate * 0.5 * (1 + Math.cos((Math.PI * iteration) / iterations));
}
