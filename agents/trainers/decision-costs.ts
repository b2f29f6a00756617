import {
  actionSizeOf,
  createLandscape,
  dimensionOf,
  discountOf,
  type Landscape,
  type NavigationProblem,
  type Numbers,
} from "../../envs/index.js";
import { flatten, multiplyAdd, quadraticForm } from "../../envs/problem/linear-algebra.js";
import type { BatchTerminalCost } from "./terminal-cost.js";

/** Where decisions of `count` environments are taken, row-major. */
export interface Crossroads {
  /** θ, `[count, dimension]`. */
  readonly parameters: Float64Array;
  /** μ that the step observes and is charged for, and μ after it, `[count, dimension]`. */
  readonly minima: Float64Array;
  readonly minimaAfter: Float64Array;
  /** `[count, instanceSize]`. */
  readonly instances: Float64Array;
}

/**
 * Q(u) = Δt·[(1/2η)uᵀGu + k·L(θ′ − μ)] + ρ·V(θ′, μ′), θ′ = θ + Δt·(Aθ + b + Bu): what a decision costs at once, and what it leaves to a learner
 * that is told everything, whose cost-to-go is V.
 */
export class DecisionCosts {
  private readonly count: number;
  private readonly informed: BatchTerminalCost;
  private readonly landscape: Landscape;
  private readonly dimension: number;
  private readonly actionSize: number;
  private readonly discount: number;
  private readonly objective: NavigationProblem["objective"];
  private readonly drift: { readonly matrix: Float64Array; readonly offset: Float64Array } | null;
  private readonly control: Float64Array | null;
  private readonly metric: Float64Array | null;
  private readonly reached: Float64Array;
  private readonly displaced: Float64Array;
  private readonly values: Float64Array;

  constructor(problem: NavigationProblem, informed: BatchTerminalCost, count: number) {
    const { control, drift, metric } = problem.geometry;
    this.count = count;
    this.informed = informed;
    this.landscape = createLandscape(problem.landscape);
    this.dimension = dimensionOf(problem);
    this.actionSize = actionSizeOf(problem);
    this.discount = discountOf(problem);
    this.objective = problem.objective;
    this.control = control ? flatten(control) : null;
    this.metric = metric ? flatten(metric) : null;
    this.drift = drift ? { matrix: flatten(drift.matrix), offset: Float64Array.from(drift.offset) } : null;
    this.reached = new Float64Array(count * this.dimension);
    this.displaced = new Float64Array(this.reached.length);
    this.values = new Float64Array(count);
  }

  /** Writes Q of a decision in each environment `[count]`; not finite where it leads beyond all numbers. */
  evaluate(at: Crossroads, decisions: Numbers, out: Float64Array): void {
    const { informed, landscape, displaced, reached, values, count, discount, metric, actionSize } = this;
    const { timeStep, lossWeight, mobility } = this.objective;
    this.move(at.parameters, decisions);
    for (let i = 0; i < reached.length; i++) displaced[i] = reached[i] - at.minima[i];
    landscape.evaluate(displaced, at.instances, count, out, null);
    informed.value(reached, at.minimaAfter, at.instances, count, values);
    for (let n = 0; n < count; n++) {
      const effort = quadraticForm(metric, actionSize, decisions, n * actionSize) / (2 * mobility);
      out[n] = timeStep * (effort + lossWeight * out[n]) + discount * values[n];
    }
  }

  /** θ′ */
  private move(before: Float64Array, decisions: Numbers): void {
    const { reached, control, drift, objective, dimension, actionSize, count } = this;
    const { timeStep } = objective;
    reached.set(before);
    for (let n = 0; n < count; n++) {
      const to = n * dimension;
      addPush(
        control,
        timeStep,
        { actions: decisions, from: n * actionSize, size: actionSize },
        { out: reached, to, size: dimension },
      );
      if (!drift) continue;
      multiplyAdd(drift.matrix, dimension, dimension, before, to, timeStep, reached, to);
      for (let i = 0; i < dimension; i++) reached[to + i] += timeStep * drift.offset[i];
    }
  }
}

/** Where the actions of one environment are, and where the place is that they push. */
interface Actions {
  readonly actions: Numbers;
  readonly from: number;
  readonly size: number;
}
interface Place {
  readonly out: Numbers;
  readonly to: number;
  readonly size: number;
}

/** Adds factor·Bu to a place; B = 1 where there is no control matrix. */
export function addPush(
  control: Float64Array | null,
  factor: number,
  { actions, from, size: controls }: Actions,
  { out, to, size }: Place,
): void {
  if (control) multiplyAdd(control, size, controls, actions, from, factor, out, to);
  else for (let i = 0; i < size; i++) out[to + i] += factor * actions[from + i];
}
