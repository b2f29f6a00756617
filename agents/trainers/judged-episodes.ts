import type { NavigationProblem, Numbers, Seed } from "../../envs/index.js";
import type { PolicyTape } from "../policies/model.js";
import { DecisionCosts } from "./decision-costs.js";
import { type Conduct, doubles, Episodes, type Recording, recordingFor } from "./episodes.js";
import { type InformedEpisodesOptions, Pace } from "./pace.js";

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
  private readonly decisionCosts: DecisionCosts;
  private readonly recording: Recording;
  private readonly pace: Pace;
  /** What was decided beside, `[steps, count, actionSize]`. */
  private readonly decisions: Float64Array;
  /** `[steps, count, observationSize]`. */
  private readonly seen: Float64Array;
  private last: { readonly going: Float64Array; readonly seed: Seed; readonly firstIndex: number } | null =
    null;
  /** Q at the step at hand, `[count]`. */
  private readonly costs: Float64Array;

  constructor(
    problem: NavigationProblem,
    [going, deciding]: readonly [PolicyTape, PolicyTape],
    { informed, relative = 0, slowest = 1, ...options }: InformedEpisodesOptions,
  ) {
    const { count, steps } = options;
    this.deciding = deciding;
    this.decisionCosts = new DecisionCosts(problem, informed, count);
    this.recording = recordingFor(problem, count, steps);
    this.pace = new Pace(problem, options, relative, slowest);
    this.episodes = new Episodes(problem, going, {
      ...options,
      terminal: informed,
      recording: this.recording,
      conduct: this.watching(),
    });
    this.decisions = new Float64Array(this.recording.actions.length);
    this.seen = new Float64Array(steps * count * this.episodes.dynamics.observationSize);
    this.costs = new Float64Array(count);
    this.judged = new Float64Array(count);
    this.diverged = new Uint8Array(count);
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
    const { recording, decisionCosts, costs, judged, pace, diverged, decisions } = this;
    const { dynamics, steps, count } = this.episodes;
    const size = count * dynamics.dimension;
    const crossroads = {
      parameters: this.rows(recording.parameters, t, size),
      minima: this.rows(recording.minima, t, size),
      minimaAfter: t + 1 < steps ? this.rows(recording.minima, t + 1, size) : doubles(dynamics.minima),
      instances: dynamics.instances,
    };
    decisionCosts.evaluate(crossroads, this.rows(decisions, t, decisions.length / steps), costs);
    for (let n = 0; n < count; n++) {
      const weighed = pace.weightAt(t, n) * costs[n];
      if (Number.isFinite(weighed)) judged[n] += weighed;
      else {
        judged[n] += DIVERGED;
        diverged[n] = 1;
      }
    }
  }

  private rows<A extends Numbers>(values: A, t: number, size: number): A {
    return values.subarray(t * size, (t + 1) * size) as A;
  }
}
