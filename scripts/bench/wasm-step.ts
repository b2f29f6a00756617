import type { Contender } from "./contender.js";
import type { StepContender, StepShape } from "./step-contender.js";

/** The WebAssembly kernels of the environments: undefined until there are any. */
export function wasmStepContender(_shape: StepShape): StepContender | undefined {
  return undefined;
}

/** The same behind `VectorEnv.stepInto`. */
export function wasmVectorEnvContender(_shape: StepShape): Contender | undefined {
  return undefined;
}
