import type { EnvSpec, Info, Metadata, RenderMode, ResetOptions } from "./env.js";
import type { Numbers } from "./finite.js";
import type { Box } from "./spaces.js";

/**
 * What follows the end of an episode in one environment of a batch.
 * - "next-step": its next step begins an episode, ignores the action and has reward 0;
 * - "same-step": the step that ends an episode begins the next; the last observation is in `infos`;
 * - "disabled": the caller resets it, with `options.resetMask`.
 */
export type AutoresetMode = "next-step" | "same-step" | "disabled";

type Rows<Value> = Value extends boolean ? Uint8Array : Float64Array;

/** One row for each environment: a number becomes one element, an array becomes a row. */
export type BatchOf<I extends Info> = { readonly [K in keyof I]: Rows<I[K]> };

/** Infos of a batch. The four last fields are there only in "same-step" mode, when an episode ended. */
export type VectorInfos<I extends Info = Info> = BatchOf<I> & {
  /** Last observation of each episode that ended, else null. */
  readonly finalObservation?: readonly (Float64Array | null)[];
  /** 1 where `finalObservation` is present. */
  readonly _finalObservation?: Uint8Array;
  /** Last info of each episode that ended, else zeros. */
  readonly finalInfo?: BatchOf<I>;
  /** 1 where `finalInfo` is present. */
  readonly _finalInfo?: Uint8Array;
};

export interface VectorResetOptions extends ResetOptions {
  readonly options?:
    | (Readonly<Record<string, unknown>> & {
        /** Nonzero for the environments to reset, `[numEnvs]`. Absent: all of them. */
        readonly resetMask?: ArrayLike<number | boolean> | undefined;
      })
    | undefined;
}

export interface VectorResetResult<I extends Info = Info> {
  /** `[numEnvs, observationSize]`, row-major. */
  readonly observations: Float64Array;
  readonly infos: VectorInfos<I>;
}

/** Where a step is written. All arrays are the caller's. */
export interface StepBuffers<A extends Numbers = Float64Array> {
  /** `[numEnvs, observationSize]`, row-major. */
  readonly observations: A;
  /** `[numEnvs]`. */
  readonly rewards: A;
  /** 1 where the problem ended, `[numEnvs]`. */
  readonly terminated: Uint8Array;
  /** 1 where the episode was cut short, `[numEnvs]`. */
  readonly truncated: Uint8Array;
  /**
   * "same-step" mode: receives the last observation of the episodes that ended,
   * `[numEnvs, observationSize]`; other rows stay as they were.
   */
  readonly finalObservations?: A;
}

export interface VectorStepResult<I extends Info = Info> extends Omit<StepBuffers, "finalObservations"> {
  readonly infos: VectorInfos<I>;
}

/**
 * A batch of environments, after Gymnasium 1.x (https://gymnasium.farama.org/api/vector/).
 * An array that it hands out is the caller's: no later call writes to it, except `stepInto`, which writes to
 * the arrays that it is given.
 */
export interface VectorEnv<I extends Info = Info> {
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly singleActionSpace: Box;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  /** Null for an environment that was not made by a registry. */
  readonly spec: EnvSpec | null;
  readonly metadata: Metadata & { readonly autoresetMode: AutoresetMode };
  readonly renderMode: RenderMode | null;
  /** Begins an episode in every environment, or in those of `options.resetMask`. */
  reset(options?: VectorResetOptions): VectorResetResult<I>;
  /** Actions `[numEnvs, actionSize]`, row-major. @throws Error before the first `reset` and after `close`. */
  step(actions: ArrayLike<number>): VectorStepResult<I>;
  /** The same step without infos and without allocating anything. */
  stepInto(actions: Float64Array, buffers: StepBuffers): void;
  /** Info of one environment. */
  info(n: number): I;
  /** The present state of each environment as `renderMode` says; null without one. */
  render(): readonly string[] | null;
  close(): void;
}

/** Arrays of the right sizes for `stepInto`. */
export function stepBuffers({ numEnvs, observationSpace }: VectorEnv): Required<StepBuffers> {
  return {
    observations: new Float64Array(observationSpace.size),
    rewards: new Float64Array(numEnvs),
    terminated: new Uint8Array(numEnvs),
    truncated: new Uint8Array(numEnvs),
    finalObservations: new Float64Array(observationSpace.size),
  };
}
