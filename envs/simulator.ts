import type { Env, RenderMode } from "./core/env.js";
import { Episodes, type EpisodesOptions, type World } from "./core/episodes.js";
import { allFinite } from "./core/finite.js";
import type { Seed } from "./core/random.js";
import { SingleEnv } from "./core/single-env.js";
import { Box } from "./core/spaces.js";
import type { BatchOf, VectorEnv } from "./core/vector-env.js";
import { Dynamics } from "./dynamics.js";
import {
  actionLayoutOf,
  actionSizeOf,
  type Channel,
  hidesCurvature,
  hidesMinimum,
  horizonStepsOf,
  isLogUniform,
  type NavigationProblem,
} from "./problem/problem.js";
import { type DrawingOptions, drawEpisode } from "./render/episode-drawing.js";
import { Recorder } from "./render/recorder.js";

/** Beside the observation; also what the problem hides from the learner. */
export type NavigationInfo = {
  /** L after the movement and before the task changed; at the start of an episode, L there. */
  readonly loss: number;
  /** θ or its loss left the finite numbers, and the step was undone. */
  readonly diverged: boolean;
  /** θ, shape [d]. */
  readonly parameters: Float64Array;
  /** μ now, shape [d]. Absent where the landscape has no minimum that could move. */
  readonly minimum?: Float64Array;
  /** Diagonal of H, shape [d]. Present where the problem hides it. */
  readonly curvature?: Float64Array;
  /** Which member of a family the landscape is now, shape [instanceSize]. Present where it is one, but for a hidden curvature. */
  readonly instance?: Float64Array;
};

export interface NavigationEnvOptions extends Omit<EpisodesOptions, "autoresetMode"> {
  /** Absent: from the system's entropy. */
  readonly seed?: Seed | undefined;
  /** Index of the first environment among all of a seed's. Default 0. */
  readonly firstIndex?: number | undefined;
  /** The reward of a step that diverges, negated. Default 1e6. */
  readonly divergencePenalty?: number | undefined;
  /** Default null: `render` returns nothing. */
  readonly renderMode?: RenderMode | null | undefined;
  /** The best path from the start, each point of shape [d], for `render` in mode "svg". Default: not drawn. */
  readonly optimalPath?: DrawingOptions["optimalPath"];
}

export interface NavigationVectorEnvOptions extends NavigationEnvOptions, EpisodesOptions {
  /** Default 1. */
  readonly numEnvs?: number | undefined;
}

/**
 * A navigation problem as an environment. The action is u, the reward −Δt·[(1/2η)uᵀGu + k·L(θ′)]. The
 * horizon of the objective terminates an episode, divergence too; `maxEpisodeSteps` truncates it.
 *
 * `reset` takes `options.parameters`, a θ of shape [d] to start from.
 */
export function navigationEnv(
  problem: NavigationProblem,
  options: NavigationEnvOptions = {},
): Env<NavigationInfo> {
  return new SingleEnv(navigationVectorEnv(problem, { ...options, numEnvs: 1, autoresetMode: "disabled" }));
}

/**
 * The same for a batch. Environment i draws what begins its k-th episode (start, landscape, task) from the
 * seed, `firstIndex + i` and k; and what happens on the way (noise, changes of task) from the seed,
 * `firstIndex + i` and a clock that all environments share. The clock ticks with every step and with every
 * reset of the whole batch. Therefore:
 * - environment i equals the only one of a batch with `firstIndex` i in the same mode, step for step;
 * - in "next-step" mode it also equals a single environment that is reset when its episode has ended;
 * - where an episode begins without a tick (mode "same-step", or a reset with a mask) its first observation
 *   has the noise of the last.
 */
