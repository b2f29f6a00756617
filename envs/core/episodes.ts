import { refuseOthers } from "./arguments.js";
import type { EnvSpec, Info, RenderMode } from "./env.js";
import { allFinite, type Numbers } from "./finite.js";
import type { Seed } from "./random.js";
import { type Box, batchSpace } from "./spaces.js";
import { checkStepInto, copyOfActions } from "./step-arguments.js";
import type {
  AutoresetMode,
  BatchOf,
  StepBuffers,
  VectorEnv,
  VectorInfos,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from "./vector-env.js";
import { stepBuffers } from "./vector-env.js";

/** A batch of things that move, without episodes: what a kind of environment supplies. */
export interface World<I extends Info = Info> {
  readonly numEnvs: number;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  /** Rewards of the last step `[numEnvs]`; valid once it was observed. */
  readonly rewards: Numbers;
  /** 1 where the problem has ended `[numEnvs]`; valid once it was observed. */
  readonly terminated: Uint8Array;
  /** False where it is known that none has, so that nobody has to look. Absent: not known. */
  readonly anyTerminated?: boolean;
  /** Begins an episode everywhere; with a seed every random stream starts anew. */
  reset(seed: Seed | undefined, options: Readonly<Record<string, unknown>>): void;
  /** Begins an episode in environment n; without options, after another has ended. */
  begin(n: number, options?: Readonly<Record<string, unknown>>): void;
  /** The same in environments from … to − 1 at once, after others have ended; absent where there is no faster way. */
  beginRun?(from: number, to: number): void;
  /** One step of every environment; actions `[numEnvs, actionSize]`. */
  advance(actions: Numbers): void;
  /**
   * The same with any actions, those of environments that are about to begin among them; false, and nothing has happened,
   * where one is not finite. Absent: each is looked at, and 0 in place of those.
   */
  tryAdvance?(actions: Numbers): boolean;
  /** Writes `[numEnvs, observationSize]`; may be called again after `begin`. */
  observe(observations: Numbers): void;
  /** Fresh arrays. */
  infos(): BatchOf<I>;
  info(n: number): I;
  /** Environment n in a line of text. */
  describe(n: number): string;
  /** Environment n as an SVG document; absent where the world has no picture. */
  draw?(n: number): string;
}

export interface EpisodesOptions {
  /** Default "next-step". */
  readonly autoresetMode?: AutoresetMode | undefined;
  /** Steps after which an episode is truncated. Default null: never. */
  readonly maxEpisodeSteps?: number | null | undefined;
  /** Default null: `render` returns nothing. */
  readonly renderMode?: RenderMode | null | undefined;
  readonly spec?: EnvSpec | null | undefined;
}

/** Gives a world its episodes: the whole contract of `VectorEnv` that does not depend on what moves. */
export class Episodes<I extends Info> implements VectorEnv<I> {
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly singleActionSpace: Box;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  readonly spec: EnvSpec | null;
  readonly renderMode: RenderMode | null;
  readonly metadata: VectorEnv["metadata"];

  private readonly world: World<I>;
  private readonly mode: AutoresetMode;
  private readonly maxSteps: number;
  /** Steps of the batch so far, and when each episode began. */
  private clock = 0;
  private readonly began: Float64Array;
  /** When the first episode will be truncated; before that nobody has to look. */
  private deadline = 0;
  private readonly ended: Uint8Array;
  private anyEnded = false;
  private readonly actions: Float64Array;
  private state: "new" | "ready" | "closed" = "new";

  constructor(
    world: World<I>,
    {
      autoresetMode = "next-step",
      maxEpisodeSteps = null,
      renderMode = null,
      spec = null,
      ...others
    }: EpisodesOptions = {},
  ) {
    refuseOthers("environment", others, "autoresetMode, maxEpisodeSteps, renderMode, spec");
    if (!["next-step", "same-step", "disabled"].includes(autoresetMode))
      throw new Error(
        `autoresetMode: must be one of "next-step", "same-step", "disabled", got ${JSON.stringify(autoresetMode)}`,
      );
    if (maxEpisodeSteps !== null && !(Number.isInteger(maxEpisodeSteps) && maxEpisodeSteps >= 1))
      throw new Error(`maxEpisodeSteps: must be a whole number >= 1 or null, got ${maxEpisodeSteps}`);
    this.world = world;
    this.mode = autoresetMode;
    this.maxSteps = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.numEnvs = world.numEnvs;
    this.singleObservationSpace = world.observationSpace;
    this.singleActionSpace = world.actionSpace;
    this.observationSpace = batchSpace(world.observationSpace, world.numEnvs);
    this.actionSpace = batchSpace(world.actionSpace, world.numEnvs);
    this.spec = spec;
    this.renderMode = renderMode;
    this.metadata = { renderModes: world.draw ? ["ansi", "svg"] : ["ansi"], autoresetMode };
    if (renderMode !== null && !this.metadata.renderModes.includes(renderMode))
      throw new Error(
        `renderMode: must be null or one of ${this.metadata.renderModes.map((mode) => JSON.stringify(mode)).join(", ")}, got ${JSON.stringify(renderMode)}`,
      );
    this.began = new Float64Array(world.numEnvs);
    this.ended = new Uint8Array(world.numEnvs);
    this.actions = new Float64Array(this.actionSpace.size);
  }

  reset(given: VectorResetOptions = {}): VectorResetResult<I> {
    if (this.state === "closed") throw new Error("reset: the environment is closed");
    if (typeof given !== "object") throw new Error(`reset: must be told { seed, options }, got ${given}`);
    const { seed, options = {}, ...unknown } = given;
    refuseOthers("reset", unknown, "seed, options");
    const { resetMask, ...others } = options;
    if (resetMask) this.checkMask(resetMask, seed);
    // Where an episode cannot begin there is nothing to step.
    this.state = "new";
    if (resetMask) this.resetWhere(resetMask, others);
    else {
      this.world.reset(seed, others);
      this.began.fill(this.clock);
      this.ended.fill(0);
      this.anyEnded = false;
    }
    this.setDeadline();
    this.state = "ready";
    const observations = new Float64Array(this.observationSpace.size);
    this.world.observe(observations);
    return { observations, infos: this.world.infos() as VectorInfos<I> };
  }

  step(actions: ArrayLike<number>): VectorStepResult<I> {
    const { finalObservations, ...buffers } = stepBuffers(this);
    const given = copyOfActions(actions, this);
    const final = this.advance(given, { ...buffers, finalObservations }, true);
    const infos = this.world.infos();
    return { ...buffers, infos: (final ? { ...infos, ...final } : infos) as VectorInfos<I> };
  }

  /** Takes float32 as well, and writes to it. */
  stepInto(actions: Numbers, buffers: StepBuffers<Numbers>): void {
    checkStepInto(this, actions, buffers);
    this.advance(actions, buffers, false);
  }

  info(n: number): I {
    if (!(Number.isInteger(n) && n >= 0 && n < this.numEnvs))
      throw new Error(`info: n must be a whole number from 0 to ${this.numEnvs - 1}, got ${n}`);
    return this.world.info(n);
  }

  render(): readonly string[] | null {
    this.requireReady("render");
    if (this.renderMode === null) return null;
    const { world, renderMode } = this;
    return Array.from({ length: this.numEnvs }, (_, n) =>
      renderMode === "svg" && world.draw ? world.draw(n) : world.describe(n),
    );
  }

  close(): void {
    this.state = "closed";
  }

  private advance(actions: Numbers, buffers: StepBuffers<Numbers>, wantsFinal: boolean) {
    this.requireReady("step");
    this.move(actions);
    this.clock++;
    if (this.mode === "next-step") this.beginEnded();
    this.world.observe(buffers.observations);
    this.anyEnded = this.report(buffers);
    if (!this.anyEnded || this.mode !== "same-step") return null;
    const final = wantsFinal ? this.final(buffers.observations) : null;
    if (buffers.finalObservations) this.copyEnded(buffers.observations, buffers.finalObservations);
    this.beginEnded();
    this.ended.fill(0);
    this.anyEnded = false;
    this.world.observe(buffers.observations);
    return final;
  }

  private move(given: Numbers): void {
    const { world, anyEnded, mode } = this;
    if (anyEnded && mode === "disabled")
      throw new Error(
        `step: the episode of environment ${this.ended.indexOf(1)} has ended, call reset first`,
      );
    if (world.tryAdvance?.(given)) return;
    const actions = anyEnded ? this.copyOfRunning(given) : given;
    if (!allFinite(actions)) requireFinite(actions);
    world.advance(actions);
  }

  /** A copy with 0 where an environment is about to begin an episode. */
  private copyOfRunning(given: Numbers): Float64Array {
    const { numEnvs, ended, actions } = this;
    const { size } = this.singleActionSpace;
    for (let n = 0, i = 0; n < numEnvs; n++) {
      for (let j = 0; j < size; j++, i++) actions[i] = ended[n] === 1 ? 0 : given[i];
    }
    return actions;
  }

  private beginEnded(): void {
    if (!this.anyEnded) return;
    const { ended, began, clock, numEnvs } = this;
    for (let from = ended.indexOf(1); from >= 0; ) {
      const running = ended.indexOf(0, from);
      const to = running < 0 ? numEnvs : running;
      this.beginRun(from, to);
      began.fill(clock, from, to);
      from = ended.indexOf(1, to);
    }
    this.setDeadline();
  }

  private beginRun(from: number, to: number): void {
    const { world } = this;
    if (world.beginRun) world.beginRun(from, to);
    else for (let n = from; n < to; n++) world.begin(n);
  }

  private setDeadline(): void {
    const { began } = this;
    let first = this.clock;
    for (let n = 0; n < began.length; n++) if (began[n] < first) first = began[n];
    this.deadline = first + this.maxSteps;
  }

  /** Whether any episode has ended; one that has just begun has neither reward nor end. */
  private report({ rewards, terminated, truncated }: StepBuffers<Numbers>): boolean {
    const { ended, began, clock, maxSteps, world } = this;
    if (rewards !== world.rewards) rewards.set(world.rewards);
    if (this.anyEnded) for (let n = 0; n < ended.length; n++) if (ended[n] === 1) rewards[n] = 0;
    if (world.anyTerminated === false && clock < this.deadline) {
      terminated.fill(0);
      truncated.fill(0);
      if (this.anyEnded) ended.fill(0);
      return false;
    }
    const over = world.terminated;
    let any = 0;
    for (let n = 0; n < began.length; n++) {
      const runs = 1 - ended[n];
      const ends = over[n] & runs;
      const stops = clock - began[n] >= maxSteps ? runs : 0;
      terminated[n] = ends;
      truncated[n] = stops;
      ended[n] = ends | stops;
      any |= ends | stops;
    }
    return any === 1;
  }

  private final(observations: Numbers) {
    const { numEnvs, ended } = this;
    const { size } = this.singleObservationSpace;
    const finalObservation = Array.from(ended, (over, n) =>
      over === 1 ? new Float64Array(observations.subarray(n * size, (n + 1) * size)) : null,
    );
    const finalInfo = this.world.infos();
    for (const values of Object.values<Float64Array | Uint8Array>(finalInfo)) {
      const width = values.length / numEnvs;
      for (let n = 0; n < numEnvs; n++) if (ended[n] === 0) values.fill(0, n * width, (n + 1) * width);
    }
    return {
      finalObservation,
      _finalObservation: ended.slice(),
      finalInfo,
      _finalInfo: ended.slice(),
    };
  }

  private copyEnded(from: Numbers, to: Numbers): void {
    const { size } = this.singleObservationSpace;
    for (let n = 0; n < this.numEnvs; n++) {
      if (this.ended[n] === 0) continue;
      for (let i = n * size; i < (n + 1) * size; i++) to[i] = from[i];
    }
  }

  private checkMask(mask: ArrayLike<number | boolean>, seed: Seed | undefined): void {
    if (this.state === "new") throw new Error("reset: call reset without resetMask first");
    if (seed !== undefined)
      throw new Error(
        "reset: a seed starts the streams of every environment anew, leave out resetMask or the seed",
      );
    if (!Array.isArray(mask) && !ArrayBuffer.isView(mask))
      throw new Error(`reset: options.resetMask must be an array of flags, got ${JSON.stringify(mask)}`);
    if (mask.length !== this.numEnvs)
      throw new Error(`reset: options.resetMask must have length ${this.numEnvs}, got ${mask.length}`);
    if (!Array.from(mask).some(Boolean)) throw new Error("reset: options.resetMask must mark an environment");
  }

  private resetWhere(mask: ArrayLike<number | boolean>, options: Readonly<Record<string, unknown>>): void {
    for (let n = 0; n < this.numEnvs; n++) {
      if (!mask[n]) continue;
      this.world.begin(n, options);
      this.began[n] = this.clock;
      this.ended[n] = 0;
    }
    this.anyEnded = this.ended.includes(1);
  }

  private requireReady(method: string): void {
    if (this.state === "closed") throw new Error(`${method}: the environment is closed`);
    if (this.state === "new") throw new Error(`${method}: call reset first`);
  }
}

function requireFinite(actions: Numbers): void {
  const i = actions.findIndex((value) => !Number.isFinite(value));
  if (i < 0) return;
  throw new Error(`step: actions[${i}] must be a finite number, got ${actions[i]}`);
}
