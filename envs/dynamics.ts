import {
  deriveKey,
  fillNormals,
  integerAt,
  type RandomKey,
  rootKey,
  type Seed,
  streams,
  uniformAt,
} from "./core/random.js";
import { createLandscape } from "./landscapes/create-landscape.js";
import type { Landscape } from "./landscapes/landscape.js";
import { cholesky, flatten, identity, multiplyAdd } from "./problem/linear-algebra.js";
import {
  actionSizeOf,
  type ChannelLayout,
  dimensionOf,
  layoutOf,
  type NavigationProblem,
  observationSizeOf,
} from "./problem/problem.js";
import { ProblemError } from "./problem/schema.js";
import { gaussianSampler, type TaskProcess, taskProcess } from "./problem/tasks.js";

export interface DynamicsOptions {
  /** Environments in the batch. Default 1. */
  readonly count?: number;
  /** Index of the first environment: a batch from `firstIndex` is a slice of a larger one. Default 0. */
  readonly firstIndex?: number;
  /** Absent: from the system's entropy. */
  readonly seed?: Seed;
  /** Reward of the step at which θ or the loss stops being finite, negated. Default 1e6. */
  readonly divergencePenalty?: number;
}

/**
 * The discretised navigation problem, in batches: what happens, without episodes or spaces.
 *
 *     θ ← θ + Δt·(f(θ) + Bu),   cost = Δt·[(1/2η) uᵀGu + k·L(θ)]   with the loss after the movement;
 *
 * then the task may change, and the next observation is made. All arrays are row-major and live as long as
 * the object; a step allocates nothing.
 */
export class Dynamics {
  readonly landscape: Landscape;
  readonly layout: readonly ChannelLayout[];
  readonly count: number;
  readonly dimension: number;
  readonly actionSize: number;
  readonly observationSize: number;
  /** θ, `[count, dimension]`. */
  readonly parameters: Float64Array;
  /** μ, `[count, dimension]`. */
  readonly minima: Float64Array;
  /** What tells the members of a family of landscapes apart, `[count, instanceSize]`. */
  readonly instances: Float64Array;
  /** Loss charged in the last step, before the task changed, `[count]`. */
  readonly losses: Float64Array;
  /** Cost of the last step, `[count]`; the reward is its negative. */
  readonly costs: Float64Array;
  /** 1 where the last step left the finite numbers, and was undone, `[count]`. */
  readonly diverged: Uint8Array;
  /** Steps since the episode began, `[count]`. */
  readonly elapsed: Int32Array;

  private readonly problem: NavigationProblem;
  private readonly firstIndex: number;
  private readonly penalty: number;
  private readonly metric: Float64Array | null;
  private readonly control: Float64Array | null;
  private readonly drift: { readonly matrix: Float64Array; readonly offset: Float64Array } | null;
  private readonly startFactor: Float64Array | null;
  private readonly displacements: Float64Array;
  private readonly updates: Float64Array;
  private readonly gradients: Float64Array;
  private readonly noise: Float64Array;
  private readonly examples: Int32Array;
  private readonly scratch: Float64Array;
  private readonly observedLosses: Float64Array;
  private clock = 0;
  private tasks!: TaskProcess;
  private drawStart: ((n: number, clock: number, out: Float64Array) => void) | null = null;
  private instanceKey!: RandomKey;
  private noiseKey!: RandomKey;
  private minibatchKey!: RandomKey;

  constructor(
    problem: NavigationProblem,
    { count = 1, firstIndex = 0, seed, divergencePenalty = 1e6 }: DynamicsOptions = {},
  ) {
    const dimension = dimensionOf(problem);
    this.problem = problem;
    this.landscape = createLandscape(problem.landscape);
    this.layout = layoutOf(problem);
    this.count = count;
    this.dimension = dimension;
    this.actionSize = actionSizeOf(problem);
    this.observationSize = observationSizeOf(problem);
    this.firstIndex = firstIndex;
    this.penalty = divergencePenalty;

    const { metric, control, drift } = problem.geometry;
    this.metric = metric ? flatten(metric) : null;
    this.control = control ? flatten(control) : null;
    this.drift = drift ? { matrix: flatten(drift.matrix), offset: Float64Array.from(drift.offset) } : null;
    const { start, observation } = problem;
    this.startFactor = start.kind === "gaussian" ? cholesky(flatten(start.covariance), dimension) : null;

    this.parameters = new Float64Array(count * dimension);
    this.minima = new Float64Array(count * dimension);
    this.instances = new Float64Array(count * this.landscape.instanceSize);
    this.losses = new Float64Array(count);
    this.costs = new Float64Array(count);
    this.diverged = new Uint8Array(count);
    this.elapsed = new Int32Array(count);
    this.displacements = new Float64Array(count * dimension);
    this.updates = new Float64Array(count * dimension);
    this.gradients = new Float64Array(count * dimension);
    this.noise = new Float64Array(count * dimension);
    this.scratch = new Float64Array(Math.max(dimension, this.actionSize));
    this.observedLosses = new Float64Array(count);
    const noise = observation.kind === "gradient" ? observation.noise : 0;
    const batchSize = typeof noise === "object" && "minibatch" in noise ? noise.minibatch.batchSize : 0;
    this.examples = new Int32Array(count * batchSize);

    this.seed(seed);
    this.beginAll();
    this.requireFinite();
  }

