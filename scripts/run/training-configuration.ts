import { type Backend, kernelsOf } from "../../agents/evaluators/backend.js";
import { type PolicyConfig, policyModel } from "../../agents/policies/policy-model.js";
import { bpttTrainer } from "../../agents/trainers/bptt.js";
import { cmaEsTrainer } from "../../agents/trainers/cma-es.js";
import { esTrainer } from "../../agents/trainers/es.js";
import { pesTrainer } from "../../agents/trainers/pes.js";
import { ppoTrainer } from "../../agents/trainers/ppo.js";
import type { RunOptions, Trainer } from "../../agents/trainers/train.js";
import { defineProblem, type NavigationProblem, type Seed } from "../../envs/index.js";

/** All that decides how a training run ends, as plain data. */
export interface TrainingConfiguration {
  readonly problem: NavigationProblem;
  readonly policy: PolicyConfig;
  readonly trainer: keyof typeof trainers;
  /** Options of the trainer; null stands for its default. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: Seed;
  /** What computes the policies. */
  readonly backend: Backend;
  readonly checkpointEvery: number;
}

const trainers = {
  bptt: bpttTrainer,
  es: esTrainer,
  pes: pesTrainer,
  "cma-es": cmaEsTrainer,
  ppo: ppoTrainer,
} as const;

/** @throws Error when an option is bad */
export function trainerOf(
  { problem, policy, trainer, options, seed, backend, checkpointEvery }: TrainingConfiguration,
  running: Pick<RunOptions, "resume" | "evaluator" | "clock" | "stop"> = {},
): Trainer {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
  const kernels = kernelsOf(backend);
  const all = { ...given, seed, kernels, checkpointEvery, ...running };
  return trainers[trainer](problem, policyModel(policy), all);
}

/**
 * The same configuration with every default written out, and a checkpoint for each twentieth of the run unless
 * told otherwise.
 */
export function completed(
  configuration: Omit<TrainingConfiguration, "checkpointEvery">,
  checkpointEvery?: number,
): TrainingConfiguration {
  const { hyperparameters, rates, options } = trainerOf({ ...configuration, checkpointEvery: 0 });
  const { iterations } = options;
  return {
    ...configuration,
    options: { ...hyperparameters, iterations, ...rates },
    checkpointEvery: checkpointEvery ?? Math.max(1, Math.round(iterations / 20)),
  };
}

/** From a run's config.json. @throws Error when it is not one */
export function configurationFrom(value: TrainingConfiguration): TrainingConfiguration {
  const configuration = { ...value, problem: defineProblem(value.problem) };
  kernelsOf(configuration.backend);
  return configuration;
}
