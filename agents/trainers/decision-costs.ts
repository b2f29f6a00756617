import {
  actionSizeOf,
  createLandscape,
  dimensionOf,
  discountOf,
  type Landscape,
  type NavigationProblem,
  type Numbers,
} from "../../envs/index.js";
import { flatten, multiplyAdd } from "../../envs/problem/linear-algebra.js";
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
  private readonly efforts: Float64Array;
  /** Gu of one environment, `[actionSize]`. */
  private readonly forces: Float64Array;

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
    this.efforts = new Float64Array(count);
    this.forces = new Float64Array(this.actionSize);
  }

  /** Writes Q of a decision in each environment `[count]`; not finite where it leads beyond all numbers. */
  evaluate(at: Crossroads, decisions: Numbers, out: Float64Array): void {
    const { informed, landscape, objective, displaced, reached, values, count, discount } = this;
    const { timeStep, lossWeight } = objective;
    this.move(at.parameters, decisions);
    for (let i = 0; i < reached.length; i++) displaced[i] = reached[i] - at.minima[i];
    landscape.evaluate(displaced, at.instances, count, out, null);
    informed.value(reached, at.minimaAfter, at.instances, count, values);
    this.writeEfforts(decisions);
    for (let n = 0; n < count; n++)
      out[n] = timeStep * (this.efforts[n] + lossWeight * out[n]) + discount * values[n];
  }

  /** θ′ */
  private move(before: Float64Array, decisions: Numbers): void {
    const { reached, control, drift, objective, dimension, actionSize, count } = this;
    const { timeStep } = objective;
    reached.set(before);
    // Where each control pushes its own coordinate, all environments are one.
    const [pushed, environments] = control ? [1, count] : [count, 1];
    const [from, to] = [pushed * actionSize, pushed * dimension];
    for (let n = 0; n < environments; n++)
      addPush(
        control,
        timeStep,
        { actions: decisions, from: n * from, size: from },
        { out: reached, to: n * to, size: to },
      );
    if (!drift) return;
    for (let n = 0; n < count; n++) {
      const to = n * dimension;
      multiplyAdd(drift.matrix, dimension, dimension, before, to, timeStep, reached, to);
      for (let i = 0; i < dimension; i++) reached[to + i] += timeStep * drift.offset[i];
    }
  }

  /** (1/2η)·uᵀGu */
  private writeEfforts(decisions: Numbers): void {
    const { metric, objective, actionSize, efforts, forces, count } = this;
    for (let n = 0, from = 0; n < count; n++, from += actionSize) {
      if (metric) {
        forces.fill(0);
        multiplyAdd(metric, actionSize, actionSize, decisions, from, 1, forces, 0);
      } else for (let i = 0; i < actionSize; i++) forces[i] = decisions[from + i];
      let sum = 0;
      for (let i = 0; i < actionSize; i++) sum += decisions[from + i] * forces[i];
      efforts[n] = sum / (2 * objective.mobility);
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
