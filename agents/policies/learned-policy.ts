import type { Policy } from "../../envs/index.js";
import type { Kernels } from "../kernels/kernels.js";
import { wasmKernels } from "../kernels/wasm.js";
import type { PolicyModel, PolicyTape } from "./model.js";

export interface LearnedPolicyOptions {
  /** Default: the kind of the model. */
  readonly name?: string;
  /** Default: WebAssembly. */
  readonly kernels?: Kernels;
}

export interface LearnedPolicyState {
  readonly tape: PolicyTape;
  /** Steps since the episode began. */
  readonly step: number;
}

/** A model with its parameters, ready to act: deterministic, for rollouts and probes. */
export function learnedPolicy(
  model: PolicyModel,
  parameters: Float64Array,
  { name = model.config.kind, kernels = wasmKernels() }: LearnedPolicyOptions = {},
): Policy<LearnedPolicyState> {
  if (parameters.length !== model.parameterCount) {
    throw new Error(`parameters: must have length ${model.parameterCount}, got ${parameters.length}`);
  }
  const frozen = parameters.slice();
  return {
    name,
    init(batch) {
      const tape = model.instantiate(kernels, batch, 1);
      tape.setParameters(frozen);
      tape.reset();
      return { tape, step: 0 };
    },
    act(observations, { tape, step }, actions) {
      tape.forward(step, observations, actions);
      return { tape, step: step + 1 };
    },
  };
}
