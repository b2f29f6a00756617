import type { Contender } from "./contender.js";

/** 32 antithetic pairs of particles, each with 64 environments of one coordinate; a gradient every 10 steps of 60. */
export const pesShape = { pairs: 32, environments: 64, segment: 10, sigma: 0.02 } as const;

/**
 * One iteration is one inner step of persistent evolution strategies: a segment of every particle, the estimate of the
 * gradient, and a step of Adam. Undefined until there is such a trainer.
 */
export function wasmPesContender(_workers: 1 | 2): Contender | undefined {
  return undefined;
}
