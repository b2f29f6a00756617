import { DIVERGENCE_PENALTY } from "../../envs/dynamics/costs.js";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { PolicyTape } from "../policies/model.js";
import { type Crossroads, DecisionCosts } from "./decision-costs.js";
import { type Conduct, Episodes, type Recording, recordingFor } from "./episodes.js";
import { type InformedEpisodesOptions, Pace } from "./pace.js";

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
  private readonly decisionCosts: DecisionCosts;
  private readonly recording: Recording;
  private readonly pace: Pace;
  /** What was decided beside, `[steps, count, actionSize]`. */
  private readonly decisions: Float64Array;
  /** `[steps, count, observationSize]`. */
  private readonly seen: Float64Array;
  /** Where the last run passed, steps × count environments side by side. */
  private readonly crossroads: Crossroads;
  /** μ after the last step, `[count, dimension]`: the last row of `crossroads.minimaAfter`. */
  private readonly minimaAtLast: Float64Array;
  private last: { readonly going: Float64Array; readonly seed: Seed; readonly firstIndex: number } | null =
    null;
  /** Q of each decision, `[steps, count]`. */
  private readonly costs: Float64Array;

  /** @param tapeOf makes what records so many steps: to go by, and to decide by */
  constructor(
    problem: NavigationProblem,
    tapeOf: (steps: number) => PolicyTape,
    { informed, relative = 0, slowest = 1, ...options }: InformedEpisodesOptions,
  ) {
    const { count, steps } = options;
    const recorder = tapeOf(steps);
    this.deciding = recorder.forwardAgain ? recorder : tapeOf(1);
    this.decisionCosts = new DecisionCosts(problem, informed, steps * count);
    const recording = recordingFor(problem, count, steps);
    const passed = recording.minima.length;
    const minima = new Float64Array(recording.parameters.length);
    this.recording = { ...recording, minima: minima.subarray(0, passed) };
    this.pace = new Pace(problem, options, relative, slowest);
    this.episodes = new Episodes(problem, tapeOf(1), {
      ...options,
      terminal: informed,
      recording: this.recording,
      conduct: this.watching(),
    });
    const { dynamics } = this.episodes;
    this.minimaAtLast = minima.subarray(passed);
    this.crossroads = {
      parameters: recording.parameters.subarray(0, passed),
      minima: this.recording.minima,
      minimaAfter: minima.subarray(passed / steps),
      instances: new Float64Array(steps * dynamics.instances.length),
    };
    this.decisions = new Float64Array(recording.actions.length);
    this.seen = new Float64Array(steps * count * dynamics.observationSize);
    this.costs = new Float64Array(steps * count);
    this.judged = new Float64Array(count);
    this.diverged = new Uint8Array(count);
  }

  /** Runs episodes, unless they are those of the last run; returns the cost J of each as it went, and leaves `judged`. */
  run({ going, deciding }: Roles, seed: Seed, firstIndex: number): Float64Array {
    const { episodes } = this;
    const isLast = this.isLast(going, seed, firstIndex);
    if (!isLast) {
      this.last = null;
      episodes.run(going, seed, firstIndex);
      this.noteCrossroads();
    }
    this.decide(deciding, isLast);
    if (!isLast) this.last = { going: going.slice(), seed, firstIndex };
    this.judge();
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

  private noteCrossroads(): void {
    const { instances } = this.crossroads;
    const { dynamics, steps } = this.episodes;
    this.minimaAtLast.set(dynamics.minima);
    for (let t = 0; t < steps; t++) instances.set(dynamics.instances, t * dynamics.instances.length);
  }

  /** @param isSeen Whether the tape has recorded what there is to see */
  private decide(parameters: Float64Array, isSeen: boolean): void {
    const { deciding, decisions, seen } = this;
    const { steps } = this.episodes;
    const again = isSeen ? deciding.forwardAgain : undefined;
    const row = decisions.length / steps;
    deciding.setParameters(parameters);
    if (!again) deciding.reset();
    for (let t = 0; t < steps; t++) {
      const decided = rowOf(decisions, t, row);
      if (again) again(t, decided);
      else deciding.forward(t, rowOf(seen, t, seen.length / steps), decided);
    }
  }

  private judge(): void {
    const { decisionCosts, crossroads, costs, judged, pace, diverged, decisions } = this;
    const { steps, count } = this.episodes;
    decisionCosts.evaluate(crossroads, decisions, costs);
    diverged.set(this.episodes.diverged);
    judged.fill(0);
    for (let t = 0, i = 0; t < steps; t++)
      for (let n = 0; n < count; n++, i++) {
        const weighed = pace.weightAt(t, n) * costs[i];
        if (Number.isFinite(weighed)) judged[n] += weighed;
        else {
          judged[n] += DIVERGENCE_PENALTY;
          diverged[n] = 1;
        }
      }
  }
}

function rowOf(values: Float64Array, t: number, size: number): Float64Array {
  return values.subarray(t * size, (t + 1) * size);
}
