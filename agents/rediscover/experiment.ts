import type { NavigationProblem, Policy, Seed } from "../../envs/index.js";
import type { PolicyConfig } from "../policies/policy-model.js";
import type { BpttOptions } from "../trainers/bptt.js";
import type { EsOptions } from "../trainers/es.js";
import type { PesOptions } from "../trainers/pes.js";
import type { PpoOptions } from "../trainers/ppo.js";
import type { FigureData, Phenomenon, Row, TrainerName } from "./report.js";

/** One phenomenon: what is trained on which problems, and how the outcome is probed. */
export interface Experiment {
  readonly phenomenon: Phenomenon;
  readonly title: string;
  readonly question: string;
  readonly settings: readonly Setting[];
  readonly figures: readonly Omit<FigureData, "panels">[];
}

export interface Setting {
  readonly name: string;
  readonly problem: NavigationProblem;
  /** What trains where no trainer is asked for. */
  readonly usual: TrainerName;
  /** The learned policy first. */
  readonly recipes: readonly Recipe[];
  /** Probes what one trainer made of the recipes: the exact policy first, then what else they are held against. */
  probe(context: ProbeContext): Findings;
}

/** A policy that is trained, and how by each trainer. */
export interface Recipe {
  /** A control is a policy that must not show the phenomenon. */
  readonly role: "learned" | "control";
  /** Such as "GRU-16". */
  readonly policy: string;
  readonly config: PolicyConfig;
  /** What some trainers train in its place: for those who have to search, fewer weights are fewer directions to try. */
  readonly instead?: Partial<Record<TrainerName, Pick<Recipe, "policy" | "config">>>;
  readonly trainers: TrainerOptions;
}

/**
 * PPO where a decision can be judged by what it leaves to one who is told everything: QMDP's criterion, exact where acting does not tell more.
 * Against its mirror image next to no noise is left.
 */
export const INFORMED = { critic: "counterfactual" } as const;

/** The same where actions of many sizes are right: each is explored in proportion to itself, and steps can be long. */
export const INFORMED_SIZES = {
  ...INFORMED,
  exploration: "relative",
  deviation: 0.3,
  epochs: 1,
  clip: 0.5,
  largestDivergence: 0.2,
  learningRate: 5e-3,
} as const;

/** What each trainer is told. */
export interface TrainerOptions {
  readonly bptt: Told<BpttOptions>;
  readonly es: Told<EsOptions>;
  readonly pes: Told<PesOptions> & Required<Pick<PesOptions, "unroll">>;
  readonly ppo: Required<Pick<PpoOptions, PpoSize>> & Omit<PpoOptions, "seed" | "clock" | PpoSize>;
}

type Told<Options> = Omit<Options, "seed" | "evaluator" | "clock"> & {
  readonly steps: number;
  readonly iterations: number;
  readonly tasks: number;
};
type PpoSize = "steps" | "episodeSteps" | "environments" | "iterations";

/** A recipe in the hands of one trainer. */
export type TrainingPlan = {
  readonly [Name in TrainerName]: Omit<Recipe, "trainers" | "instead"> & {
    readonly trainer: Name;
    readonly options: TrainerOptions[Name];
  };
}[TrainerName];

export interface Trained {
  readonly plan: TrainingPlan;
  readonly policy: Policy;
  readonly parameters: Float64Array;
  /** Mean cost J of the training episodes, by iteration. */
  readonly costs: readonly (readonly [iteration: number, cost: number])[];
  readonly seconds: number;
}

export interface ProbeContext {
  readonly setting: Setting;
  readonly trained: readonly Trained[];
  /** Of the probes; no training run uses it. */
  readonly seed: Seed;
  /** Factor on the regret limits: 1, or 2 in a quick run. */
  readonly regretAllowance: number;
}

export interface Findings {
  readonly rows: readonly Row[];
  /** One panel for each figure of the experiment, by name. Panels of one title become one. */
  readonly panels: Readonly<Record<string, FigureData["panels"][number]>>;
}

/** The same for both kinds of evolution. */
export function byEvolution(policy: string, config: PolicyConfig): NonNullable<Recipe["instead"]> {
  return { es: { policy, config }, pes: { policy, config } };
}

/** The plan of a recipe for one trainer. */
export function planOf({ trainers, instead, ...recipe }: Recipe, trainer: TrainerName): TrainingPlan {
  return { ...recipe, ...instead?.[trainer], trainer, options: trainers[trainer] } as TrainingPlan;
}

/** The policies of one role. */
export function ofRole(trained: readonly Trained[], role: Recipe["role"]): readonly Policy[] {
  return trained.filter(({ plan }) => plan.role === role).map(({ policy }) => policy);
}