  /** Starts every stream anew from a seed. */
  seed(seed?: Seed): void {
    const root = rootKey(seed);
    const { start } = this.problem;
    this.clock = 0;
    this.tasks = taskProcess(this.problem, deriveKey(root, streams.task), this.count, this.firstIndex);
    this.instanceKey = deriveKey(root, streams.instance);
    this.noiseKey = deriveKey(root, streams.noise);
    this.minibatchKey = deriveKey(root, streams.minibatch);
    this.drawStart =
      start.kind === "gaussian" && this.startFactor
        ? gaussianSampler(deriveKey(root, streams.start), start.mean, this.startFactor, this.firstIndex)
        : null;
  }

  beginAll(): void {
    for (let n = 0; n < this.count; n++) this.begin(n);
  }

  /** Begins an episode in environment n: its start, its landscape, its task. */
  begin(n: number): void {
    const { landscape, dimension, clock, firstIndex } = this;
    const { start } = this.problem;
    if (this.drawStart) this.drawStart(n, clock, this.parameters);
    else if (start.kind === "point") this.parameters.set(start.parameters, n * dimension);
    const { instanceSize } = landscape;
    if (landscape.sampleInstance) {
      const uniform = (i: number) => uniformAt(this.instanceKey, (firstIndex + n) * instanceSize + i, clock);
      landscape.sampleInstance(uniform, this.instances, n * instanceSize);
    }
    this.tasks.begin(n, clock, this.minima);
    this.updates.fill(0, n * dimension, (n + 1) * dimension);
    this.elapsed[n] = 0;
    this.diverged[n] = 0;
  }

  /** Places environment n at given parameters. */
  place(n: number, parameters: ArrayLike<number>): void {
    this.parameters.set(parameters, n * this.dimension);
  }

  /** One step of every environment; actions `[count, actionSize]` are velocities. */
  step(actions: Float64Array): void {
    this.move(actions);
    this.displace();
    this.landscape.evaluate(this.displacements, this.instances, this.count, this.losses, null);
    this.charge(actions);
    this.clock++;
    this.tasks.advance(this.clock, this.minima);
  }

  /** Writes the observation of every environment, `[count, observationSize]`, from `offset` on. */
  observe(out: Float64Array, offset = 0): void {
    for (const { channel, offset: at, size } of this.layout) {
      switch (channel) {
        case "gradient":
          this.copyChannel(this.observedGradients(), size, out, offset + at);
          break;
        case "parameters":
          this.copyChannel(this.parameters, size, out, offset + at);
          break;
        case "update":
          this.copyChannel(this.updates, size, out, offset + at);
          break;
        case "minimum":
          this.copyChannel(this.minima, size, out, offset + at);
          break;
        case "curvature":
          this.copyChannel(this.instances, size, out, offset + at);
          break;
        case "loss":
          this.displace();
          this.landscape.evaluate(this.displacements, this.instances, this.count, this.observedLosses, null);
          this.copyChannel(this.observedLosses, size, out, offset + at);
          break;
        case "time":
          for (let n = 0, i = offset + at; n < this.count; n++, i += this.observationSize)
            out[i] = this.elapsed[n];
          break;
      }
    }
  }

  private copyChannel(values: Float64Array, size: number, out: Float64Array, from: number): void {
    const { count, observationSize } = this;
    for (let n = 0, i = 0, o = from; n < count; n++, o += observationSize) {
      for (let j = 0; j < size; j++, i++) out[o + j] = values[i];
    }
  }

