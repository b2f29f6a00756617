import {
  channelOffset,
  channelsOf,
  deriveKey,
  dimensionOf,
  discountOf,
  type NavigationProblem,
  type Numbers,
  rootKey,
  type Seed,
  streams,
  uniformAt,
} from "../../envs/index.js";
import { flatten } from "../../envs/problem/linear-algebra.js";
import { scaleBy } from "../kernels/kernels.js";
import { optimalGain, steepestCurvature } from "../policies/gains.js";
import type { PolicyTape } from "../policies/model.js";
import type { Adjoint } from "./adjoint.js";
import { type Conduct, doubles, type Episodes, type EpisodesOptions, type Recording } from "./episodes.js";
import { recordedEpisodes } from "./reverse.js";
import type { BatchTerminalCost, TerminalSpec } from "./terminal-cost.js";

/** How decisions are judged that a learner who is told everything takes over. */
export interface InformedOptions {
  /**
   * s, θ/time: a decision weighs 1 + s²/(|u|² + ε²), so that those much smaller than s count by their relative error. ε is a tenth of
   * what the untrained gain makes of the root mean square of the gradients so far. Default 0: all weigh alike.
   */
  readonly relative?: number;
  /**
   * Every other episode goes at a pace of its own: what is done is u times a factor, log-uniform from here to 1. So a learner
   * meets streams that its own moves never lead to. Default 1: none does.
   */
  readonly slowest?: number;
}

export interface InformedPassOptions extends Omit<EpisodesOptions, "recording" | "conduct" | "terminal"> {
  /** V, the cost-to-go of a learner that is told everything. */
  readonly informed: BatchTerminalCost;
}

/**
 * The gradient of Σₙ Σₜ wₜ·Qₜ, Qₜ = Δt·[(1/2η)uᵀGu + k·L(θ′ − μₜ)] + ρ·V(θ′, μ_{t+1}), where θ′ is what uₜ leads to: each decision is judged by
 * what it costs at once and what it leaves to a learner that is told everything. That is QMDP's criterion, the optimum wherever acting
 * tells nothing. What was seen before is taken as given, nothing goes back through the simulator, and so the episodes
 * need not be those of the policy alone.
 */
export class InformedPass {
  readonly episodes: Episodes;
  private readonly tape: PolicyTape;
  private readonly informed: BatchTerminalCost;
  private readonly recording: Recording<Numbers>;
  private readonly adjoint: Adjoint;
  private readonly pace: Pace;
  private readonly discount: number;
  private readonly control: Float64Array | null;
  private readonly timeStep: number;
  /** μ after the step at hand, and ρ∇V there, `[count, dimension]`. */
  private readonly minima: Float64Array;
  private readonly ahead: Float64Array;

  /** @throws Error when no pass goes back through the problem; see `requireInformed` for the rest */
  constructor(
    problem: NavigationProblem,
    tape: PolicyTape,
    { informed, relative = 0, slowest = 1, ...options }: InformedPassOptions & InformedOptions,
  ) {
    this.pace = new Pace(problem, options, relative, slowest);
    const { episodes, recording, adjoint } = recordedEpisodes(problem, tape, {
      ...options,
      terminal: informed,
      conduct: this.pace,
    });
    this.episodes = episodes;
    this.recording = recording;
    this.adjoint = adjoint;
    this.tape = tape;
    this.informed = informed;
    this.discount = discountOf(problem);
    this.control = problem.geometry.control ? flatten(problem.geometry.control) : null;
    this.timeStep = problem.objective.timeStep;
    this.minima = new Float64Array(options.count * dimensionOf(problem));
    this.ahead = new Float64Array(this.minima.length);
  }

  /** Of the last run. */
  get gradient(): Float64Array {
    return this.tape.parameterGradient;
  }

  /** Runs episodes forward and judges their decisions; returns the cost J of each, and leaves `gradient`. */
  run(policyParameters: Float64Array, seed: Seed, firstIndex: number): Float64Array {
    const { adjoint, tape, pace, episodes } = this;
    const costs = episodes.run(policyParameters, seed, firstIndex);
    for (let t = episodes.steps - 1; t >= 0; t--) {
      this.lookAhead(t);
      adjoint.backThroughStep(t, { carry: 1, cost: 1 });
      pace.weigh(t, adjoint.actionGradients);
      tape.backward(t, adjoint.actionGradients, adjoint.observationGradients);
    }
    return costs;
  }

  /** Puts θ′ where θ_{t+1} is recorded, and ρ∇V(θ′, μ_{t+1}) where the step at hand begins. */
  private lookAhead(t: number): void {
    const { adjoint, informed, recording, episodes, minima, ahead, discount } = this;
    const { dynamics, steps, count } = episodes;
    const size = minima.length;
    this.completeMove(t);
    const after = t + 1 < steps ? recording.minima.subarray((t + 1) * size, (t + 2) * size) : dynamics.minima;
    minima.set(after);
    const reached = doubles(recording.parameters.subarray((t + 1) * size, (t + 2) * size));
    informed.gradient(reached, minima, dynamics.instances, count, ahead);
    scaleBy(ahead, discount);
    adjoint.begin(dynamics.instances);
    adjoint.adjoint.set(ahead);
  }

  /** θ′ = θ_{t+1} + (1 − pace)·Δt·Bu. */
  private completeMove(t: number): void {
    const { recording, episodes, control, timeStep, pace } = this;
    const { dimension, actionSize } = episodes.dynamics;
    const { paces } = pace;
    for (let n = 0; n < paces.length; n++) {
      if (paces[n] === 1 || recording.diverged[t * paces.length + n]) continue;
      const rest = (1 - paces[n]) * timeStep;
      const from = (t * paces.length + n) * actionSize;
      const to = ((t + 1) * paces.length + n) * dimension;
      const { actions, parameters } = recording;
      for (let i = 0; i < dimension; i++) {
        let push = 0;
        if (control)
          for (let j = 0; j < actionSize; j++) push += control[i * actionSize + j] * actions[from + j];
        else push = actions[from + i];
        parameters[to + i] += rest * push;
      }
    }
  }
}

/** Where nothing was seen or done, what a weight divides by. */
const SMALLEST = 1e-12;

/** @throws Error when decisions of a problem cannot be judged so */
export function requireInformed(
  problem: NavigationProblem,
  terminal: TerminalSpec,
  { relative = 0, slowest = 1 }: InformedOptions,
): void {
  if (terminal === "none")
    throw new Error('decisions: must be "discounted" or "equal" where terminal is "none", got "informed"');
  if (!(relative >= 0 && Number.isFinite(relative)))
    throw new Error(`relative: must be a number >= 0, got ${relative}`);
  if (relative > 0 && !channelsOf(problem).includes("gradient"))
    throw new Error(`relative: must be 0 where observations do not show the gradient, got ${relative}`);
  if (!(slowest > 0 && slowest <= 1)) throw new Error(`slowest: must be in (0, 1], got ${slowest}`);
}

/** How fast episodes go ahead, and what their decisions weigh. */
class Pace implements Conduct {
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
