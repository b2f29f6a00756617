import { type Backend, kernelsOf } from "../../agents/evaluators/backend.js";
import { emaBankFor } from "../../agents/policies/ema-bank.js";
import { gruFor } from "../../agents/policies/gru.js";
import { memorylessFor } from "../../agents/policies/memoryless.js";
import { type PolicyConfig, policyModel } from "../../agents/policies/policy-model.js";
import { bpttTrainer } from "../../agents/trainers/bptt.js";
import { cmaEsTrainer } from "../../agents/trainers/cma-es.js";
import { esTrainer } from "../../agents/trainers/es.js";
import type { TrainerKind } from "../../agents/trainers/events.js";
import { pesTrainer } from "../../agents/trainers/pes.js";
import type { RunOptions, Trainer } from "../../agents/trainers/train.js";
import {
  defineProblem,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
  type Seed,
} from "../../envs/index.js";

/** All that decides how a training run ends, as plain data. */
export interface TrainingConfiguration {
  readonly problem: NavigationProblem;
  readonly policy: PolicyConfig;
  readonly trainer: TrainerKind;
  /** Options of the trainer; null stands for its default. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: Seed;
  /** What computes the policies. */
  readonly backend: Backend;
  readonly checkpointEvery: number;
}

const trainers = { bptt: bpttTrainer, es: esTrainer, pes: pesTrainer, "cma-es": cmaEsTrainer } as const;

/** @throws Error when an option is bad */
export function trainerOf(
  { problem, policy, trainer, options, seed, checkpointEvery }: TrainingConfiguration,
  running: Pick<RunOptions, "resume" | "evaluator" | "clock" | "stop"> = {},
): Trainer {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
  return trainers[trainer](problem, policyModel(policy), { ...given, seed, checkpointEvery, ...running });
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

export const policyNames = ["memoryless", "ema-bank", "gru"] as const;

export interface PolicyOptions {
  /** Default: gru where something is hidden, else memoryless. */
  readonly policy?: (typeof policyNames)[number];
  /** Units of each hidden layer of a memoryless policy or EMA bank. */
  readonly hidden?: readonly number[];
  /** Units of memory of a GRU. */
  readonly units?: number;
}

/** @throws Error when the problem has no observation that the policy can use */
export function policyFor(
  problem: NavigationProblem,
  { policy, hidden, units }: PolicyOptions,
): PolicyConfig {
  const hides = hidesMinimum(problem) || hidesCurvature(problem);
  const name = policy ?? (hides ? "gru" : "memoryless");
  const unusable = name === "gru" ? hidden && "hidden" : units && "units";
  if (unusable) throw new Error(`--${unusable}: is not an option of the policy ${name}`);
  if (name === "gru") return gruFor(problem, { ...(units !== undefined && { units }) });
  const layers = { ...(hidden && { hidden }) };
  return name === "memoryless" ? memorylessFor(problem, layers) : emaBankFor(problem, layers);
}
