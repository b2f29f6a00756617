import {
  dimensionOf,
  discountOf,
  type NavigationProblem,
  type Numbers,
  type Seed,
} from "../../envs/index.js";
import { flatten } from "../../envs/problem/linear-algebra.js";
import { scaleBy } from "../kernels/kernels.js";
import type { PolicyTape } from "../policies/model.js";
import type { Adjoint } from "./adjoint.js";
import { addPush } from "./decision-costs.js";
import { doubles, type Episodes, type Recording } from "./episodes.js";
import { type InformedEpisodesOptions, Pace } from "./pace.js";
import { recordedEpisodes } from "./reverse.js";
import type { BatchTerminalCost } from "./terminal-cost.js";

/**
 * The gradient of Σₙ Σₜ wₜ·Qₜ, Qₜ = Δt·[(1/2η)uᵀGu + k·L(θ′ − μₜ)] + ρ·V(θ′, μ_{t+1}), where θ′ is what uₜ leads to: each decision is judged by
 * what it costs at once and what it leaves to a learner that is told everything. That is QMDP's criterion, the optimum wherever acting
 * tells nothing. What was seen before is taken as given, nothing goes back through the simulator, and so the episodes
 * need not be those of the policy alone. A step that diverges counts nothing.
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
    { informed, relative = 0, slowest = 1, ...options }: InformedEpisodesOptions,
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

  /** Σ J of the last run, were all episodes to go as decided. */
  get totalCost(): number {
    return this.pace.totalCost(this.episodes.costs);
  }

  /** θ′ = θ_{t+1} + (1 − pace)·Δt·Bu; where that is beyond all numbers the decision is undone, and counts nothing. */
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
      addPush(control, rest, { actions, from, size: actionSize }, { out: parameters, to, size: dimension });
      if (parameters.subarray(to, to + dimension).every(Number.isFinite)) continue;
      recording.diverged[t * paces.length + n] = 1;
      parameters.set(parameters.subarray(to - this.minima.length, to - this.minima.length + dimension), to);
    }
  }
}