  private move(actions: Float64Array): void {
    const { parameters, updates, dimension, actionSize, count, control, drift, scratch } = this;
    const { timeStep } = this.problem.objective;
    if (!control && !drift) {
      for (let i = 0; i < updates.length; i++) {
        updates[i] = timeStep * actions[i];
        parameters[i] += updates[i];
      }
      return;
    }
    const push = control ?? identity(dimension);
    for (let n = 0; n < count; n++) {
      const first = n * dimension;
      scratch.fill(0);
      multiplyAdd(push, dimension, actionSize, actions, n * actionSize, timeStep, scratch, 0);
      if (drift) {
        multiplyAdd(drift.matrix, dimension, dimension, parameters, first, timeStep, scratch, 0);
        for (let j = 0; j < dimension; j++) scratch[j] += timeStep * drift.offset[j];
      }
      for (let j = 0; j < dimension; j++) {
        updates[first + j] = scratch[j];
        parameters[first + j] += scratch[j];
      }
    }
  }

  private displace(): void {
    const { displacements, parameters, minima } = this;
    for (let i = 0; i < displacements.length; i++) displacements[i] = parameters[i] - minima[i];
  }

  private charge(actions: Float64Array): void {
    const { costs, losses, count, actionSize, metric, scratch, elapsed, diverged } = this;
    const { mobility, lossWeight, timeStep } = this.problem.objective;
    const perMovement = timeStep / (2 * mobility);
    const perLoss = timeStep * lossWeight;
    for (let n = 0; n < count; n++) {
      const first = n * actionSize;
      let effort = 0;
      if (metric) {
        scratch.fill(0);
        multiplyAdd(metric, actionSize, actionSize, actions, first, 1, scratch, 0);
        for (let j = 0; j < actionSize; j++) effort += scratch[j] * actions[first + j];
      } else {
        for (let j = 0; j < actionSize; j++) effort += actions[first + j] * actions[first + j];
      }
      const cost = perMovement * effort + perLoss * losses[n];
      elapsed[n]++;
      diverged[n] = 0;
      costs[n] = cost;
      if (!Number.isFinite(cost)) this.undo(n);
    }
  }

  /** Puts a diverged environment back where its last finite step left it. */
  private undo(n: number): void {
    const { dimension, parameters, updates } = this;
    this.diverged[n] = 1;
    this.costs[n] = this.penalty;
    this.losses[n] = this.penalty;
    for (let i = n * dimension; i < (n + 1) * dimension; i++) {
      const before = parameters[i] - updates[i];
      parameters[i] = Number.isFinite(before) ? before : 0;
      updates[i] = 0;
    }
  }

  private observedGradients(): Float64Array {
    const { landscape, displacements, instances, count, gradients, noise, dimension, firstIndex } = this;
    const { observation } = this.problem;
    const kind = observation.kind === "gradient" ? observation.noise : 0;
    this.displace();
    if (typeof kind === "object" && "minibatch" in kind)
      return this.minibatchGradients(kind.minibatch.batchSize);
    landscape.evaluate(displacements, instances, count, null, gradients);
    const scale = typeof kind === "number" ? kind : 1 / Math.sqrt(kind.fisher.batchSize);
    if (scale === 0) return gradients;
    fillNormals(this.noiseKey, firstIndex * dimension, this.clock, noise.length, noise);
    if (typeof kind === "object") landscape.shapeFisherNoise?.(instances, count, noise);
    for (let i = 0; i < noise.length; i++) gradients[i] += scale * noise[i];
    return gradients;
  }

  private minibatchGradients(batchSize: number): Float64Array {
    const { landscape, displacements, examples, count, gradients, firstIndex } = this;
    const exampleCount = landscape.exampleCount as number;
    for (let i = 0; i < examples.length; i++) {
      examples[i] = integerAt(this.minibatchKey, firstIndex * batchSize + i, this.clock, exampleCount);
    }
    landscape.minibatchGradient?.(displacements, examples, batchSize, count, gradients);
    return gradients;
  }

  /** A landscape that is not finite where it starts is bad input, not divergence. */
  private requireFinite(): void {
    this.displace();
    this.landscape.evaluate(this.displacements, this.instances, this.count, this.losses, this.gradients);
    const at = (n: number) =>
      `[${this.parameters.subarray(n * this.dimension, (n + 1) * this.dimension).join(", ")}]`;
    for (let n = 0; n < this.count; n++) {
      if (!Number.isFinite(this.losses[n])) {
        throw new ProblemError(
          `landscape.loss: must be finite at the start, got ${this.losses[n]} at ${at(n)}`,
        );
      }
      for (let j = n * this.dimension; j < (n + 1) * this.dimension; j++) {
        if (!Number.isFinite(this.gradients[j])) {
          throw new ProblemError(
            `landscape.gradient: must be finite at the start, got ${this.gradients[j]} at ${at(n)}`,
          );
        }
      }
    }
  }
}
