import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { PolicyConfig } from "../policies/model.js";
import type { AdamState } from "./adam.js";

/** All that a training run needs to go on where it was, bit for bit. */
export interface TrainingState {
  /** Iterations done. */
  readonly iteration: number;
  readonly parameters: Float64Array;
  readonly optimizer: AdamState;
}

/** What a training run tells as it goes. Arrays are copies. */
export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly trainer: "bptt" | "es";
      /** Version of this package. */
      readonly version: string;
      /** What computes the policies, such as "wasm". */
      readonly backend: string;
      readonly seed: Seed;
      readonly problem: NavigationProblem;
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
      /** Norm of the gradient before clipping. An update whose gradient is not finite is skipped. */
      readonly gradientNorm: number;
      /** Episodes of the iteration that diverged. */
      readonly diverged: number;
      /** Since the start, in units of the injected clock; absent without one. */
      readonly elapsed?: number;
    }
  | { readonly kind: "checkpoint"; readonly state: TrainingState }
  | { readonly kind: "finished"; readonly parameters: Float64Array };
