import type { NavigationProblem, Policy, Seed } from "../../envs/index.js";
import type { PolicyConfig } from "../policies/policy-model.js";
import type { BpttOptions } from "../trainers/bptt.js";
import type { EsOptions } from "../trainers/es.js";
import type { FigureData, Phenomenon, Row } from "./report.js";

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
  readonly plans: readonly TrainingPlan[];
  /** The exact policy first, then what else the learned ones are held against. */
  probe(context: ProbeContext): Findings;
}

export type TrainingPlan = {
  /** A control is a policy that must not show the phenomenon. */
  readonly role: "learned" | "control";
  /** Such as "GRU-16". */
  readonly policy: string;
  readonly config: PolicyConfig;
} & (
  | { readonly trainer: "bptt"; readonly options: Omit<BpttOptions, "seed" | "evaluator" | "clock"> }
  | { readonly trainer: "es"; readonly options: Omit<EsOptions, "seed" | "evaluator" | "clock"> }
);

export interface Trained {
  readonly plan: TrainingPlan;
  readonly policy: Policy;
  readonly parameters: Float64Array;
  /** Mean cost J of the training episodes, by iteration. */
  readonly costs: readonly (readonly [iteration: number, cost: number])[];
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
  /** One panel for each figure of the experiment, by name. */
  readonly panels: Readonly<Record<string, FigureData["panels"][number]>>;
}

/** The policies of one role. */
export function ofRole(trained: readonly Trained[], role: TrainingPlan["role"]): readonly Policy[] {
  return trained.filter(({ plan }) => plan.role === role).map(({ policy }) => policy);
}
