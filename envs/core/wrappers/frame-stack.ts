import { refuseOthers } from "../arguments.js";
import type { Env } from "../env.js";
import { batchSpace } from "../spaces.js";
import type { VectorEnv } from "../vector-env.js";
import { ObservationWrapper } from "./observation-wrapper.js";
import { wrapAny } from "./single.js";

export interface FrameStackOptions {
  /** Observations that are shown together, the newest last. */
  readonly stackSize: number;
  /** What stands for observations from before the episode: its first, or zeros. Default "reset". */
  readonly padding?: "reset" | "zero";
}

/**
 * Shows the last observations together, in the shape `[stackSize, ...shape]`.
 *
 * @throws Error when `stackSize` is not a whole number >= 1, or the padding is unknown
 */
export function frameStack<E extends Env | VectorEnv>(env: E, options: FrameStackOptions): E {
  return wrapAny(env, (batch) => new FrameStack(batch, options));
}

class FrameStack extends ObservationWrapper {
  private readonly size: number;
  private readonly padsWithZero: boolean;
  /** `[numEnvs, stackSize, size]`, the newest last. */
  private readonly frames: Float64Array;

  constructor(env: VectorEnv, { stackSize, padding = "reset", ...others }: FrameStackOptions) {
    refuseOthers("frameStack", others, "stackSize, padding");
    if (!Number.isInteger(stackSize) || stackSize < 1)
      throw new Error(`frameStack: stackSize must be a whole number >= 1, got ${stackSize}`);
    if (padding !== "reset" && padding !== "zero")
      throw new Error(`frameStack: padding must be "reset" or "zero", got ${JSON.stringify(padding)}`);
    super(env, batchSpace(env.singleObservationSpace, stackSize));
    this.size = env.singleObservationSpace.size;
    this.padsWithZero = padding === "zero";
    this.frames = new Float64Array(this.observationSpace.size);
  }

  protected begin(_n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    const { frames, size } = this;
    const end = to + this.singleObservationSpace.size;
    const last = end - size;
    for (let i = to, j = 0; i < end; i++, j = (j + 1) % size)
      frames[i] = this.padsWithZero && i < last ? 0 : observations[from + j];
    this.copy(out, to, end);
  }

  protected next(_n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    const { frames, size } = this;
    const end = to + this.singleObservationSpace.size;
    frames.copyWithin(to, to + size, end);
    for (let j = 0; j < size; j++) frames[end - size + j] = observations[from + j];
    this.copy(out, to, end);
  }

  private copy(out: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; i++) out[i] = this.frames[i];
  }
}