export function navigationVectorEnv(
  problem: NavigationProblem,
  {
    numEnvs = 1,
    seed,
    firstIndex = 0,
    divergencePenalty = 1e6,
    optimalPath,
    ...episodes
  }: NavigationVectorEnvOptions = {},
): VectorEnv<NavigationInfo> {
  if (!Number.isInteger(numEnvs) || numEnvs < 1)
    throw new Error(`numEnvs: must be a whole number >= 1, got ${numEnvs}`);
  if (!Number.isInteger(firstIndex) || firstIndex < 0)
    throw new Error(`firstIndex: must be a whole number >= 0, got ${firstIndex}`);
  const dynamics = new Dynamics(problem, {
    count: numEnvs,
    firstIndex,
    divergencePenalty,
    ...(seed === undefined ? {} : { seed }),
  });
  const recorder = episodes.renderMode === "svg" ? new Recorder(dynamics) : null;
  const world = new NavigationWorld(problem, dynamics, { divergencePenalty, recorder, optimalPath });
  return new Episodes(world, episodes);
}

/** The steps that an Int32Array can count. */
const longest = 2 ** 31 - 1;

interface WorldParts {
  readonly divergencePenalty: number;
  readonly recorder: Recorder | null;
  readonly optimalPath: DrawingOptions["optimalPath"];
}

class NavigationWorld implements World<NavigationInfo> {
  readonly numEnvs: number;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  private readonly problem: NavigationProblem;
  private readonly dynamics: Dynamics;
  private readonly parts: WorldParts;
  private readonly horizon: number;
  private readonly showsMinimum: boolean;
  private readonly showsCurvature: boolean;
  private readonly showsInstance: boolean;
  private fresh = true;

  constructor(problem: NavigationProblem, dynamics: Dynamics, parts: WorldParts) {
    this.problem = problem;
    this.dynamics = dynamics;
    this.parts = parts;
    this.numEnvs = dynamics.count;
    this.observationSpace = observationSpaceOf(problem, dynamics);
    this.actionSpace = actionSpaceOf(problem);
    this.rewards = new Float64Array(dynamics.count);
    this.terminated = new Uint8Array(dynamics.count);
    this.horizon = Math.min(horizonStepsOf(problem), longest);
    this.showsMinimum = problem.landscape.kind === "quadratic" || hidesMinimum(problem);
    this.showsCurvature = hidesCurvature(problem);
    this.showsInstance = dynamics.landscape.instanceSize > 0 && !this.showsCurvature;
  }

  reset(seed: Seed | undefined, options: Readonly<Record<string, unknown>>): void {
    const { dynamics } = this;
    if (seed !== undefined) dynamics.seed(seed);
    // The first episode of a new simulator has begun already.
    if (seed !== undefined || !this.fresh) dynamics.beginAll();
    this.fresh = false;
    const parameters = startOf(options, dynamics.dimension);
    if (parameters) for (let n = 0; n < this.numEnvs; n++) dynamics.place(n, parameters);
  }

  begin(n: number, options?: Readonly<Record<string, unknown>>): void {
    const parameters = options && startOf(options, this.dynamics.dimension);
    this.dynamics.begin(n);
    if (parameters) this.dynamics.place(n, parameters);
  }

  advance(actions: Float64Array): void {
    this.dynamics.step(actions, true);
  }

  observe(observations: Float64Array): void {
    const { rewards, terminated, horizon } = this;
    const { costs, diverged, elapsed } = this.dynamics;
    this.dynamics.observe(observations);
    if (!allFinite(observations)) this.replaceNonFinite(observations);
    this.parts.recorder?.record();
    for (let n = 0; n < rewards.length; n++) rewards[n] = -costs[n];
    terminated.set(diverged);
    if (horizon === longest) return;
    for (let n = 0; n < terminated.length; n++) if (elapsed[n] >= horizon) terminated[n] = 1;
  }

