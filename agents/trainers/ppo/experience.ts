import type { VectorEnv } from "../../../envs/index.js";

/** What N environments did in T steps, row-major: `[steps, environments, …]`. */
export interface Experience {
  readonly steps: number;
  readonly environments: number;
  readonly observations: Float64Array;
  /** What each step led to: at the end of an episode its last observation, not the first of the next. */
  readonly nextObservations: Float64Array;
  readonly actions: Float64Array;
  /** What σ was in units of where each action was taken. */
  readonly scales: Float64Array;
  readonly logProbabilities: Float64Array;
  readonly rewards: Float64Array;
  /** V where each decision was taken, and where it led to: at the end of an episode that of its last state. */
  readonly values: Float64Array;
  readonly nextValues: Float64Array;
  /** r + ρV′ − V, over half of what the decision is worth more than its mirror image; 0 where that is not known. */
  readonly surplus: Float64Array;
  readonly terminated: Uint8Array;
  /** Terminated or cut short. */
  readonly ended: Uint8Array;
  /** 0 where an environment waited or was reset, and decided nothing. */
  readonly valid: Uint8Array;
}

export function experienceOf(
  { numEnvs, observationSpace, actionSpace }: VectorEnv,
  steps: number,
): Experience {
  return {
    steps,
    environments: numEnvs,
    observations: new Float64Array(steps * observationSpace.size),
    nextObservations: new Float64Array(steps * observationSpace.size),
    actions: new Float64Array(steps * actionSpace.size),
    scales: new Float64Array(steps * actionSpace.size).fill(1),
    logProbabilities: new Float64Array(steps * numEnvs),
    rewards: new Float64Array(steps * numEnvs),
    values: new Float64Array(steps * numEnvs),
    nextValues: new Float64Array(steps * numEnvs),
    surplus: new Float64Array(steps * numEnvs),
    terminated: new Uint8Array(steps * numEnvs),
    ended: new Uint8Array(steps * numEnvs),
    valid: new Uint8Array(steps * numEnvs),
  };
}
