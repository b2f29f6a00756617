import { flatten, multiplyAdd } from "../problem/linear-algebra.js";
import { type NavigationProblem, velocitySizeOf } from "../problem/problem.js";
import type { Batch } from "./batch.js";

/** θ ← θ + Δt·(f(θ) + Bu). */
export class Motion {
  private readonly batch: Batch;
  private readonly timeStep: number;
  private readonly velocitySize: number;
  private readonly control: Float64Array | null;
  private readonly drift: { readonly matrix: Float64Array; readonly offset: Float64Array } | null;
  private readonly movement: Float64Array;

  constructor(problem: NavigationProblem, batch: Batch) {
    const { control, drift } = problem.geometry;
    this.batch = batch;
    this.timeStep = problem.objective.timeStep;
    this.velocitySize = velocitySizeOf(problem);
    this.control = control ? flatten(control) : null;
    this.drift = drift ? { matrix: flatten(drift.matrix), offset: Float64Array.from(drift.offset) } : null;
    this.movement = new Float64Array(batch.dimension);
  }

  /** Velocities u, `[count, m]`. */
  move(velocities: Float64Array): void {
    this.batch.before.set(this.batch.parameters);
    if (this.control || this.drift) for (let n = 0; n < this.batch.count; n++) this.moveOne(n, velocities);
    else this.moveFreely(velocities);
  }

  private moveFreely(velocities: Float64Array): void {
    const { timeStep } = this;
    const { parameters, updates } = this.batch;
    for (let i = 0; i < updates.length; i++) {
      const update = timeStep * velocities[i];
      updates[i] = update;
      parameters[i] += update;
    }
  }

  private moveOne(n: number, velocities: Float64Array): void {
    const { control, drift, velocitySize, timeStep, movement } = this;
    const { parameters, updates, dimension } = this.batch;
    const first = n * dimension;
    movement.fill(0);
    if (control)
      multiplyAdd(control, dimension, velocitySize, velocities, n * velocitySize, timeStep, movement, 0);
    else for (let j = 0; j < dimension; j++) movement[j] = timeStep * velocities[first + j];
    if (drift) {
      multiplyAdd(drift.matrix, dimension, dimension, parameters, first, timeStep, movement, 0);
      for (let j = 0; j < dimension; j++) movement[j] += timeStep * drift.offset[j];
    }
    for (let j = 0; j < dimension; j++) {
      updates[first + j] = movement[j];
      parameters[first + j] += movement[j];
    }
  }
}
