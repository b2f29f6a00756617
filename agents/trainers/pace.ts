import {
  channelOffset,
  channelsOf,
  deriveKey,
  dimensionOf,
  type NavigationProblem,
  type Numbers,
  rootKey,
  type Seed,
  streams,
  uniformAt,
} from "../../envs/index.js";
import { optimalGain, steepestCurvature } from "../policies/gains.js";
import type { Conduct, EpisodesOptions } from "./episodes.js";
import { type BatchTerminalCost, defaultTerminal, type TerminalSpec } from "./terminal-cost.js";

/** How decisions are judged that a learner who is told everything takes over. */
export interface InformedOptions {
  /**
   * s, θ/time: a decision weighs 1 + s²/(|u|² + ε²), 10¹² at most, so that those much smaller than s count by their relative error. ε is a
   * tenth of what the optimal gain at the steepest curvature makes of the root mean square of the gradients so far. From 1e-6 to 1e6.
   * Default 0: all weigh alike.
   */
  readonly relative?: number;
  /**
   * Every other episode goes at a pace of its own: what is done is u times a factor, log-uniform from here to 1. So a learner
   * meets streams that its own moves never lead to. Costs that are told are those of the others. In (0, 1]. Default 1: none does.
   */
  readonly slowest?: number;
}

/** Episodes whose decisions are judged. */
export interface InformedEpisodesOptions
  extends Omit<EpisodesOptions, "recording" | "conduct" | "terminal">,
    InformedOptions {
  /** V, the cost-to-go of a learner that is told everything. */
  readonly informed: BatchTerminalCost;
}

/**
 * What a trainer was told of informed decisions; undefined where it has others.
 *
 * @throws Error when they cannot be judged so, or when told of others
 */
export function informedOf(
  trainer: string,
  problem: NavigationProblem,
  { decisions, terminal, relative, slowest }: Told,
): Required<InformedOptions> | undefined {
  if (decisions !== "informed") {
    if (relative === 0 && slowest === 1) return undefined;
    throw new Error(
      `${trainer}: relative and slowest are of informed decisions, got decisions "${decisions}"`,
    );
  }
  if (terminal === "none" || defaultTerminal(problem) === "none")
    throw new Error(
      `${trainer}: decisions "informed" need a cost-to-go that is known and finite, and terminal "informed-value": ` +
        `a quadratic landscape, no horizon; got landscape.kind "${problem.landscape.kind}", objective.horizon ` +
        `${problem.objective.horizon ?? "none"}, terminal "${terminal}"`,
    );
  if (relative !== 0 && !(relative >= 1e-6 && relative <= 1e6))
    throw new Error(`${trainer}: relative must be 0 or a number from 1e-6 to 1e6, got ${relative}`);
  if (relative > 0 && !channelsOf(problem).includes("gradient"))
    throw new Error(
      `${trainer}: relative must be 0 where observations do not show the gradient, got ${relative}`,
    );
  if (!(slowest > 0 && slowest <= 1))
    throw new Error(`${trainer}: slowest must be in (0, 1], got ${slowest}`);
  return { relative, slowest };
}

interface Told extends Required<InformedOptions> {
  readonly decisions: string;
  readonly terminal: TerminalSpec;
}

/** Where nothing was seen or done, what a weight divides by. */
const SMALLEST = 1e-12;

/** How fast episodes go ahead, and what their decisions weigh. */
export class Pace implements Conduct {
  /** Of each episode, `[count]`. */
  readonly paces: Float64Array;
  private readonly slowest: number;
  private readonly relative: number;
  /** wₜ, `[steps, count]`. */
  private readonly weights: Float64Array;
  /** Σ|gradient|² so far, `[count]`. */
  private readonly squares: Float64Array;
  private readonly gradient: { readonly offset: number; readonly size: number };
  /** ε² over the mean of |gradient|². */
  private readonly floor: number;

  constructor(
    problem: NavigationProblem,
    { count, steps }: { readonly count: number; readonly steps: number },
    relative: number,
    slowest: number,
  ) {
    const shown = channelsOf(problem).includes("gradient");
    this.paces = new Float64Array(count).fill(1);
    this.slowest = slowest;
    this.relative = relative;
    this.weights = new Float64Array(steps * count).fill(1);
    this.squares = new Float64Array(count);
    this.gradient = {
      offset: shown ? channelOffset(problem, "gradient") : 0,
      size: shown ? dimensionOf(problem) : 0,
    };
    this.floor = (0.1 * optimalGain(problem, steepestCurvature(problem))) ** 2;
  }

  begin(seed: Seed, firstIndex: number): void {
    const { paces, slowest } = this;
    this.squares.fill(0);
    if (slowest === 1) return;
    const key = deriveKey(rootKey(seed), streams.pace);
    for (let n = 0; n < paces.length; n++) {
      const episode = firstIndex + n;
      paces[n] = episode % 2 === 0 ? 1 : slowest ** uniformAt(key, episode, 0);
    }
  }

  carryOut(t: number, observations: Numbers, actions: Numbers): void {
    const { paces } = this;
    if (this.relative > 0) this.writeWeights(t, observations, actions);
    const size = actions.length / paces.length;
    for (let n = 0; n < paces.length; n++)
      if (paces[n] !== 1) for (let j = n * size; j < (n + 1) * size; j++) actions[j] *= paces[n];
  }

  /** Multiplies the gradient of each decision of step t by its weight, `[count, actionSize]`. */
  weigh(t: number, actionGradients: Numbers): void {
    if (this.relative === 0) return;
    const { weights, paces } = this;
    const size = actionGradients.length / paces.length;
    for (let n = 0; n < paces.length; n++)
      for (let j = n * size; j < (n + 1) * size; j++) actionGradients[j] *= weights[t * paces.length + n];
  }

  /** Σ J, as if all episodes had gone as decided: those that did stand for the others. */
  totalCost(costs: Float64Array): number {
    let sum = 0;
    let full = 0;
    for (let n = 0; n < costs.length; n++) {
      if (this.paces[n] !== 1) continue;
      sum += costs[n];
      full++;
    }
    if (full > 0) return (sum / full) * costs.length;
    return costs.reduce((total, cost) => total + cost, 0);
  }

  /** wₜ of an episode. */
  weightAt(t: number, n: number): number {
    return this.weights[t * this.paces.length + n];
  }

  private writeWeights(t: number, observations: Numbers, actions: Numbers): void {
    const { weights, squares, gradient, floor, relative } = this;
    const count = squares.length;
    const seen = observations.length / count;
    const decided = actions.length / count;
    for (let n = 0; n < count; n++) {
      squares[n] += squaredNorm(observations, n * seen + gradient.offset, gradient.size);
      const size = squaredNorm(actions, n * decided, decided) + (floor * squares[n]) / (t + 1);
      weights[t * count + n] = 1 + 1 / (size / relative ** 2 + SMALLEST);
    }
  }
}

function squaredNorm(values: Numbers, from: number, size: number): number {
  let sum = 0;
  for (let i = from; i < from + size; i++) sum += values[i] * values[i];
  return sum;
}
