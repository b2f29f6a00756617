import { flatten, multiplyAdd } from "../problem/linear-algebra.js";
import { type NavigationProblem, velocitySizeOf } from "../problem/problem.js";
import type { Batch } from "./batch.js";

/** Cost of a step, Δt·[(1/2η) uᵀGu + k·L(θ)], with the loss after the movement. */
export class Costs {
  private readonly batch: Batch;
  private readonly velocitySize: number;
  private readonly metric: Float64Array | null;
  private readonly perMovement: number;
  private readonly perLoss: number;
  private readonly penalty: number;
  private readonly product: Float64Array;

  constructor(problem: NavigationProblem, batch: Batch, penalty: number) {
    const { mobility, lossWeight, timeStep } = problem.objective;
    const { metric } = problem.geometry;
    this.batch = batch;
    this.velocitySize = velocitySizeOf(problem);
    this.metric = metric ? flatten(metric) : null;
    this.perMovement = timeStep / (2 * mobility);
    this.perLoss = timeStep * lossWeight;
    this.penalty = penalty;
    this.product = new Float64Array(this.velocitySize);
  }

  /** Charges every environment, and undoes the steps that left the finite numbers. Whether there were any. */
  charge(velocities: Float64Array): boolean {
    const { velocitySize, metric, perMovement, perLoss } = this;
    const { count, costs, rewards, losses, elapsed, diverged } = this.batch;
    let any = false;
    for (let n = 0, i = 0; n < count; n++) {
      let effort = 0;
      if (metric) {
        effort = this.effort(metric, velocities, i);
        i += velocitySize;
      } else {
        for (let j = 0; j < velocitySize; j++, i++) effort += velocities[i] * velocities[i];
      }
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

  private effort(metric: Float64Array, velocities: Float64Array, first: number): number {
    const { product, velocitySize } = this;
    let effort = 0;
    product.fill(0);
    multiplyAdd(metric, velocitySize, velocitySize, velocities, first, 1, product, 0);
    for (let j = 0; j < velocitySize; j++) effort += product[j] * velocities[first + j];
    return effort;
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
