import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { PolicyConfig } from "../policies/model.js";
import type { AdamState } from "./adam.js";
import type { SearchDistribution } from "./cma.js";
import type { EpisodesState } from "./episodes.js";
import type { ActorCriticState } from "./ppo/learner.js";

/** All that a training run needs to go on where it was, bit for bit. */
export interface TrainingState {
  /** Iterations done. */
  readonly iteration: number;
  readonly parameters: Float64Array;
  /** Of what descends a gradient. */
  readonly optimizer?: AdamState | undefined;
  /** Of CMA-ES, around `parameters`. */
  readonly distribution?: SearchDistribution | undefined;
  /** What persistent evolution strategies keep from one iteration to the next. */
  readonly particles?: readonly ParticleState[] | undefined;
  /** What proximal policy optimisation learns beside the policy; its optimizer is that of all weights. */
  readonly actorCritic?: ActorCriticState | undefined;
}

/** A pair of perturbed learners on their way through the same episodes. Never written to. */
export interface ParticleState {
  /** Episodes begun before this one. */
  readonly episode: number;
  /** Steps done of it. */
  readonly step: number;
  /** Σ of the perturbations since it began, in units of σ, shape of the weights. */
  readonly perturbation: Float64Array;
  /** Where the episodes of the one and the other stand; null before the first step. */
  readonly states: readonly [EpisodesState, EpisodesState] | null;
}

export type TrainerKind = "bptt" | "es" | "pes" | "cma-es" | "ppo";

/** What a training run tells as it goes. Arrays are copies. */
export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly trainer: TrainerKind;
      /** Version of this package. */
      readonly version: string;
      /** What computes the policies, such as "wasm". */
      readonly backend: string;
      readonly seed: Seed;
      /** Null where environments were given instead. */
      readonly problem: NavigationProblem | null;
      readonly policy: PolicyConfig;
      /** Every hyperparameter, defaults included. */
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "progress";
      /** 1 … iterations. */
      readonly iteration: number;
      readonly iterations: number;
      /** Mean J of the iteration's episodes, before its update. */
      readonly cost: number;
      /** Norm of the gradient before clipping, where one is descended. An update whose gradient is not finite is skipped. */
      readonly gradientNorm?: number;
      /** Overall standard deviation of the search of CMA-ES, after the update. */
      readonly sigma?: number;
      /** Episodes of the iteration that diverged. */
      readonly diverged: number;
      /** Since the start, in units of the injected clock; absent without one. */
      readonly elapsed?: number;
    }
  | { readonly kind: "checkpoint"; readonly state: TrainingState }
  | { readonly kind: "finished"; readonly parameters: Float64Array };
