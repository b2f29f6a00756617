import { allFinite } from "./core/finite.js";
import { deriveKey, type RandomKey, rootKey, type Seed, streams, uniformAt } from "./core/random.js";
import { Batch } from "./dynamics/batch.js";
import { Costs, DIVERGENCE_PENALTY } from "./dynamics/costs.js";
import { requireIndices } from "./dynamics/indices.js";
import { InnerRule } from "./dynamics/inner-rule.js";
import { Measurements } from "./dynamics/measurements.js";
import { Motion } from "./dynamics/motion.js";
import { Observer } from "./dynamics/observer.js";
import { noiseOf } from "./dynamics/slopes.js";
import { StartEvaluation } from "./dynamics/start.js";
import { createLandscape } from "./landscapes/create-landscape.js";
import type { Landscape } from "./landscapes/landscape.js";
import { cholesky, flatten } from "./problem/linear-algebra.js";
import {
  actionOf,
  actionSizeOf,
  type ChannelLayout,
  dimensionOf,
  type NavigationProblem,
} from "./problem/problem.js";
import { gaussianSampler, type TaskProcess, taskProcess } from "./problem/tasks.js";
import type { Simulation, SimulationState } from "./simulation.js";

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
export class Dynamics implements Simulation {
  readonly backend = "reference";
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
  /** Cost of the last step, `[count]`. */
  readonly costs: Float64Array;
  /** The same negated, `[count]`. */
  readonly rewards: Float64Array;
  /** 1 where the last step left the finite numbers, and was undone, `[count]`. */
  readonly diverged: Uint8Array;
  /** Whether the last step did that anywhere. */
  anyDiverged = false;
  /** Steps since the episode began, `[count]`. */
  readonly elapsed: Int32Array;
  /** Episodes begun since the streams were seeded, `[count]`. */
  readonly episodes: Int32Array;

  /** The examples whose loss was charged last `[count, batchSize]`; of length 0 where that of all is. */
  readonly examples: Int32Array;

  private readonly problem: NavigationProblem;
  private readonly batch: Batch;
  private readonly motion: Motion;
  private readonly charges: Costs;
  private readonly measurements: Measurements;
  private readonly observer: Observer;
  private readonly rule: InnerRule | null;
  private readonly starts: StartEvaluation;
  private readonly startFactor: Float64Array | null;
  private firstIndex: number;
  private clock = 0;
  private tasks!: TaskProcess;
  private drawStart: ((n: number, episode: number, out: Float64Array) => void) | null = null;
  private instanceKey!: RandomKey;
  private changeKey!: RandomKey;
  private changing = 0;

  constructor(
    problem: NavigationProblem,
    { count = 1, firstIndex = 0, seed, divergencePenalty = DIVERGENCE_PENALTY }: DynamicsOptions = {},
  ) {
    const dimension = dimensionOf(problem);
    const { start } = problem;
    const action = actionOf(problem);
    this.problem = problem;
    this.landscape = createLandscape(problem.landscape);
    const batch = new Batch(count, dimension, this.landscape.instanceSize);
    this.batch = batch;
    this.count = count;
    this.dimension = dimension;
    this.parameters = batch.parameters;
    this.minima = batch.minima;
    this.instances = batch.instances;
    this.losses = batch.losses;
    this.costs = batch.costs;
    this.rewards = batch.rewards;
    this.diverged = batch.diverged;
    this.elapsed = batch.elapsed;
    this.episodes = new Int32Array(count);

    this.motion = new Motion(problem, batch);
    this.charges = new Costs(problem, batch, divergencePenalty);
    this.measurements = new Measurements(problem, this.landscape, batch);
    this.examples = this.measurements.slopes.minibatches.charged;
    this.observer = new Observer(problem, batch, this.measurements);
    this.rule = action.kind === "hyperparameters" ? new InnerRule(action, problem, batch) : null;
    this.starts = new StartEvaluation(this.landscape, batch, this.measurements.slopes);
    this.layout = this.observer.layout;
    this.observationSize = this.observer.size;
    this.actionSize = actionSizeOf(problem);
    this.startFactor = start.kind === "gaussian" ? cholesky(flatten(start.covariance), dimension) : null;

    this.firstIndex = firstIndex;
    this.seed(seed);
    this.beginAll();
  }

