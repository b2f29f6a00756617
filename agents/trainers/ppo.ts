import { Observable } from "rxjs";
import {
  deriveKey,
  type NavigationProblem,
  type RandomKey,
  rootKey,
  streams,
  type VectorEnv,
} from "../../envs/index.js";
import { turn } from "../evaluators/inline.js";
import type { PolicyModel } from "../policies/model.js";
import type { TrainingEvent, TrainingState } from "./events.js";
import { PpoLearner } from "./ppo/learner.js";
import { type PpoOptions, type PpoRun, runOf } from "./ppo/options.js";
import { version } from "./version.js";

export type { PpoOptions };

/**
 * Trains a policy by proximal policy optimisation (Schulman et al., arXiv:1707.06347), from rewards alone, in any
 * batch of environments that resets itself. The policy explores as a Gaussian around its action, with a learned σ
 * for each; what is trained is the action itself, on observations as they are. Every decision counts alike, by its
 * own rewards from then on, discounted by ρ = e^{−γΔt}. An episode that is cut short is worth V of its last
 * observation, one that terminated nothing. V is a network of the observation alone.
 *
 * A policy with memory learns by back-propagation through its T steps from what it remembered before them.
 */
export function ppo(
  where: NavigationProblem | VectorEnv,
  model: PolicyModel,
  options: PpoOptions,
): Observable<TrainingEvent> {
  const run = runOf(where, model, options);
  return new Observable((subscriber) => {
    learn(
      run,
      (event) => subscriber.next(event),
      () => subscriber.closed,
    ).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
  });
}

async function learn(
  run: PpoRun,
  emit: (event: TrainingEvent) => void,
  isClosed: () => boolean,
): Promise<void> {
  const { iterations, renewEvery, model, settings, kernels, options } = run;
  const { seed, clock, stop } = options;
  const key = rootKey(seed);
  const begun = clock?.();
  const learner = new PpoLearner(run.makeEnv(), model, settings, kernels, deriveKey(key, streams.weights));
  const first = restore(learner, options);
  emit(started(run));
  for (let iteration = first; iteration < iterations; ) {
    await turn();
    if (isClosed()) return;
    if (iteration % renewEvery === 0) {
      if (stop?.aborted) return emit({ kind: "checkpoint", state: stateOf(learner, iteration) });
      learner.begin(`${seed}: iteration ${iteration}`);
    }
    const gradientNorm = learner.iterate(learningRateAt(run, iteration), iterationKey(key, iteration));
    iteration++;
    const { cost, diverged } = learner.collector;
    const elapsed = clock && begun !== undefined ? { elapsed: clock() - begun } : {};
    emit({ kind: "progress", iteration, iterations, cost, gradientNorm, diverged, ...elapsed });
    if (isCheckpoint(run, iteration)) emit({ kind: "checkpoint", state: stateOf(learner, iteration) });
  }
  emit({ kind: "finished", parameters: learner.weights.policy.slice() });
}

/** The first time after each multiple of `checkpointEvery` that episodes begin anew. */
function isCheckpoint({ checkpointEvery, renewEvery }: PpoRun, iteration: number): boolean {
  const passed = (before: number) => Math.floor(before / checkpointEvery);
  return iteration % renewEvery === 0 && passed(iteration) > passed(iteration - renewEvery);
}

function learningRateAt({ learningRate, iterations }: PpoRun, iteration: number): number {
  return learningRate * 0.5 * (1 + Math.cos((Math.PI * iteration) / iterations));
}

function started({ problem, model, options, kernels, settings, told, ...schedule }: PpoRun) {
  const { iterations, learningRate, renewEvery } = schedule;
  return {
    kind: "started",
    trainer: "ppo",
    version,
    backend: kernels.name,
    seed: options.seed,
    problem,
    policy: model.config,
    options: { ...told, ...settings, iterations, learningRate, renewEvery },
  } as const;
}

/** Puts the weights in place; returns the iterations done. */
function restore(learner: PpoLearner, { resume, initialParameters }: PpoOptions): number {
  const { policy } = learner.weights;
  const parameters = resume?.parameters ?? initialParameters ?? policy;
  if (parameters.length !== policy.length)
    throw new Error(`initialParameters: must have length ${policy.length}, got ${parameters.length}`);
  policy.set(parameters);
  if (!resume) return 0;
  if (!resume.optimizer || !resume.actorCritic)
    throw new Error("resume: must be a checkpoint of ppo, got one without optimizer or actorCritic");
  learner.moments = structuredClone(resume.optimizer);
  learner.restore(resume.actorCritic);
  return resume.iteration;
}

function stateOf(learner: PpoLearner, iteration: number): TrainingState {
  const { weights, moments } = learner;
  return structuredClone({
    iteration,
    parameters: weights.policy.slice(),
    optimizer: moments,
    actorCritic: learner.save(),
  });
}

function iterationKey(key: RandomKey, iteration: number): RandomKey {
  return deriveKey(deriveKey(key, streams.population), iteration);
}
