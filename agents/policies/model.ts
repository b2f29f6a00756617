import type { RandomKey } from "../../envs/index.js";
import type { Kernels, Numbers } from "../kernels/kernels.js";
import type { PolicyConfig } from "./policy-model.js";

export type { PolicyConfig };

/**
 * A learned policy before it has weights: its configuration, its number of parameters, and how to run it
 * forward and backward. Per-coordinate models apply one small network to every coordinate alike, with
 * observations `[batch, observationSize]` and actions `[batch, dimension]`, row-major.
 */
export interface PolicyModel {
  /** Plain JSON; `policyModel(config)` makes the same model again. */
  readonly config: PolicyConfig;
  readonly parameterCount: number;
  initialParameters(key: RandomKey): Float64Array;
  /** Memory for `batch` environments and `steps` recorded steps. With one step it only runs forward, for ever. */
  instantiate(kernels: Kernels, batch: number, steps: number): PolicyTape;
}

/** A model at work on one batch: forward in time, then backward over what was recorded. */
export interface PolicyTape {
  setParameters(parameters: Float64Array): void;
  /** Back to the start of the episodes: empty memory, no recorded steps, zero parameter gradient. */
  reset(): void;
  /** What step t will remember of the steps before: views, to be copied from and to. */
  memoryBefore(t: number): readonly Numbers[];
  /** Acts at step t; the next call is for t + 1. */
  forward(t: number, observations: Numbers, actions: Numbers): void;
  /**
   * Acts once more at a recorded step, on what was seen and remembered then, by the parameters set since. Absent where
   * what is remembered depends on these.
   */
  readonly forwardAgain?: (t: number, actions: Numbers) => void;
  /**
   * Called for t = T − 1 … 0: takes ∂J/∂actions at t, writes ∂J/∂observations at t, and adds to
   * `parameterGradient`. The gradient with respect to the memory is carried along inside, and multiplied by
   * `discount` (default 1) on its way from t + 1.
   */
  backward(t: number, actionGradients: Numbers, observationGradients: Numbers, discount?: number): void;
  /** Of the steps since `reset`; to be read again after further steps. */
  readonly parameterGradient: Float64Array;
}