  /** Starts every stream anew from a seed, at the same or at another index of the first environment. */
  seed(seed?: Seed, firstIndex = this.firstIndex): void {
    requireIndices(firstIndex, this.count, this.landscape, noiseOf(this.problem));
    const root = rootKey(seed);
    const { start } = this.problem;
    this.firstIndex = firstIndex;
    this.clock = -1;
    this.episodes.fill(0);
    this.tasks = taskProcess(
      this.problem,
      deriveKey(root, streams.task),
      this.count,
      firstIndex,
      this.batch.cues,
    );
    this.instanceKey = deriveKey(root, streams.instance);
    this.changeKey = deriveKey(this.instanceKey, 0);
    this.measurements.seed(root, firstIndex);
    this.drawStart =
      start.kind === "gaussian" && this.startFactor
        ? gaussianSampler(deriveKey(root, streams.start), start.mean, this.startFactor, firstIndex)
        : null;
  }

  /** Begins an episode in every environment. It takes a tick of the clock, so that no noise is drawn twice. */
  beginAll(): void {
    this.clock++;
    this.measurements.slopes.current = false;
    for (let n = 0; n < this.count; n++) this.draw(n);
    this.starts.evaluateAll(this.clock);
    this.measurements.forget();
  }

  /**
   * Begins an episode in environments `from` … `to − 1`: start, landscape and task. These depend on the seed, the
   * index of the environment and the number of the episode; what follows depends on the clock.
   */
  begin(from: number, to = from + 1): void {
    for (let n = from; n < to; n++) {
      this.draw(n);
      this.starts.evaluate(n, this.clock);
    }
    this.measurements.forget();
  }

  private draw(n: number): void {
    const { batch, dimension } = this;
    const { start } = this.problem;
    const episode = this.episodes[n]++;
    if (this.drawStart) this.drawStart(n, episode, batch.parameters);
    else if (start.kind === "point") batch.parameters.set(start.parameters, n * dimension);
    if (this.landscape.sampleInstance) this.drawInstance(n, episode);
    this.tasks.begin(n, episode, batch.minima);
    batch.updates.fill(0, n * dimension, (n + 1) * dimension);
    batch.elapsed[n] = 0;
    batch.diverged[n] = 0;
    batch.cues[n] = 0;
    this.rule?.begin(n);
  }

  private drawInstance(n: number, episode: number): void {
    const { instanceSize } = this.landscape;
    const first = (this.firstIndex + n) * instanceSize;
    const uniform = (i: number) => uniformAt(this.instanceKey, first + i, episode);
    this.landscape.sampleInstance?.(uniform, this.instances, n * instanceSize);
  }

  /** Places environment n at given parameters, as if its episode had started there. */
  place(n: number, parameters: ArrayLike<number>): void {
    this.parameters.set(parameters, n * this.dimension);
    this.starts.evaluate(n, this.clock);
    this.measurements.forget();
  }

  /**
   * One step of every environment; actions `[count, actionSize]` are velocities, or hyperparameters.
   *
   * @param keepsWorld Promise that until `observe` nobody writes to `parameters`, `minima` or `instances`, so that the
   * gradient can be evaluated along with the loss. Default false.
   */
  step(actions: Float64Array, keepsWorld = false): void {
    const { batch, tasks, measurements } = this;
    const { slopes } = measurements;
    measurements.record(this.clock);
    const velocities = this.velocitiesOf(actions);
    this.motion.move(velocities);
    batch.displace();
    const ahead = keepsWorld && !tasks.changes && !this.landscape.advanceInstance;
    this.evaluate(ahead && measurements.usesSlopes);
    this.anyDiverged = this.charges.charge(velocities);
    slopes.current = ahead && !this.anyDiverged;
    if (this.anyDiverged && this.rule) this.forgetDiverged(this.rule);
    this.clock++;
    tasks.advance(this.clock, batch.minima);
    if (this.landscape.advanceInstance) this.advanceInstances();
    measurements.forget();
  }

