import { discountOf, type NavigationProblem, type Numbers, type Seed } from "../../envs/index.js";
import { flatten, multiplyAdd } from "../../envs/problem/linear-algebra.js";
import type { PolicyTape } from "../policies/model.js";
import { type Conduct, doubles, Episodes, type Recording, recordingFor } from "./episodes.js";
import { addPush } from "./informed-pass.js";
import { type InformedEpisodesOptions, Pace } from "./pace.js";
import type { BatchTerminalCost } from "./terminal-cost.js";

/** What a decision costs that leads beyond all numbers; the penalty of the simulator for a step that diverges. */
const DIVERGED = 1e6;

/** Two settings of the weights of a policy: which one goes its way, and which one decides beside it. */
export interface Roles {
  readonly going: Float64Array;
  readonly deciding: Float64Array;
}

/**
 * Σₜ wₜ·Qₜ of `InformedPass`, without its gradient: episodes go as one setting of the weights decides, and what another would decide on what
 * they see is judged. Many are judged on the same episodes, which run once.
 */
export class JudgedEpisodes {
  private readonly episodes: Episodes;
  /** Σₜ wₜ·Qₜ of each episode of the last run, `[count]`. */
  readonly judged: Float64Array;
  /** 1 where an episode of the last run diverged, or a decision would have, `[count]`. */
  readonly diverged: Uint8Array;
  private readonly deciding: PolicyTape;
  private readonly problem: NavigationProblem;
  private readonly informed: BatchTerminalCost;
  private readonly recording: Recording;
  private readonly pace: Pace;
  private readonly discount: number;
  private readonly drift: { readonly matrix: Float64Array; readonly offset: Float64Array } | null;
  private readonly control: Float64Array | null;
  private readonly metric: Float64Array | null;
  /** What was decided beside, `[steps, count, actionSize]`. */
  private readonly decisions: Float64Array;
  /** `[steps, count, observationSize]`. */
  private readonly seen: Float64Array;
  private last: { readonly going: Float64Array; readonly seed: Seed; readonly firstIndex: number } | null =
    null;
  private readonly reached: Float64Array;
  private readonly displaced: Float64Array;
  private readonly values: Float64Array;
  private readonly losses: Float64Array;

  constructor(
    problem: NavigationProblem,
    [going, deciding]: readonly [PolicyTape, PolicyTape],
    { informed, relative = 0, slowest = 1, ...options }: InformedEpisodesOptions,
  ) {
    const { count, steps } = options;
    this.problem = problem;
    this.deciding = deciding;
    this.informed = informed;
    this.recording = recordingFor(problem, count, steps);
    this.pace = new Pace(problem, options, relative, slowest);
    this.episodes = new Episodes(problem, going, {
      ...options,
      terminal: informed,
      recording: this.recording,
      conduct: this.watching(),
    });
    const { geometry } = problem;
    this.control = geometry.control ? flatten(geometry.control) : null;
    this.metric = geometry.metric ? flatten(geometry.metric) : null;
    this.decisions = new Float64Array(this.recording.actions.length);
    this.seen = new Float64Array(steps * count * this.episodes.dynamics.observationSize);
    this.reached = new Float64Array(count * this.episodes.dynamics.dimension);
    this.displaced = new Float64Array(this.reached.length);
    this.values = new Float64Array(count);
    this.losses = new Float64Array(count);
    this.judged = new Float64Array(count);
    this.diverged = new Uint8Array(count);
    this.discount = discountOf(problem);
    this.drift = geometry.drift
      ? { matrix: flatten(geometry.drift.matrix), offset: Float64Array.from(geometry.drift.offset) }
      : null;
  }

