import type { Action, NavigationProblem } from "../problem/problem.js";
import type { Batch } from "./batch.js";

type Hyperparameters = Extract<Action, { readonly kind: "hyperparameters" }>;

/**
 * A textbook rule whose hyperparameters come with every step: θ ← θ − α·direction, as the velocity
 * −(α/Δt)·direction. With momentum β, heavy ball has v ← βv + g as direction; Adam m̂/(√v̂ + ε), each average divided
 * by the weight that it holds, which for constant hyperparameters is 1 − βᵗ.
 */
export class InnerRule {
  /** u, `[count, dimension]`. */
  readonly velocities: Float64Array;

  private readonly batch: Batch;
  private readonly rule: Hyperparameters["rule"];
  private readonly perCoordinate: boolean;
  private readonly timeStep: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly first: Float64Array;
  private readonly firstMass: Float64Array;
  private readonly second: Float64Array;
  private readonly secondMass: Float64Array;

  constructor(action: Hyperparameters, { objective }: NavigationProblem, batch: Batch) {
    const size = batch.count * batch.dimension;
    const { rule, per, beta2 = 0.999, epsilon = 1e-8 } = action;
    this.batch = batch;
    this.rule = rule;
    this.perCoordinate = per === "coordinate";
    this.timeStep = objective.timeStep;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.velocities = new Float64Array(size);
    this.first = new Float64Array(rule === "gradient-descent" ? 0 : size);
    this.firstMass = new Float64Array(rule === "adam" ? size : 0);
    this.second = new Float64Array(rule === "adam" ? size : 0);
    this.secondMass = new Float64Array(rule === "adam" ? size : 0);
  }

  /** Forgets the past of environment n. */
  begin(n: number): void {
    const { dimension } = this.batch;
    for (const memory of [this.first, this.firstMass, this.second, this.secondMass])
      memory.fill(0, n * dimension, (n + 1) * dimension);
  }

  /** Fills `velocities` from hyperparameters `[count, actionSize]` and gradients `[count, dimension]`. */
  advance(actions: Float64Array, gradients: Float64Array): void {
    const { batch, perCoordinate, rule, timeStep, velocities } = this;
    const { count, dimension } = batch;
    const width = perCoordinate ? dimension : 1;
    const stride = rule === "gradient-descent" ? width : 2 * width;
    for (let n = 0, i = 0; n < count; n++) {
      const row = n * stride;
      for (let j = 0; j < dimension; j++, i++) {
        const at = row + (perCoordinate ? j : 0);
        const direction = this.direction(i, gradients[i], actions[at + width]);
        velocities[i] = (-Math.exp(actions[at]) / timeStep) * direction;
      }
    }
  }

  private direction(i: number, gradient: number, momentum: number): number {
    switch (this.rule) {
      case "gradient-descent":
        return gradient;
      case "heavy-ball":
        this.first[i] = momentum * this.first[i] + gradient;
        return this.first[i];
      case "adam":
        return this.adamDirection(i, gradient, momentum);
    }
  }

  private adamDirection(i: number, gradient: number, momentum: number): number {
    const { first, firstMass, second, secondMass, beta2, epsilon } = this;
    first[i] = momentum * first[i] + (1 - momentum) * gradient;
    firstMass[i] = momentum * firstMass[i] + (1 - momentum);
    second[i] = beta2 * second[i] + (1 - beta2) * gradient * gradient;
    secondMass[i] = beta2 * secondMass[i] + (1 - beta2);
    const mean = firstMass[i] === 0 ? 0 : first[i] / firstMass[i];
    return mean / (Math.sqrt(second[i] / secondMass[i]) + epsilon);
  }
}
