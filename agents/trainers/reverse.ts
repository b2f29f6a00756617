import { actionOf, discountOf, type NavigationProblem, type Seed } from "../../envs/index.js";
import { flatten, multiplyAdd, multiplyTransposedAdd } from "../../envs/problem/linear-algebra.js";
import { scaleBy } from "../kernels/kernels.js";
import type { PolicyTape } from "../policies/model.js";
import { doubles, Episodes, type EpisodesOptions, type Recording } from "./episodes.js";

/**
 * How decisions at different times count in the gradient. "discounted": as they do in J, step t by ρᵗ. "equal":
 * each by its own cost-to-go, discounted from that step on. A policy that is optimal wherever it may be is
 * optimal by both, but under "discounted" a short horizon leaves later steps all but untrained.
 */
export type DecisionWeights = "discounted" | "equal";

export interface ReversePassOptions extends Omit<EpisodesOptions, "record"> {
  /** Default "discounted". */
  readonly decisions?: DecisionWeights;
}

/**
 * The gradient of Σₙ Jₙ, J = Σ ρᵗ·Δt·[(1/2η)uᵀGu + k·L(θ_{t+1} − μ_t)] + ρᵀ·V(θ_T, μ_T), with respect to the
 * weights of a policy, by back-propagation through the policy and the simulator. With a_t = ∂J/∂θ_t:
 *
 *     a_{t+1} ← a_{t+1} + ρᵗΔt·k∇L(θ_{t+1} − μ_t)
 *     ∂J/∂u_t = ΔtBᵀa_{t+1} + ρᵗ(Δt/η)·Gu_t
 *     a_t     = a_{t+1} + ΔtAᵀa_{t+1} + (∂o_t/∂θ_t)ᵀ·∂J/∂o_t
 *
 * With equal decisions the factors ρᵗ are left out, and everything that comes from t + 1 is multiplied by ρ.
 * The simulator undoes a step that diverges, so such a step passes a_{t+1} on and contributes nothing.
 */
export class ReversePass {
  readonly episodes: Episodes;
  /** Σₙ ∂Jₙ/∂weights of the last run. */
  readonly gradient: Float64Array;

  private readonly tape: PolicyTape;
  private readonly recording: Recording;
  private readonly options: ReversePassOptions;
  /** What a unit of cost at step t weighs, `[steps]`. */
  private readonly weights: Float64Array;
  /** What the gradient with respect to step t + 1 is multiplied by at step t. */
  private readonly carry: number;
  private readonly timeStep: number;
  private readonly lossWeight: number;
  private readonly mobility: number;
  private readonly metric: Float64Array | null;
  private readonly control: Float64Array | null;
  private readonly drift: Float64Array | null;
  /** a, `[count, dimension]`. */
  private readonly adjoint: Float64Array;
  /** Gradient with respect to the movement θ_{t+1} − θ_t, `[count, dimension]`. */
  private readonly movement: Float64Array;
  private readonly points: Float64Array;
  private readonly slopes: Float64Array;
  private readonly vectors: Float64Array;
  private readonly products: Float64Array;
  private readonly actionGradients: Float64Array;
  private readonly observationGradients: Float64Array;

  constructor(problem: NavigationProblem, tape: PolicyTape, options: ReversePassOptions) {
    requireDifferentiable(problem);
    this.episodes = new Episodes(problem, tape, { ...options, record: true });
    this.recording = this.episodes.recording as Recording;
    this.tape = tape;
    this.options = options;
    const equal = options.decisions === "equal";
    this.weights = equal ? new Float64Array(options.steps).fill(1) : this.episodes.weights;
    this.carry = equal ? discountOf(problem) : 1;
    this.gradient = tape.parameterGradient;
    const { objective, geometry } = problem;
    this.timeStep = objective.timeStep;
    this.lossWeight = objective.lossWeight;
    this.mobility = objective.mobility;
    this.metric = geometry.metric ? flatten(geometry.metric) : null;
    this.control = geometry.control ? flatten(geometry.control) : null;
    this.drift = geometry.drift ? flatten(geometry.drift.matrix) : null;
    const { count, dimension, actionSize, observationSize } = this.episodes.dynamics;
    this.adjoint = new Float64Array(count * dimension);
    this.movement = new Float64Array(count * dimension);
    this.points = new Float64Array(count * dimension);
    this.slopes = new Float64Array(count * dimension);
    this.vectors = new Float64Array(count * dimension);
    this.products = new Float64Array(count * dimension);
    this.actionGradients = new Float64Array(count * actionSize);
    this.observationGradients = new Float64Array(count * observationSize);
  }

