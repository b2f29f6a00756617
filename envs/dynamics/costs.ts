import { flatten, quadraticForm } from "../problem/linear-algebra.js";
import { type NavigationProblem, velocitySizeOf } from "../problem/problem.js";
import type { Batch } from "./batch.js";

/** What a step that leaves the finite numbers costs, where nobody says otherwise. */
export const DIVERGENCE_PENALTY = 1e6;

/** Cost of a step, Δt·[(1/2η) uᵀGu + k·L(θ)], with the loss after the movement. */
export class Costs {
  private readonly batch: Batch;
  private readonly velocitySize: number;
  private readonly metric: Float64Array | null;
  private readonly perMovement: number;
  private readonly perLoss: number;
  private readonly penalty: number;

  constructor(problem: NavigationProblem, batch: Batch, penalty: number) {
    const { mobility, lossWeight, timeStep } = problem.objective;
    const { metric } = problem.geometry;
    this.batch = batch;
    this.velocitySize = velocitySizeOf(problem);
    this.metric = metric ? flatten(metric) : null;
    this.perMovement = timeStep / (2 * mobility);
    this.perLoss = timeStep * lossWeight;
    this.penalty = penalty;
  }

  /** Charges every environment, and undoes the steps that left the finite numbers. Whether there were any. */
  charge(velocities: Float64Array): boolean {
    const { velocitySize, metric, perMovement, perLoss } = this;
    const { count, costs, rewards, losses, elapsed, diverged } = this.batch;
    let any = false;
    for (let n = 0; n < count; n++) {
      const effort = quadraticForm(metric, velocitySize, velocities, n * velocitySize);
      const cost = perMovement * effort + perLoss * losses[n];
      elapsed[n]++;
      diverged[n] = 0;
      costs[n] = cost;
      rewards[n] = -cost;
      if (Number.isFinite(cost)) continue;
      any = true;
      this.undo(n);
    }
    return any;
  }

  /** Charges the penalty in place of the cost. */
  penalise(n: number): void {
    const { diverged, costs, rewards } = this.batch;
    diverged[n] = 1;
    costs[n] = this.penalty;
    rewards[n] = -this.penalty;
  }

  /** Puts a diverged environment back where its last finite step left it. */
  private undo(n: number): void {
    const { dimension, parameters, updates, before, losses } = this.batch;
    this.penalise(n);
    losses[n] = this.penalty;
    for (let i = n * dimension; i < (n + 1) * dimension; i++) {
      parameters[i] = before[i];
      updates[i] = 0;
    }
  }
}
