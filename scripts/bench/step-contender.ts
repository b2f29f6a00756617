import type { Contender } from "./contender.js";

/** Which batch to step. */
export interface StepShape {
  readonly count: number;
  readonly dimension: number;
  /** Whether the gradients are seen with noise. */
  readonly noise: boolean;
}

/** A batch of environments, as inputs.ts describes them, at the start of their first episodes, that can be looked into. */
export interface StepContender extends Contender {
  /** What environment n paid in the last step. */
  cost(n: number): number;
  /** θ_j of environment n, as observed. */
  parameter(n: number, j: number): number;
  /** g_j of environment n, as observed. */
  gradient(n: number, j: number): number;
}