  /** Runs episodes forward and backward; returns the cost of each, and fills `gradient`. */
  run(policyParameters: Float64Array, seed: Seed, firstIndex: number): Float64Array {
    const costs = this.episodes.run(policyParameters, seed, firstIndex);
    this.beginBackward();
    for (let t = this.episodes.steps - 1; t >= 0; t--) {
      scaleBy(this.adjoint, this.carry);
      scaleBy(this.movement, this.carry);
      this.backThroughStep(t);
      this.tape.backward(t, this.actionGradients, this.observationGradients, this.carry);
      if (t > 0) this.backThroughObservation(t);
    }
    return costs;
  }

  private beginBackward(): void {
    const { adjoint, movement, episodes } = this;
    const { dynamics, weights, steps, count } = episodes;
    const { terminal } = this.options;
    adjoint.fill(0);
    movement.fill(0);
    if (!terminal) return;
    terminal.gradient(
      doubles(dynamics.parameters),
      doubles(dynamics.minima),
      dynamics.instances,
      count,
      adjoint,
    );
    if (this.options.decisions !== "equal") scaleBy(adjoint, weights[steps]);
  }

  /** From ∂J/∂θ_{t+1} to ∂J/∂u_t and ∂J/∂θ_t. `movement` arrives with what observation t + 1 adds to it. */
  private backThroughStep(t: number): void {
    const { recording, adjoint, movement, slopes, points, actionGradients, drift, timeStep } = this;
    const { landscape, instances, count, dimension, actionSize } = this.episodes.dynamics;
    this.displace(t + 1, t);
    landscape.evaluate(points, instances, count, null, slopes);
    const perLoss = this.weights[t] * timeStep * this.lossWeight;
    actionGradients.fill(0);
    for (let n = 0, first = 0; n < count; n++, first += dimension) {
      if (recording.diverged[t * count + n]) continue;
      for (let i = first; i < first + dimension; i++) {
        adjoint[i] += perLoss * slopes[i];
        movement[i] += adjoint[i];
      }
      this.backThroughControl(first, n * actionSize);
      this.backThroughEffort(t, n * actionSize);
      if (drift)
        multiplyTransposedAdd(drift, dimension, dimension, movement, first, timeStep, adjoint, first);
    }
  }

  /** ΔtBᵀ·movement, for one environment. */
  private backThroughControl(first: number, at: number): void {
    const { movement, control, timeStep, actionGradients, episodes } = this;
    const { dimension, actionSize } = episodes.dynamics;
    if (control) {
      multiplyTransposedAdd(control, dimension, actionSize, movement, first, timeStep, actionGradients, at);
    } else {
      for (let j = 0; j < actionSize; j++) actionGradients[at + j] += timeStep * movement[first + j];
    }
  }

  /** ρᵗ(Δt/η)·Gu, for one environment. */
  private backThroughEffort(t: number, at: number): void {
    const { recording, metric, actionGradients, episodes, timeStep, mobility } = this;
    const { actionSize } = episodes.dynamics;
    const scale = (this.weights[t] * timeStep) / mobility;
    const from = t * actionGradients.length + at;
    if (metric) {
      multiplyAdd(metric, actionSize, actionSize, recording.actions, from, scale, actionGradients, at);
    } else {
      for (let j = 0; j < actionSize; j++) actionGradients[at + j] += scale * recording.actions[from + j];
    }
  }

  /** Adds (∂o_t/∂θ_t)ᵀ·∂J/∂o_t to the adjoint of θ_t, and puts the rest of ∂J/∂o_t where step t − 1 finds it. */
  private backThroughObservation(t: number): void {
    const { adjoint, movement, vectors, products, points, slopes } = this;
    const { landscape, instances, count, dimension, layout } = this.episodes.dynamics;
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
    return this.observationGradients[n * this.episodes.dynamics.observationSize + offset];
  }

  private addChannel(offset: number, out: Float64Array): void {
    const { observationGradients } = this;
    const { count, dimension, observationSize } = this.episodes.dynamics;
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

function requireDifferentiable(problem: NavigationProblem): void {
  const { observation } = problem;
  if (actionOf(problem).kind !== "velocity") {
    throw new Error(
      'action.kind: must be "velocity" to back-propagate through it, got "hyperparameters"; train with "es"',
    );
  }
  const delay = observation.kind === "state" ? 0 : (observation.delay ?? 0);
  if (delay > 0) {
    throw new Error(
      `observation.delay: must be 0 to back-propagate through it, got ${delay}; train with "es"`,
    );
  }
  if (
    observation.kind === "gradient" &&
    typeof observation.noise === "object" &&
    "minibatch" in observation.noise
  ) {
    throw new Error(
      'observation.noise: must be isotropic or fisher to back-propagate through it, got minibatch; train with "es"',
    );
  }
}
