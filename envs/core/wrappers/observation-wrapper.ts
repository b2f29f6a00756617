import { type Box, batchSpace } from "../spaces.js";
import { checkStepInto } from "../step-arguments.js";
import {
  type StepBuffers,
  stepBuffers,
  type VectorEnv,
  type VectorResetOptions,
  type VectorResetResult,
} from "../vector-env.js";
import { VectorWrapper } from "./vector-wrapper.js";

/**
 * Shows another observation than the inner environments do. A kind of wrapper says what becomes of the first
 * observation of an episode and of a later one; here it is worked out which is which, in every autoreset mode.
 */
export abstract class ObservationWrapper extends VectorWrapper {
  private readonly single: Box;
  private readonly all: Box;
  private readonly inner: Required<StepBuffers>;
  /** What was shown last, `[numEnvs, size]`. */
  private readonly shown: Float64Array;
  private readonly ended: Uint8Array;

  constructor(env: VectorEnv, single: Box) {
    super(env);
    this.single = single;
    this.all = batchSpace(single, env.numEnvs);
    this.inner = stepBuffers(env);
    this.shown = new Float64Array(this.all.size);
    this.ended = new Uint8Array(env.numEnvs);
  }

  override get singleObservationSpace(): Box {
    return this.single;
  }
  override get observationSpace(): Box {
    return this.all;
  }

  /** All observations of a reset or a step, before any is shown. */
  protected see(_observations: Float64Array): void {}

  /** Shows the first observation of an episode of environment n: from `observations` at `from` to `out` at `to`. */
  protected abstract begin(
    n: number,
    observations: Float64Array,
    from: number,
    out: Float64Array,
    to: number,
  ): void;

  /** Shows a later observation. */
  protected abstract next(
    n: number,
    observations: Float64Array,
    from: number,
    out: Float64Array,
    to: number,
  ): void;

  override reset(options: VectorResetOptions = {}): VectorResetResult {
    const mask = options.options?.resetMask;
    const { observations, infos } = this.env.reset(options);
    this.see(observations);
    for (let n = 0; n < this.numEnvs; n++) {
      if (mask && !mask[n]) continue;
      this.ended[n] = 0;
      this.show("begin", n, observations, this.shown);
    }
    return { observations: this.shown.slice(), infos };
  }

  override stepInto(actions: Float64Array, buffers: StepBuffers): void {
    checkStepInto(this, actions, buffers);
    this.env.stepInto(this.actions(actions), this.inner);
    this.convert(this.inner, buffers);
  }

  protected override convert(inner: StepBuffers, outer: StepBuffers): void {
    const { ended, shown, metadata } = this;
    const sameStep = metadata.autoresetMode === "same-step";
    outer.rewards.set(inner.rewards);
    outer.terminated.set(inner.terminated);
    outer.truncated.set(inner.truncated);
    this.see(inner.observations);
    for (let n = 0; n < this.numEnvs; n++) {
      const ends = inner.terminated[n] | inner.truncated[n];
      if (sameStep && ends === 1) this.showBoth(n, inner, outer);
      else this.show(ended[n] === 1 ? "begin" : "next", n, inner.observations, shown);
      ended[n] = sameStep ? 0 : ends;
    }
    outer.observations.set(shown);
  }

  private show(which: "begin" | "next", n: number, observations: Float64Array, out: Float64Array): void {
    this[which](n, observations, n * this.env.singleObservationSpace.size, out, n * this.single.size);
  }

  /** The last observation of one episode, and the first of the next. */
  private showBoth(n: number, inner: StepBuffers, outer: StepBuffers): void {
    const last = outer.finalObservations ?? this.shown;
    if (inner.finalObservations) this.show("next", n, inner.finalObservations, last);
    this.show("begin", n, inner.observations, this.shown);
  }
}
