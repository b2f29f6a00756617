import type { Env, Info } from "../env.js";
import { checkStepInto, copyOfActions } from "../step-arguments.js";
import type {
  BatchOf,
  StepBuffers,
  VectorEnv,
  VectorInfos,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from "../vector-env.js";
import { wrapAny } from "./single.js";
import { copyStep, VectorWrapper } from "./vector-wrapper.js";

/**
 * Truncates an episode at its step of that number. The environments of a batch are reset as their autoreset mode
 * says, though they do not know of the limit themselves.
 *
 * @throws Error when `maxEpisodeSteps` is not a whole number >= 1
 */
export function timeLimit<E extends Env | VectorEnv>(env: E, maxEpisodeSteps: number): E {
  if (!Number.isInteger(maxEpisodeSteps) || maxEpisodeSteps < 1)
    throw new Error(`timeLimit: maxEpisodeSteps must be a whole number >= 1, got ${maxEpisodeSteps}`);
  return wrapAny(env, (batch) => new TimeLimit(batch, maxEpisodeSteps));
}

class TimeLimit extends VectorWrapper {
  private readonly limit: number;
  private readonly steps: Int32Array;
  /** 1 where the last step ended an episode. */
  private readonly ended: Uint8Array;
  /** 1 where the limit ended it and the inner environment would go on. */
  private readonly stopped: Uint8Array;

  constructor(env: VectorEnv, limit: number) {
    super(env);
    this.limit = limit;
    this.steps = new Int32Array(env.numEnvs);
    this.ended = new Uint8Array(env.numEnvs);
    this.stopped = new Uint8Array(env.numEnvs);
  }

  override get spec(): VectorEnv["spec"] {
    const { spec } = this.env;
    return spec && { ...spec, maxEpisodeSteps: Math.min(this.limit, spec.maxEpisodeSteps ?? this.limit) };
  }

  override reset(options: VectorResetOptions = {}): VectorResetResult {
    const mask = options.options?.resetMask;
    const result = super.reset(options);
    for (let n = 0; n < this.numEnvs; n++) if (!mask || mask[n]) this.begin(n);
    return result;
  }

  override step(given: ArrayLike<number>): VectorStepResult {
    const resets = this.metadata.autoresetMode === "next-step" ? this.stopped.slice() : null;
    const result = this.env.step(this.accept(copyOfActions(given, this)));
    if (resets?.includes(1)) return this.resetStopped(result, resets);
    this.count(result);
    return this.metadata.autoresetMode === "same-step" ? this.beginStopped(result) : result;
  }

  override stepInto(actions: Float64Array, buffers: StepBuffers): void {
    checkStepInto(this, actions, buffers);
    const { infos, ...step } = this.step(actions);
    copyStep(step, buffers);
    const { size } = this.singleObservationSpace;
    infos.finalObservation?.forEach((row, n) => {
      if (row) buffers.finalObservations?.set(row, n * size);
    });
  }

  /** The action of an environment that is about to be reset does not count. */
  private accept(actions: Float64Array): Float64Array {
    const { stopped } = this;
    const { size } = this.singleActionSpace;
    const first = stopped.indexOf(1);
    if (first >= 0 && this.metadata.autoresetMode === "disabled")
      throw new Error(`step: the episode of environment ${first} has ended, call reset first`);
    for (let n = 0; n < stopped.length; n++) if (stopped[n] === 1) actions.fill(0, n * size, (n + 1) * size);
    return actions;
  }

  private count({ terminated, truncated }: StepBuffers): void {
    const { steps, ended, stopped, limit } = this;
    const resets = this.metadata.autoresetMode !== "disabled";
    for (let n = 0; n < steps.length; n++) {
      const begins = resets && ended[n] === 1;
      steps[n] = begins ? 0 : steps[n] + 1;
      const overByItself = terminated[n] | truncated[n];
      if (steps[n] >= limit) truncated[n] = 1;
      ended[n] = terminated[n] | truncated[n];
      stopped[n] = ended[n] & (1 - overByItself);
    }
  }

  /** Mode "next-step": what the inner environments did instead of beginning an episode is thrown away. */
  private resetStopped(result: VectorStepResult, resets: Uint8Array): VectorStepResult {
    const { observations, infos } = this.env.reset({ options: { resetMask: resets } });
    for (let n = 0; n < resets.length; n++) {
      if (resets[n] === 0) continue;
      result.rewards[n] = 0;
      result.terminated[n] = 0;
      result.truncated[n] = 0;
    }
    this.count(result);
    return { ...result, observations, infos };
  }

  /** Mode "same-step": the last observation and info go to the infos, and the next episode begins. */
  private beginStopped(result: VectorStepResult): VectorStepResult {
    const { stopped, numEnvs } = this;
    const mask = stopped.slice();
    for (let n = 0; n < numEnvs; n++) if (this.ended[n] === 1) this.begin(n);
    if (!mask.includes(1)) return result;
    const { observations, infos } = this.env.reset({ options: { resetMask: mask } });
    return {
      ...result,
      observations,
      infos: { ...infos, ...finalOf(result, mask) } as object as VectorInfos,
    };
  }

  private begin(n: number): void {
    this.steps[n] = 0;
    this.ended[n] = 0;
    this.stopped[n] = 0;
  }
}

/** What ended by itself is in the infos already; what the limit stopped is taken from the step. */
function finalOf({ observations, infos }: VectorStepResult, stopped: Uint8Array) {
  const { finalObservation, _finalObservation, finalInfo, _finalInfo, ...own } = infos;
  const width = observations.length / stopped.length;
  const rows = Array.from(stopped, (stops, n) =>
    stops === 1 ? observations.slice(n * width, (n + 1) * width) : (finalObservation?.[n] ?? null),
  );
  const present = Uint8Array.from(rows, (row) => (row ? 1 : 0));
  return {
    finalObservation: rows,
    _finalObservation: present,
    finalInfo: mergeRows(finalInfo as BatchOf<Info> | undefined, own as BatchOf<Info>, stopped),
    _finalInfo: present.slice(),
  };
}

/** Rows of `chosen` where they are marked, and of `others`, or 0, elsewhere. */
function mergeRows(others: BatchOf<Info> | undefined, chosen: BatchOf<Info>, marked: Uint8Array) {
  const merged = Object.entries(chosen).map(([key, values]) => {
    const width = values.length / marked.length;
    const other = others?.[key];
    return [key, values.map((value, i) => (marked[Math.floor(i / width)] === 1 ? value : (other?.[i] ?? 0)))];
  });
  return Object.fromEntries(merged);
}