  infos(): BatchOf<NavigationInfo> {
    const { losses, diverged, parameters, minima, instances } = this.dynamics;
    return {
      loss: losses.slice(),
      diverged: diverged.slice(),
      parameters: parameters.slice(),
      ...(this.showsMinimum && { minimum: minima.slice() }),
      ...(this.showsCurvature && { curvature: instances.slice() }),
      ...(this.showsInstance && { instance: instances.slice() }),
    };
  }

  info(n: number): NavigationInfo {
    const { losses, diverged, parameters, minima, instances } = this.dynamics;
    const row = (values: Float64Array) => {
      const size = values.length / this.numEnvs;
      return values.slice(n * size, (n + 1) * size);
    };
    return {
      loss: losses[n],
      diverged: diverged[n] === 1,
      parameters: row(parameters),
      ...(this.showsMinimum && { minimum: row(minima) }),
      ...(this.showsCurvature && { curvature: row(instances) }),
      ...(this.showsInstance && { instance: row(instances) }),
    };
  }

  describe(n: number): string {
    const { loss, diverged, parameters } = this.info(n);
    const theta = Array.from(parameters.subarray(0, 8), (value) => value.toPrecision(4)).join(", ");
    const rest = parameters.length > 8 ? `, … (${parameters.length})` : "";
    const note = diverged ? "  diverged" : "";
    return `step ${this.dynamics.elapsed[n]}  loss ${loss.toPrecision(4)}  θ = [${theta}${rest}]${note}`;
  }

  draw(n: number): string {
    const { problem, dynamics, parts } = this;
    const path = (parts.recorder ?? new Recorder(dynamics)).pathOf(n);
    return drawEpisode(problem, path, { optimalPath: parts.optimalPath });
  }

  /** A gradient that is not finite, though the loss was, is divergence too. */
  private replaceNonFinite(observations: Float64Array): void {
    const { dynamics } = this;
    const size = dynamics.observationSize;
    for (let i = 0; i < observations.length; i++) {
      if (Number.isFinite(observations[i])) continue;
      const n = Math.floor(i / size);
      observations[i] = 0;
      dynamics.diverged[n] = 1;
      dynamics.costs[n] = this.parts.divergencePenalty;
    }
  }
}

function observationSpaceOf({ landscape }: NavigationProblem, { layout, observationSize }: Dynamics): Box {
  const low = new Float64Array(observationSize).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(observationSize).fill(Number.POSITIVE_INFINITY);
  const bounds: Partial<Record<Channel, readonly [number, number]>> = {
    time: [0, Number.POSITIVE_INFINITY],
    cue: [0, 1],
    sign: [-1, 1],
    ...(landscape.kind === "quadratic" &&
      isLogUniform(landscape.curvature) && { curvature: landscape.curvature.logUniform }),
  };
  for (const { channel, offset, size } of layout) {
    const [least, most] = bounds[channel] ?? [];
    if (least !== undefined) low.fill(least, offset, offset + size);
    if (most !== undefined) high.fill(most, offset, offset + size);
  }
  return new Box({ shape: [observationSize], low, high });
}

function actionSpaceOf(problem: NavigationProblem): Box {
  const parts = actionLayoutOf(problem);
  const spread = (end: "low" | "high") =>
    parts.flatMap(({ size, ...range }) => new Array<number>(size).fill(range[end]));
  return new Box({ shape: [actionSizeOf(problem)], low: spread("low"), high: spread("high") });
}

/** The θ that a reset asks for, if it asks for one. */
function startOf(
  { parameters, ...others }: Readonly<Record<string, unknown>>,
  dimension: number,
): readonly number[] | undefined {
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined)
    throw new Error(`reset: options has no field ${JSON.stringify(unknown)}, only parameters and resetMask`);
  if (parameters === undefined) return undefined;
  const values = Array.from(parameters as ArrayLike<unknown>);
  if (values.length !== dimension || !values.every(Number.isFinite))
    throw new Error(
      `reset: options.parameters must be ${dimension} finite numbers, got [${values.join(", ")}]`,
    );
  return values as number[];
}