  /** Runs episodes, unless they are those of the last run; returns the cost J of each as it went, and leaves `judged`. */
  run({ going, deciding }: Roles, seed: Seed, firstIndex: number): Float64Array {
    const { episodes, seen, decisions, judged } = this;
    if (!this.isLast(going, seed, firstIndex)) {
      this.last = null;
      episodes.run(going, seed, firstIndex);
      this.last = { going: going.slice(), seed, firstIndex };
    }
    this.diverged.set(episodes.diverged);
    this.deciding.setParameters(deciding);
    this.deciding.reset();
    judged.fill(0);
    for (let t = 0; t < episodes.steps; t++) {
      this.deciding.forward(
        t,
        this.rows(seen, t, seen.length / episodes.steps),
        this.rows(decisions, t, decisions.length / episodes.steps),
      );
      this.judge(t);
    }
    return episodes.costs;
  }

  private isLast(going: Float64Array, seed: Seed, firstIndex: number): boolean {
    const { last } = this;
    return (
      last !== null &&
      last.seed === seed &&
      last.firstIndex === firstIndex &&
      last.going.length === going.length &&
      last.going.every((value, i) => value === going[i])
    );
  }

  /** Keeps what is seen, and lets go what was decided at its pace. */
  private watching(): Conduct {
    const { pace } = this;
    return {
      begin: (seed, firstIndex) => pace.begin(seed, firstIndex),
      carryOut: (t, observations, actions) => {
        this.seen.set(observations, t * observations.length);
        pace.carryOut(t, observations, actions);
      },
    };
  }

  /** Σ J of the last run, were all episodes to go as decided. */
  get totalCost(): number {
    return this.pace.totalCost(this.episodes.costs);
  }

  private judge(t: number): void {
    const { informed, recording, displaced, reached, values, losses, judged, pace, diverged, discount } =
      this;
    const { dynamics, steps, count } = this.episodes;
    const { timeStep, lossWeight } = this.problem.objective;
    const size = reached.length;
    this.move(t);
    const before = this.rows(recording.minima, t, size);
    for (let i = 0; i < size; i++) displaced[i] = reached[i] - before[i];
    dynamics.landscape.evaluate(displaced, dynamics.instances, count, losses, null);
    const after = t + 1 < steps ? this.rows(recording.minima, t + 1, size) : doubles(dynamics.minima);
    informed.value(reached, after, dynamics.instances, count, values);
    for (let n = 0; n < count; n++) {
      const cost = timeStep * (this.effort(t, n) + lossWeight * losses[n]) + discount * values[n];
      const weighed = pace.weightAt(t, n) * cost;
      if (Number.isFinite(weighed)) judged[n] += weighed;
      else {
        judged[n] += DIVERGED;
        diverged[n] = 1;
      }
    }
  }

  /** θ′ = θ + Δt·(Aθ + b + Bu). */
  private move(t: number): void {
    const { recording, reached, decisions, control, drift, problem } = this;
    const { dimension, actionSize, count } = this.episodes.dynamics;
    const { timeStep } = problem.objective;
    const before = this.rows(recording.parameters, t, reached.length);
    reached.set(before);
    for (let n = 0; n < count; n++) {
      const from = (t * count + n) * actionSize;
      const to = n * dimension;
      addPush(
        control,
        timeStep,
        { actions: decisions, from, size: actionSize },
        { out: reached, to, size: dimension },
      );
      if (!drift) continue;
      multiplyAdd(drift.matrix, dimension, dimension, before, to, timeStep, reached, to);
      for (let i = 0; i < dimension; i++) reached[to + i] += timeStep * drift.offset[i];
    }
  }

  /** (1/2η)·uᵀGu */
  private effort(t: number, n: number): number {
    const { decisions, metric, problem } = this;
    const { actionSize, count } = this.episodes.dynamics;
    const from = (t * count + n) * actionSize;
    let sum = 0;
    for (let i = 0; i < actionSize; i++) {
      let force = 0;
      if (metric)
        for (let j = 0; j < actionSize; j++) force += metric[i * actionSize + j] * decisions[from + j];
      else force = decisions[from + i];
      sum += decisions[from + i] * force;
    }
    return sum / (2 * problem.objective.mobility);
  }

  private rows<A extends Numbers>(values: A, t: number, size: number): A {
    return values.subarray(t * size, (t + 1) * size) as A;
  }
}
