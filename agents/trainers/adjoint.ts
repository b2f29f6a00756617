import type { NavigationProblem, Numbers, Simulation, StepWeights } from "../../envs/index.js";
import { flatten, multiplyAdd, multiplyTransposedAdd } from "../../envs/problem/linear-algebra.js";
import { scaleBy } from "../kernels/kernels.js";
import type { Recording } from "./episodes.js";

/** The simulator backwards: the derivative of a cost with respect to θ, carried from step to step. */
export interface Adjoint {
  /** a = ∂J/∂θ at hand, `[count, dimension]`. */
  readonly adjoint: Numbers;
  /** ∂J/∂u of the step at hand, `[count, actionSize]`. */
  readonly actionGradients: Numbers;
  /** ∂J/∂o of the step at hand, to be filled, `[count, observationSize]`. */
  readonly observationGradients: Numbers;
  /** Forgets the last pass; `instances` tell the landscapes of the next one apart, `[count, instanceSize]`. */
  begin(instances: Float64Array): void;
  /** From ∂J/∂θ_{t+1} to ∂J/∂u_t, and what of ∂J/∂θ_t does not come by way of the observation. */
  backThroughStep(t: number, weights: StepWeights): void;
  /** Adds to ∂J/∂θ_t what comes by way of the observation. */
  backThroughObservation(t: number): void;
}

/**
 * One loop an equation, float64, for every differentiable problem:
 *
 *     a_{t+1} ← a_{t+1} + cost·Δt·k∇L(θ_{t+1} − μ_t)
 *     ∂J/∂u_t = ΔtBᵀa_{t+1} + cost·(Δt/η)·Gu_t
 *     a_t     = a_{t+1} + ΔtAᵀa_{t+1} + (∂o_t/∂θ_t)ᵀ·∂J/∂o_t
 */
export class ReferenceAdjoint implements Adjoint {
  readonly adjoint: Float64Array;
  readonly actionGradients: Float64Array;
  readonly observationGradients: Float64Array;

  private readonly dynamics: Simulation;
  private readonly recording: Recording;
  private readonly timeStep: number;
  private readonly lossWeight: number;
  private readonly mobility: number;
  private readonly metric: Float64Array | null;
  private readonly control: Float64Array | null;
  private readonly drift: Float64Array | null;
  /** Gradient with respect to the movement θ_{t+1} − θ_t, `[count, dimension]`. */
  private readonly movement: Float64Array;
  private readonly points: Float64Array;
  private readonly slopes: Float64Array;
  private readonly vectors: Float64Array;
  private readonly products: Float64Array;

  constructor({ objective, geometry }: NavigationProblem, dynamics: Simulation, recording: Recording) {
    const { count, dimension, actionSize, observationSize } = dynamics;
    this.dynamics = dynamics;
    this.recording = recording;
    this.timeStep = objective.timeStep;
    this.lossWeight = objective.lossWeight;
    this.mobility = objective.mobility;
    this.metric = geometry.metric ? flatten(geometry.metric) : null;
    this.control = geometry.control ? flatten(geometry.control) : null;
    this.drift = geometry.drift ? flatten(geometry.drift.matrix) : null;
    this.adjoint = new Float64Array(count * dimension);
    this.movement = new Float64Array(count * dimension);
    this.points = new Float64Array(count * dimension);
    this.slopes = new Float64Array(count * dimension);
    this.vectors = new Float64Array(count * dimension);
    this.products = new Float64Array(count * dimension);
    this.actionGradients = new Float64Array(count * actionSize);
    this.observationGradients = new Float64Array(count * observationSize);
  }

  begin(): void {
    this.movement.fill(0);
  }

