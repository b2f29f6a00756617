import type { Env, Info, RenderMode, ResetOptions, StepResult } from "../env.js";
import { SingleEnv } from "../single-env.js";
import { type Box, batchSpace } from "../spaces.js";
import type {
  BatchOf,
  StepBuffers,
  VectorEnv,
  VectorInfos,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from "../vector-env.js";

/**
 * Wraps a batch by `wrap`, or a single environment as a batch of one.
 *
 * @param wrap from a batch to the wrapped batch
 */
export function wrapAny<E extends Env | VectorEnv>(env: E, wrap: (batch: VectorEnv) => VectorEnv): E {
  if ("numEnvs" in env) return wrap(env) as VectorEnv as E;
  return new SingleEnv(wrap(new BatchOfOne(env))) as Env as E;
}

/** Any single environment as a batch of one, which its caller resets. */
class BatchOfOne implements VectorEnv {
  readonly numEnvs = 1;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  readonly metadata: VectorEnv["metadata"];
  private readonly env: Env;
  private last: Info = {};

  constructor(env: Env) {
    this.env = env;
    this.observationSpace = batchSpace(env.observationSpace, 1);
    this.actionSpace = batchSpace(env.actionSpace, 1);
    this.metadata = { ...env.metadata, autoresetMode: "disabled" };
  }

  get singleObservationSpace(): Box {
    return this.env.observationSpace;
  }
  get singleActionSpace(): Box {
    return this.env.actionSpace;
  }
  get spec(): VectorEnv["spec"] {
    return this.env.spec;
  }
  get renderMode(): RenderMode | null {
    return this.env.renderMode;
  }

  reset({ options, ...seed }: VectorResetOptions = {}): VectorResetResult {
    const { observation, info } = this.env.reset(withoutMask({ ...seed, options }));
    this.last = info;
    return { observations: observation, infos: rowOf(info) };
  }

  step(actions: ArrayLike<number>): VectorStepResult {
    return rowOfStep(this.advance(actions));
  }

  stepInto(actions: Float64Array, buffers: StepBuffers): void {
    const { observation, reward, terminated, truncated } = this.advance(actions);
    buffers.observations.set(observation);
    buffers.rewards[0] = reward;
    buffers.terminated[0] = Number(terminated);
    buffers.truncated[0] = Number(truncated);
  }

  info(): Info {
    return this.last;
  }

  render(): readonly string[] | null {
    const picture = this.env.render();
    return picture === null ? null : [picture];
  }

  close(): void {
    this.env.close();
  }

  private advance(actions: ArrayLike<number>): StepResult {
    const result = this.env.step(actions);
    this.last = result.info;
    return result;
  }
}

function withoutMask({ options, ...rest }: VectorResetOptions): ResetOptions {
  if (!options) return rest;
  const { resetMask: _, ...others } = options;
  return { ...rest, options: others };
}

function rowOfStep({ observation, reward, terminated, truncated, info }: StepResult): VectorStepResult {
  return {
    observations: observation,
    rewards: Float64Array.of(reward),
    terminated: Uint8Array.of(Number(terminated)),
    truncated: Uint8Array.of(Number(truncated)),
    infos: rowOf(info),
  };
}

function rowOf(info: Info): VectorInfos {
  const rows = Object.entries(info).map(([key, value]) => [
    key,
    typeof value === "number"
      ? Float64Array.of(value)
      : typeof value === "boolean"
        ? Uint8Array.of(Number(value))
        : value.slice(),
  ]);
  return Object.fromEntries(rows) as BatchOf<Info> as VectorInfos;
}
