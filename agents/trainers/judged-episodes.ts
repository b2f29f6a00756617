import { discountOf, type NavigationProblem, type Numbers, type Seed } from "../../envs/index.js";
import { flatten } from "../../envs/problem/linear-algebra.js";
import type { PolicyTape } from "../policies/model.js";
import {
  type Conduct,
  doubles,
  Episodes,
  type EpisodesOptions,
  type Recording,
  recordingFor,
} from "./episodes.js";
import { addPush } from "./informed-pass.js";
import { type InformedOptions, Pace } from "./pace.js";
import type { BatchTerminalCost } from "./terminal-cost.js";

export interface JudgedEpisodesOptions extends Omit<EpisodesOptions, "recording" | "conduct" | "terminal"> {
  /** V, the cost-to-go of a learner that is told everything. */
  readonly informed: BatchTerminalCost;
}

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
  readonly episodes: Episodes;
  /** Σₜ wₜ·Qₜ of each episode of the last run, `[count]`. */
  readonly judged: Float64Array;
  private readonly deciding: PolicyTape;
  private readonly problem: NavigationProblem;
  private readonly informed: BatchTerminalCost;
  private readonly recording: Recording;
  private readonly pace: Pace;
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

  constructor(
    problem: NavigationProblem,
    [going, deciding]: readonly [PolicyTape, PolicyTape],
    { informed, relative = 0, slowest = 1, ...options }: JudgedEpisodesOptions & InformedOptions,
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
    this.judged = new Float64Array(count);
  }

  /** Runs episodes, unless they are those of the last run; returns the cost J of each as it went, and leaves `judged`. */
  run({ going, deciding }: Roles, seed: Seed, firstIndex: number): Float64Array {
    const { episodes, seen, decisions, judged } = this;
    if (!this.isLast(going, seed, firstIndex)) episodes.run(going, seed, firstIndex);
    this.last = { going: going.slice(), seed, firstIndex };
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

  private judge(t: number): void {
    const { informed, recording, displaced, reached, values, judged, pace, problem } = this;
    const { dynamics, steps, count } = this.episodes;
    const { timeStep, lossWeight } = problem.objective;
    const size = reached.length;
    this.move(t);
    const before = this.rows(recording.minima, t, size);
    for (let i = 0; i < size; i++) displaced[i] = reached[i] - before[i];
    dynamics.landscape.evaluate(displaced, dynamics.instances, count, values, null);
    for (let n = 0; n < count; n++) {
      if (recording.diverged[t * count + n]) continue;
      const now = timeStep * (this.effort(t, n) + lossWeight * values[n]);
      judged[n] += pace.weightAt(t, n) * now;
    }
    const after = t + 1 < steps ? this.rows(recording.minima, t + 1, size) : doubles(dynamics.minima);
    informed.value(reached, after, dynamics.instances, count, values);
    for (let n = 0; n < count; n++)
      if (!recording.diverged[t * count + n])
        judged[n] += pace.weightAt(t, n) * discountOf(problem) * values[n];
  }

  /** θ′ = θ_{t+1} + Δt·B(u − what was done). */
  private move(t: number): void {
    const { recording, reached, decisions, control, problem, pace } = this;
    const { dimension, actionSize, count } = this.episodes.dynamics;
    const { timeStep } = problem.objective;
    reached.set(this.rows(recording.parameters, t + 1, reached.length));
    for (let n = 0; n < count; n++) {
      const from = (t * count + n) * actionSize;
      const place = { out: reached, to: n * dimension, size: dimension };
      const done = -pace.paces[n] * timeStep;
      addPush(control, timeStep, { actions: decisions, from, size: actionSize }, place);
      addPush(control, done, { actions: recording.actions, from, size: actionSize }, place);
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
