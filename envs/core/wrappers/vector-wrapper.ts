import type { EnvSpec, Info, RenderMode } from "../env.js";
import type { Box } from "../spaces.js";
import { checkStepInto, copyOfActions } from "../step-arguments.js";
import {
  type StepBuffers,
  stepBuffers,
  type VectorEnv,
  type VectorInfos,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from "../vector-env.js";

/**
 * A batch of environments around another. Nothing is changed here; a wrapper overrides what it changes:
 * `actions` on the way in, `reset` and `convert` on the way out.
 */
export class VectorWrapper<I extends Info = Info> implements VectorEnv<I> {
  protected readonly env: VectorEnv<I>;

  constructor(env: VectorEnv<I>) {
    this.env = env;
  }

  get numEnvs(): number {
    return this.env.numEnvs;
  }
  get singleObservationSpace(): Box {
    return this.env.singleObservationSpace;
  }
  get singleActionSpace(): Box {
    return this.env.singleActionSpace;
  }
  get observationSpace(): Box {
    return this.env.observationSpace;
  }
  get actionSpace(): Box {
    return this.env.actionSpace;
  }
  get spec(): EnvSpec | null {
    return this.env.spec;
  }
  get metadata(): VectorEnv["metadata"] {
    return this.env.metadata;
  }
  get renderMode(): RenderMode | null {
    return this.env.renderMode;
  }

  reset(options: VectorResetOptions = {}): VectorResetResult<I> {
    return this.env.reset(options);
  }

  step(actions: ArrayLike<number>): VectorStepResult<I> {
    const { infos, ...inner } = this.env.step(this.actions(copyOfActions(actions, this)));
    return this.convertStep(inner, infos);
  }

  stepInto(actions: Float64Array, buffers: StepBuffers): void {
    checkStepInto(this, actions, buffers);
    this.env.stepInto(this.actions(actions), buffers);
    this.convert(buffers, buffers);
  }

  info(n: number): I {
    return this.env.info(n);
  }

  render(): readonly string[] | null {
    return this.env.render();
  }

  close(): void {
    this.env.close();
  }

  /** What the inner environments are to do; may return an array that the wrapper keeps. */
  protected actions(given: Float64Array): Float64Array {
    return given;
  }

  /** Turns a step of the inner environments into one of these; `inner` and `outer` may be the same. */
  protected convert(inner: StepBuffers, outer: StepBuffers): void {
    copyStep(inner, outer);
  }

  /** The same step, with infos. */
  private convertStep(inner: StepBuffers, infos: VectorInfos<I>): VectorStepResult<I> {
    const { finalObservation } = infos;
    const outer = stepBuffers(this);
    this.convert(
      finalObservation ? { ...inner, finalObservations: gather(finalObservation, inner) } : inner,
      outer,
    );
    const { finalObservations, ...result } = outer;
    if (!finalObservation) return { ...result, infos: this.addInfos(infos, result) };
    const { size } = this.singleObservationSpace;
    const rows = finalObservation.map((row, n) => row && finalObservations.slice(n * size, (n + 1) * size));
    return { ...result, infos: this.addInfos({ ...infos, finalObservation: rows }, result) };
  }

  /** Infos that a wrapper adds to those of a step. */
  protected addInfos(infos: VectorInfos<I>, _step: StepBuffers): VectorInfos<I> {
    return infos;
  }
}

/** Copies a step of the same sizes, unless it is there already. */
export function copyStep(from: StepBuffers, to: StepBuffers): void {
  if (from === to) return;
  to.observations.set(from.observations);
  to.rewards.set(from.rewards);
  to.terminated.set(from.terminated);
  to.truncated.set(from.truncated);
  if (from.finalObservations) to.finalObservations?.set(from.finalObservations);
}

/** Rows as `stepInto` writes them; absent ones are 0. */
function gather(rows: readonly (Float64Array | null)[], { observations }: StepBuffers): Float64Array {
  const all = new Float64Array(observations.length);
  const size = observations.length / rows.length;
  rows.forEach((row, n) => {
    if (row) all.set(row, n * size);
  });
  return all;
}
