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
import { cholesky, flatten, multiplyAdd } from "./problem/linear-algebra.js";
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
  /** Loss charged in the last step, before the task changed, or at the start of an episode, `[count]`. */
  readonly losses: Float64Array;
  /** Cost of the last step, `[count]`; the reward is its negative. */
  readonly costs: Float64Array;
  /** 1 where the last step left the finite numbers, and was undone, `[count]`. */
  readonly diverged: Uint8Array;
  /** Steps since the episode began, `[count]`. */
  readonly elapsed: Int32Array;
  /** Episodes begun since the streams were seeded, `[count]`. */
  readonly episodes: Int32Array;

  private readonly problem: NavigationProblem;
  private firstIndex: number;
  private readonly penalty: number;
  private readonly metric: Float64Array | null;
  private readonly control: Float64Array | null;
  private readonly drift: { readonly matrix: Float64Array; readonly offset: Float64Array } | null;
  private readonly startFactor: Float64Array | null;
  private readonly displacements: Float64Array;
  private readonly updates: Float64Array;
  private readonly before: Float64Array;
  private readonly gradients: Float64Array;
  private readonly noise: Float64Array;
  private readonly examples: Int32Array;
  private readonly scratch: Float64Array;
  private readonly observedLosses: Float64Array;
  private clock = 0;
  private tasks!: TaskProcess;
  private drawStart: ((n: number, episode: number, out: Float64Array) => void) | null = null;
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
    this.episodes = new Int32Array(count);
    this.displacements = new Float64Array(count * dimension);
    this.updates = new Float64Array(count * dimension);
    this.before = new Float64Array(count * dimension);
    this.gradients = new Float64Array(count * dimension);
    this.noise = new Float64Array(count * dimension);
    this.scratch = new Float64Array(Math.max(dimension, this.actionSize));
    this.observedLosses = new Float64Array(count);
    const noise = observation.kind === "gradient" ? observation.noise : 0;
    const batchSize = typeof noise === "object" && "minibatch" in noise ? noise.minibatch.batchSize : 0;
    this.examples = new Int32Array(count * batchSize);

    this.seed(seed);
    this.beginAll();
  }

  /** Starts every stream anew from a seed, at the same or at another index of the first environment. */
  seed(seed?: Seed, firstIndex = this.firstIndex): void {
    const root = rootKey(seed);
    this.firstIndex = firstIndex;
    const { start } = this.problem;
    this.clock = -1;
    this.episodes.fill(0);
    this.tasks = taskProcess(this.problem, deriveKey(root, streams.task), this.count, this.firstIndex);
    this.instanceKey = deriveKey(root, streams.instance);
    this.noiseKey = deriveKey(root, streams.noise);
    this.minibatchKey = deriveKey(root, streams.minibatch);
    this.drawStart =
      start.kind === "gaussian" && this.startFactor
        ? gaussianSampler(deriveKey(root, streams.start), start.mean, this.startFactor, this.firstIndex)
        : null;
  }

  /** Begins an episode in every environment. It takes a tick of the clock, so that no noise is drawn twice. */
  beginAll(): void {
    this.clock++;
    for (let n = 0; n < this.count; n++) this.draw(n);
    this.evaluateStart(0, this.count);
  }

  /**
   * Begins an episode in environment n: its start, its landscape, its task. These depend on the seed, the
   * index of the environment and the number of the episode; what follows depends on the clock.
   */
  begin(n: number): void {
    this.draw(n);
    this.evaluateStart(n, 1);
  }

  private draw(n: number): void {
    const { landscape, dimension, firstIndex } = this;
    const { start } = this.problem;
    const episode = this.episodes[n]++;
    if (this.drawStart) this.drawStart(n, episode, this.parameters);
    else if (start.kind === "point") this.parameters.set(start.parameters, n * dimension);
    const { instanceSize } = landscape;
    if (landscape.sampleInstance) {
      const uniform = (i: number) =>
        uniformAt(this.instanceKey, (firstIndex + n) * instanceSize + i, episode);
      landscape.sampleInstance(uniform, this.instances, n * instanceSize);
    }
    this.tasks.begin(n, episode, this.minima);
    this.updates.fill(0, n * dimension, (n + 1) * dimension);
    this.elapsed[n] = 0;
    this.diverged[n] = 0;
  }

  /** Places environment n at given parameters, as if its episode had started there. */
  place(n: number, parameters: ArrayLike<number>): void {
    this.parameters.set(parameters, n * this.dimension);
    this.evaluateStart(n, 1);
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
    this.before.set(parameters);
    if (!control && !drift) {
      for (let i = 0; i < updates.length; i++) {
        updates[i] = timeStep * actions[i];
        parameters[i] += updates[i];
      }
      return;
    }
    for (let n = 0; n < count; n++) {
      const first = n * dimension;
      scratch.fill(0);
      if (control) multiplyAdd(control, dimension, actionSize, actions, n * actionSize, timeStep, scratch, 0);
      else for (let j = 0; j < dimension; j++) scratch[j] = timeStep * actions[first + j];
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

  private displace(from = 0, to = this.displacements.length): void {
    const { displacements, parameters, minima } = this;
    for (let i = from; i < to; i++) displacements[i] = parameters[i] - minima[i];
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
    const { dimension, parameters, updates, before } = this;
    this.diverged[n] = 1;
    this.costs[n] = this.penalty;
    this.losses[n] = this.penalty;
    for (let i = n * dimension; i < (n + 1) * dimension; i++) {
      parameters[i] = before[i];
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

  /** Losses of episodes that begin. A landscape that is not finite where it starts is bad input, not divergence. */
  private evaluateStart(n: number, count: number): void {
    const { landscape, dimension, instances, losses, gradients, displacements } = this;
    const { instanceSize } = landscape;
    const last = n + count;
    this.displace(n * dimension, last * dimension);
    landscape.evaluate(
      displacements.subarray(n * dimension, last * dimension),
      instances.subarray(n * instanceSize, last * instanceSize),
      count,
      losses.subarray(n, last),
      gradients.subarray(n * dimension, last * dimension),
    );
    for (let i = n; i < last; i++) {
      if (!Number.isFinite(losses[i])) this.refuse("loss", losses[i], i);
    }
    for (let i = n * dimension; i < last * dimension; i++) {
      if (!Number.isFinite(gradients[i])) this.refuse("gradient", gradients[i], Math.floor(i / dimension));
    }
  }

  private refuse(part: string, value: number, n: number): never {
    const at = this.parameters.subarray(n * this.dimension, (n + 1) * this.dimension).join(", ");
    throw new ProblemError(`landscape.${part}: must be finite at the start, got ${value} at [${at}]`);
  }
}