  tryStep(actions: Float64Array, keepsWorld = false): boolean {
    if (!allFinite(actions)) return false;
    this.step(actions, keepsWorld);
    return true;
  }

  /** The losses that are charged; where gradients are wanted too, those as well. */
  private evaluate(wantsGradients: boolean): void {
    const { batch, landscape } = this;
    const { slopes } = this.measurements;
    const { areCharged, size } = slopes.minibatches;
    if (areCharged) slopes.charge(this.clock + 1, batch.losses);
    else {
      const gradients = wantsGradients && size === 0 ? slopes.exact : null;
      landscape.evaluate(batch.displacements, batch.instances, batch.count, batch.losses, gradients);
    }
  }

  private advanceInstances(): void {
    const { landscape, instances, elapsed } = this;
    for (let n = 0; n < this.count; n++) {
      this.changing = n;
      landscape.advanceInstance?.(this.uniformOfStep, elapsed[n], instances, n * landscape.instanceSize);
    }
  }

  /** Uniform numbers for the landscape of the environment that is changing. */
  private readonly uniformOfStep = (i: number): number => {
    const first = (this.firstIndex + this.changing) * this.landscape.instanceSize;
    return uniformAt(this.changeKey, first + i, this.clock);
  };

  isFinite(observations: Float64Array): boolean {
    return allFinite(observations);
  }

  diverge(n: number): void {
    this.charges.penalise(n);
    this.anyDiverged = true;
  }

  private velocitiesOf(actions: Float64Array): Float64Array {
    const { rule, measurements } = this;
    if (!rule || !measurements.driver) return actions;
    rule.advance(actions, measurements.read(measurements.driver, this.clock));
    return rule.velocities;
  }

  private forgetDiverged(rule: InnerRule): void {
    for (let n = 0; n < this.count; n++) if (this.diverged[n] === 1) rule.begin(n);
  }

  /** Steps of environment n since its episode began. */
  elapsedOf(n: number): number {
    return this.elapsed[n];
  }

  save(): SimulationState {
    if (this.rule)
      throw new Error('action.kind: must be "velocity" to save a simulation, got "hyperparameters"');
    const { observation } = this.problem;
    if ("delay" in observation && observation.delay)
      throw new Error(`observation.delay: must be 0 to save a simulation, got ${observation.delay}`);
    const { parameters, updates, minima, instances, elapsed, cues } = this.batch;
    return {
      clock: this.clock,
      elapsed: elapsed.slice(),
      episodes: this.episodes.slice(),
      parameters: parameters.slice(),
      updates: updates.slice(),
      minima: minima.slice(),
      instances: instances.slice(),
      cues: cues.slice(),
    };
  }

  restore({ clock, episodes, ...state }: SimulationState): void {
    const { batch, measurements } = this;
    this.clock = clock;
    this.episodes.set(episodes);
    batch.parameters.set(state.parameters);
    batch.updates.set(state.updates);
    batch.minima.set(state.minima);
    batch.instances.set(state.instances);
    batch.elapsed.set(state.elapsed);
    batch.cues.set(state.cues);
    batch.diverged.fill(0);
    this.anyDiverged = false;
    measurements.slopes.current = false;
    measurements.forget();
  }

  /** Writes the observation of every environment, `[count, observationSize]`, from `offset` on. */
  observe(out: Float64Array, offset = 0): void {
    this.observer.observe(this.clock, out, offset);
  }
}