  /** From ∂J/∂θ_{t+1} to ∂J/∂u_t and ∂J/∂θ_t. `movement` arrives with what observation t + 1 adds to it. */
  backThroughStep(t: number, { carry, cost }: StepWeights): void {
    scaleBy(this.adjoint, carry);
    scaleBy(this.movement, carry);
    const { recording, adjoint, movement, slopes, points, actionGradients, drift, timeStep } = this;
    const { landscape, instances, count, dimension, actionSize } = this.dynamics;
    this.displace(t + 1, t);
    landscape.evaluate(points, instances, count, null, slopes);
    const perLoss = cost * timeStep * this.lossWeight;
    actionGradients.fill(0);
    for (let n = 0, first = 0; n < count; n++, first += dimension) {
      if (recording.diverged[t * count + n]) continue;
      for (let i = first; i < first + dimension; i++) {
        adjoint[i] += perLoss * slopes[i];
        movement[i] += adjoint[i];
      }
      this.backThroughControl(first, n * actionSize);
      this.backThroughEffort(t, n * actionSize, cost);
      if (drift)
        multiplyTransposedAdd(drift, dimension, dimension, movement, first, timeStep, adjoint, first);
    }
  }

  /** ΔtBᵀ·movement, for one environment. */
  private backThroughControl(first: number, at: number): void {
    const { movement, control, timeStep, actionGradients } = this;
    const { dimension, actionSize } = this.dynamics;
    if (control) {
      multiplyTransposedAdd(control, dimension, actionSize, movement, first, timeStep, actionGradients, at);
    } else {
      for (let j = 0; j < actionSize; j++) actionGradients[at + j] += timeStep * movement[first + j];
    }
  }

  /** cost·(Δt/η)·Gu, for one environment. */
  private backThroughEffort(t: number, at: number, cost: number): void {
    const { recording, metric, actionGradients, timeStep, mobility } = this;
    const { actionSize } = this.dynamics;
    const scale = (cost * timeStep) / mobility;
    const from = t * actionGradients.length + at;
    if (metric) {
      multiplyAdd(metric, actionSize, actionSize, recording.actions, from, scale, actionGradients, at);
    } else {
      for (let j = 0; j < actionSize; j++) actionGradients[at + j] += scale * recording.actions[from + j];
    }
  }

  /** Adds (∂o_t/∂θ_t)ᵀ·∂J/∂o_t to the adjoint of θ_t, and puts the rest of ∂J/∂o_t where step t − 1 finds it. */
  backThroughObservation(t: number): void {
    const { adjoint, movement, vectors, products, points, slopes } = this;
    const { landscape, instances, count, dimension, layout } = this.dynamics;
    movement.fill(0);
    for (const { channel, offset } of layout) {
      switch (channel) {
        case "gradient":
          this.displace(t, t);
          vectors.fill(0);
          this.addChannel(offset, vectors);
          landscape.hessianVector(points, instances, count, vectors, products);
          for (let i = 0; i < adjoint.length; i++) adjoint[i] += products[i];
          break;
        case "loss":
          this.displace(t, t);
          landscape.evaluate(points, instances, count, null, slopes);
          for (let i = 0; i < adjoint.length; i++) {
            adjoint[i] += slopes[i] * this.observationGradient(Math.floor(i / dimension), offset);
          }
          break;
        case "parameters":
          this.addChannel(offset, adjoint);
          break;
        case "update":
          this.addChannel(offset, movement);
          break;
        case "time":
        case "minimum":
        case "curvature":
          break;
      }
    }
  }

  private observationGradient(n: number, offset: number): number {
    return this.observationGradients[n * this.dynamics.observationSize + offset];
  }

  private addChannel(offset: number, out: Float64Array): void {
    const { observationGradients } = this;
    const { count, dimension, observationSize } = this.dynamics;
    for (let n = 0, i = 0, from = offset; n < count; n++, from += observationSize) {
      for (let j = 0; j < dimension; j++, i++) out[i] += observationGradients[from + j];
    }
  }

  /** `points` ← θ_t − μ_s. */
  private displace(t: number, s: number): void {
    const { points, recording } = this;
    const { parameters, minima } = recording;
    const size = points.length;
    for (let i = 0, p = t * size, m = s * size; i < size; i++, p++, m++)
      points[i] = parameters[p] - minima[m];
  }
}
