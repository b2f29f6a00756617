import type { World } from "./core/episodes.js";
import type { Numbers } from "./core/finite.js";
import type { Seed } from "./core/random.js";
import { Box } from "./core/spaces.js";
import type { BatchOf } from "./core/vector-env.js";
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
import type { Simulation } from "./simulation.js";
import type { NavigationInfo } from "./simulator.js";

interface WorldParts {
  readonly recorder: Recorder | null;
  readonly optimalPath: DrawingOptions["optimalPath"];
}

/** A navigation problem as a world: its spaces, when it ends, and what is told of it. */
export class NavigationWorld implements World<NavigationInfo> {
  readonly numEnvs: number;
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  readonly rewards: Numbers;
  readonly terminated: Uint8Array;
  anyTerminated = false;
  private readonly problem: NavigationProblem;
  private readonly dynamics: Simulation;
  private readonly parts: WorldParts;
  private readonly horizon: number;
  private readonly showsMinimum: boolean;
  private readonly showsCurvature: boolean;
  private readonly showsInstance: boolean;
  private fresh = true;
  private clock = 0;
  /** Before this nobody reaches the horizon. */
  private deadline = 0;

  constructor(problem: NavigationProblem, dynamics: Simulation, parts: WorldParts) {
    this.problem = problem;
    this.dynamics = dynamics;
    this.parts = parts;
    this.numEnvs = dynamics.count;
    this.observationSpace = observationSpaceOf(problem, dynamics);
    this.actionSpace = actionSpaceOf(problem);
    this.rewards = dynamics.rewards;
    this.terminated = new Uint8Array(dynamics.count);
    this.horizon = horizonStepsOf(problem);
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
    this.deadline = this.clock + this.horizon;
    const parameters = startOf(options, dynamics.dimension);
    if (parameters) for (let n = 0; n < this.numEnvs; n++) dynamics.place(n, parameters);
  }

  begin(n: number, options?: Readonly<Record<string, unknown>>): void {
    const parameters = options && startOf(options, this.dynamics.dimension);
    this.dynamics.begin(n);
    if (parameters) this.dynamics.place(n, parameters);
  }

  beginRun(from: number, to: number): void {
    this.dynamics.begin(from, to);
  }

  advance(actions: Numbers): void {
    this.dynamics.step(actions, true);
    this.clock++;
  }

  tryAdvance(actions: Numbers): boolean {
    if (!this.dynamics.tryStep(actions, true)) return false;
    this.clock++;
    return true;
  }

  observe(observations: Numbers): void {
    const { dynamics, terminated } = this;
    dynamics.observe(observations);
    if (!dynamics.isFinite(observations)) this.replaceNonFinite(observations);
    this.parts.recorder?.record();
    if (dynamics.anyDiverged || this.anyTerminated) terminated.set(dynamics.diverged);
    this.anyTerminated = dynamics.anyDiverged;
    if (this.clock >= this.deadline) this.endAtHorizon();
  }

  private endAtHorizon(): void {
    const { dynamics, terminated, horizon } = this;
    let longest = 0;
    for (let n = 0; n < terminated.length; n++) {
      const elapsed = dynamics.elapsedOf(n);
      if (elapsed >= horizon) {
        terminated[n] = 1;
        this.anyTerminated = true;
      }
      longest = Math.max(longest, Math.min(elapsed, horizon - 1));
    }
    this.deadline = this.clock + horizon - longest;
  }

  infos(): BatchOf<NavigationInfo> {
    const { losses, diverged, parameters, minima, instances, examples } = this.dynamics;
    return {
      loss: new Float64Array(losses),
      ...(examples.length > 0 && { examples: new Float64Array(examples) }),
      diverged: diverged.slice(),
      parameters: new Float64Array(parameters),
      ...(this.showsMinimum && { minimum: new Float64Array(minima) }),
      ...(this.showsCurvature && { curvature: instances.slice() }),
      ...(this.showsInstance && { instance: instances.slice() }),
    };
  }

  info(n: number): NavigationInfo {
    const { losses, diverged, parameters, minima, instances, examples } = this.dynamics;
    const row = (values: Numbers | Int32Array) => {
      const size = values.length / this.numEnvs;
      return new Float64Array(values.subarray(n * size, (n + 1) * size));
    };
    return {
      loss: losses[n],
      ...(examples.length > 0 && { examples: row(examples) }),
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
    return `step ${this.dynamics.elapsedOf(n)}  loss ${loss.toPrecision(4)}  θ = [${theta}${rest}]${note}`;
  }

  draw(n: number): string {
    const { problem, dynamics, parts } = this;
    const path = (parts.recorder ?? new Recorder(dynamics)).pathOf(n);
    return drawEpisode(problem, path, { optimalPath: parts.optimalPath });
  }

  /** A gradient that is not finite, though the loss was, is divergence too. */
  private replaceNonFinite(observations: Numbers): void {
    const { dynamics } = this;
    const size = dynamics.observationSize;
    for (let i = 0; i < observations.length; i++) {
      if (Number.isFinite(observations[i])) continue;
      observations[i] = 0;
      dynamics.diverge(Math.floor(i / size));
    }
  }
}

function observationSpaceOf({ landscape }: NavigationProblem, { layout, observationSize }: Simulation): Box {
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
