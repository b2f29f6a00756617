import type { Seed } from "./random.js";
import type { Box } from "./spaces.js";

/** What an environment tells beside its observation. */
export type Info = Readonly<Record<string, number | boolean | Float64Array>>;

/** "ansi": a line of text; "svg": a picture, as the text of an SVG document. */
export type RenderMode = "ansi" | "svg";

export interface Metadata {
  readonly renderModes: readonly RenderMode[];
}

/** How an environment was made: enough to make it again. */
export interface EnvSpec {
  /** `namespace/Name-v0`. */
  readonly id: string;
  /** Steps after which an episode is truncated; null for never. */
  readonly maxEpisodeSteps: number | null;
  readonly kwargs: Readonly<Record<string, unknown>>;
}

export interface ResetOptions {
  /** Starts every random stream anew. Absent: the streams go on where they were. */
  readonly seed?: Seed | undefined;
  /** What a kind of environment lets a caller choose about an episode. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResetResult<I extends Info = Info> {
  readonly observation: Float64Array;
  readonly info: I;
}

export interface StepResult<I extends Info = Info> {
  readonly observation: Float64Array;
  readonly reward: number;
  /** The problem ended: nothing follows. */
  readonly terminated: boolean;
  /** The episode was cut short: the problem would go on, and its value at this observation is not zero. */
  readonly truncated: boolean;
  readonly info: I;
}

/**
 * One environment, after Gymnasium 1.x (https://gymnasium.farama.org/api/env/). An array that it hands out
 * is the caller's: no later call writes to it.
 */
export interface Env<I extends Info = Info> {
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  /** Null for an environment that was not made by a registry. */
  readonly spec: EnvSpec | null;
  readonly metadata: Metadata;
  readonly renderMode: RenderMode | null;
  /** Begins an episode. */
  reset(options?: ResetOptions): ResetResult<I>;
  /** @throws Error before the first `reset`, after the end of an episode, and after `close`. */
  step(action: ArrayLike<number>): StepResult<I>;
  /** The present state as `renderMode` says; null without one. */
  render(): string | null;
  close(): void;
}
