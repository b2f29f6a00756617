import type { NavigationProblem } from "../../envs/index.js";

/**
 * Cost of what lies beyond the last step, V(θ_T, μ_T), of a batch of environments. Arrays are row-major:
 * `parameters` and `minima` `[count, dimension]`, `instances` `[count, instanceSize]`.
 */
export interface BatchTerminalCost {
  /** Writes V `[count]`. */
  value(
    parameters: Float64Array,
    minima: Float64Array,
    instances: Float64Array,
    count: number,
    out: Float64Array,
  ): void;
  /** Writes ∂V/∂θ `[count, dimension]`. */
  gradient(
    parameters: Float64Array,
    minima: Float64Array,
    instances: Float64Array,
    count: number,
    out: Float64Array,
  ): void;
}

/** A terminal cost as plain data. */
export type TerminalSpec =
  /** Nothing is charged after the last step. */
  "none";

/** The terminal cost that a specification describes, on one problem; undefined for "none". */
export function createTerminalCost(
  _spec: TerminalSpec,
  _problem: NavigationProblem,
): BatchTerminalCost | undefined {
  return undefined;
}
