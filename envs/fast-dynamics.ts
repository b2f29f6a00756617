import { allFinite, type Numbers } from "./core/finite.js";
import { deriveKey, type RandomKey, rootKey, type Seed, streams, uniformAt } from "./core/random.js";
import { DIVERGENCE_PENALTY } from "./dynamics/costs.js";
import { requireIndices } from "./dynamics/indices.js";
import { batchSizeOf } from "./dynamics/minibatches.js";
import { noiseOf, scaleOf } from "./dynamics/slopes.js";
import type { DynamicsOptions } from "./dynamics.js";
import { type BatchMemory, batchMemory } from "./kernels/batch-memory.js";
import type { SimulationKernels } from "./kernels/exports.js";
import { type Family, familyOf } from "./kernels/families.js";
import { fillRows } from "./kernels/memory.js";
import { TaskKernel } from "./kernels/task-kernel.js";
import { createLandscape } from "./landscapes/create-landscape.js";
import type { Landscape } from "./landscapes/landscape.js";
import { cholesky, flatten } from "./problem/linear-algebra.js";
import { ProblemError } from "./problem/messages.js";
import {
  actionSizeOf,
  type ChannelLayout,
  dimensionOf,
  layoutOf,
  type NavigationProblem,
  observationSizeOf,
} from "./problem/problem.js";
import { gaussianSampler } from "./problem/tasks.js";
import type { Simulation, SimulationState } from "./simulation.js";

/**
 * `Dynamics` in WebAssembly: float32, SIMD, in memory of its own. What happens in every step is done by kernels;
 * what is rare, such as the beginning of an episode, by the code of the reference. Each array is a view of that
 * memory. A caller that writes its actions to `actions` and reads `observations` copies nothing.
 *
 * @throws Error when there are no kernels for the problem; `simulation` falls back on the reference
 */
export class FastDynamics implements Simulation {
  readonly backend = "wasm";
  readonly landscape: Landscape;
  readonly layout: readonly ChannelLayout[];
  readonly count: number;
  readonly dimension: number;
  readonly actionSize: number;
  readonly observationSize: number;
  readonly minima: Float32Array;
  /** In float64, as they were drawn; the kernels have what they need of them in float32. */
  readonly instances: Float64Array;
  readonly costs: Float32Array;
  readonly rewards: Float32Array;
  readonly diverged: Uint8Array;
  readonly episodes: Int32Array;
  /** Velocities `[count, dimension]` of the next step. */
  readonly actions: Float32Array;
  /** The present observations `[count, observationSize]`. */
  readonly observations: Float32Array;
  /** There is no kernel that charges a minibatch. */
  readonly examples = new Int32Array(0);
  anyDiverged = false;
  /** Whether some observation may not be finite. */
  private isDoubtful = false;

  private readonly problem: NavigationProblem;
  private readonly memory: BatchMemory;
  private readonly stepKernel: SimulationKernels["stepQuadratic"];
  private readonly observeKernel: SimulationKernels["observeQuadratic"];
  private readonly penalty: number;
  private readonly isNoisy: boolean;
  private readonly batchSize: number;
  /** Where the cue is in a row of the observations; null where it is not shown. */
  private readonly cueOffset: number | null;
  private readonly family: Family;
  /** θ, and what θ was before the step, and so with losses: they change places. */
  private readonly positions: readonly [Float32Array, Float32Array];
  private readonly charged: readonly [Float32Array, Float32Array];
  private present: 0 | 1 = 0;
  private readonly startPoint: Float32Array | null;
  private readonly startFactor: Float64Array | null;
  private readonly row: Float64Array;
  private readonly instanceRow: Float64Array;
  /** The tick of the clock at which each episode began. */
  private readonly began: Int32Array;
  private readonly task: TaskKernel;
  private firstIndex: number;
  private clock = 0;
  private root!: RandomKey;
  private lastSeed: Seed | undefined;
  private noiseKey!: RandomKey;
  private minibatchKey!: RandomKey;
  private instanceKey!: RandomKey;
  private drawStart: ReturnType<typeof gaussianSampler> | null = null;

  constructor(
    problem: NavigationProblem,
    { count = 1, firstIndex = 0, seed, divergencePenalty = DIVERGENCE_PENALTY }: DynamicsOptions = {},
  ) {
    const family = familyOf(problem);
    if (typeof family === "string") throw new Error(family);
    const { start } = problem;
    this.problem = problem;
    this.landscape = createLandscape(problem.landscape);
    this.layout = layoutOf(problem);
    this.count = count;
    this.dimension = dimensionOf(problem);
    this.actionSize = actionSizeOf(problem);
    this.observationSize = observationSizeOf(problem);
    this.penalty = divergencePenalty;
    const noise = noiseOf(problem);
    this.isNoisy = scaleOf(noise) !== 0;
    this.batchSize = batchSizeOf(noise);
    this.cueOffset = this.layout.find(({ channel }) => channel === "cue")?.offset ?? null;
    this.family = family;
    const { instanceSize } = this.landscape;
    this.memory = batchMemory(problem, family, count);
    const { arrays, kernels } = this.memory;
    this.positions = [arrays.parameters, arrays.before];
    this.minima = arrays.minima;
    this.instances = new Float64Array(count * instanceSize);
    this.charged = [arrays.losses, arrays.spareLosses];
    this.costs = arrays.costs;
    this.rewards = arrays.rewards;
    this.actions = arrays.actions;
    this.observations = arrays.observations;
    this.diverged = new Uint8Array(count);
    this.episodes = new Int32Array(count);
    this.began = new Int32Array(count);
    this.stepKernel = kernels[`step${family.name}`];
    this.observeKernel = kernels[`observe${family.name}`];
    this.task = new TaskKernel(problem, arrays, count);
    this.startPoint = start.kind === "point" ? Float32Array.from(start.parameters) : null;
    this.startFactor = start.kind === "gaussian" ? cholesky(flatten(start.covariance), this.dimension) : null;
    this.row = new Float64Array(this.dimension);
    this.instanceRow = new Float64Array(instanceSize);
    this.firstIndex = firstIndex;
    this.seed(seed);
    this.beginAll();
  }

  get parameters(): Float32Array {
    return this.positions[this.present];
  }

  get losses(): Float32Array {
    return this.charged[this.present];
  }

  seed(seed?: Seed, firstIndex = this.firstIndex): void {
    requireIndices(firstIndex, this.count, this.landscape, noiseOf(this.problem));
    const root = this.rootOf(seed);
    const { start } = this.problem;
    this.firstIndex = firstIndex;
    this.clock = -1;
    this.episodes.fill(0);
    this.task.seed(deriveKey(root, streams.task), firstIndex);
    this.instanceKey = deriveKey(root, streams.instance);
    this.noiseKey = deriveKey(root, streams.noise);
    this.minibatchKey = deriveKey(root, streams.minibatch);
    this.drawStart =
      start.kind === "gaussian" && this.startFactor
        ? gaussianSampler(deriveKey(root, streams.start), start.mean, this.startFactor, firstIndex)
        : null;
  }

  /** The same seed comes again and again where episodes are run in parts. */
  private rootOf(seed: Seed | undefined): RandomKey {
    if (seed === undefined || seed !== this.lastSeed) this.root = rootKey(seed);
    this.lastSeed = seed;
    return this.root;
  }

  beginAll(): void {
    this.clock++;
    this.drawNoise();
    this.draw(0, this.count);
    this.anyDiverged = false;
    this.evaluate(0, this.count);
  }

  begin(from: number, to = from + 1): void {
    this.draw(from, to);
    this.evaluate(from, to);
  }

  place(n: number, parameters: ArrayLike<number>): void {
    this.parameters.set(parameters, n * this.dimension);
    this.evaluate(n, n + 1);
  }

  step(actions: Numbers): void {
    this.complete(this.move(actions));
  }

  /** The same, unless some action is not finite: then it is false, and nothing has happened but to costs and rewards. */
  tryStep(actions: Numbers): boolean {
    const isDoubtful = this.move(actions);
    // An action that is not finite leaves no cost that is.
    if (isDoubtful && !allFinite(actions)) {
      this.takeBack();
      return false;
    }
    this.complete(isDoubtful);
    return true;
  }

  observe(out: Numbers, offset = 0): void {
    if (out !== this.observations) out.set(this.observations, offset);
  }

  isFinite(): boolean {
    return !this.isDoubtful || allFinite(this.observations);
  }

  diverge(n: number): void {
    const { costs, rewards, diverged, penalty } = this;
    diverged[n] = 1;
    costs[n] = penalty;
    rewards[n] = -penalty;
    this.anyDiverged = true;
  }

  elapsedOf(n: number): number {
    return this.clock - this.began[n];
  }

  save(): SimulationState {
    const { clock, count, dimension, parameters, minima, instances } = this;
    const elapsed = new Int32Array(count);
    for (let n = 0; n < count; n++) elapsed[n] = this.elapsedOf(n);
    return {
      clock,
      elapsed,
      episodes: this.episodes.slice(),
      parameters: parameters.slice(),
      // Nothing that has a kernel shows the last movement.
      updates: new Float32Array(count * dimension),
      minima: minima.slice(),
      instances: instances.slice(),
      cues: this.task.cues.slice(),
    };
  }

  restore({ clock, elapsed, episodes, parameters, minima, instances, cues }: SimulationState): void {
    const { count } = this;
    this.clock = clock;
    this.episodes.set(episodes);
    this.parameters.set(parameters);
    this.minima.set(minima);
    this.task.cues.set(cues);
    this.showCues(0, count);
    this.diverged.fill(0);
    this.anyDiverged = false;
    const { instanceRow } = this;
    for (let n = 0, from = 0; n < count; n++) {
      this.began[n] = clock - elapsed[n];
      for (let i = 0; i < instanceRow.length; i++, from++) instanceRow[i] = instances[from];
      this.setInstance(n, instanceRow);
    }
    this.drawNoise();
    this.isDoubtful = false;
    this.see(0, count);
  }

  /** The movement, its costs and observations; whether any of these may not be finite. */
  private move(actions: Numbers): boolean {
    if (actions !== this.actions) this.actions.set(actions);
    this.clock++;
    this.drawNoise();
    const bad = this.stepKernel(this.memory.plan.address);
    this.turn();
    return bad !== 0;
  }

  /** What follows a movement. */
  private complete(isDoubtful: boolean): void {
    if (this.anyDiverged) this.diverged.fill(0);
    this.anyDiverged = false;
    this.isDoubtful = isDoubtful;
    if (isDoubtful) this.undoDiverged();
    const changed = this.task.advance(this.clock, this.memory.kernels);
    if (changed === "all") this.see(0, this.count);
    else for (const n of changed) this.see(n, n + 1);
    this.showCues(0, this.count);
  }

  private takeBack(): void {
    const { plan, kernels } = this.memory;
    kernels.turn(plan.address);
    this.turn();
    this.clock--;
    this.drawNoise();
    this.see(0, this.count);
  }

  private turn(): void {
    this.present = this.present === 0 ? 1 : 0;
  }

  private drawNoise(): void {
    const { noiseKey, minibatchKey, firstIndex, dimension, batchSize, clock, memory } = this;
    const { arrays, kernels } = memory;
    if (this.isNoisy) {
      const { length, byteOffset } = arrays.noise;
      kernels.normals(noiseKey.high, noiseKey.low, firstIndex * dimension, clock, length, byteOffset);
    }
    if (batchSize > 0) {
      const { high, low } = minibatchKey;
      const { length, byteOffset } = arrays.chosen;
      const bound = this.landscape.exampleCount as number;
      kernels.integers(high, low, firstIndex * batchSize, clock, length, bound, byteOffset);
    }
  }

  private draw(from: number, to: number): void {
    const { episodes, parameters, startPoint, task } = this;
    if (startPoint) fillRows(startPoint, parameters, from, to);
    else for (let n = from; n < to; n++) this.drawPoint(n);
    if (this.landscape.sampleInstance) for (let n = from; n < to; n++) this.drawInstance(n);
    task.begin(from, to, episodes);
    this.showCues(from, to);
    for (let n = from; n < to; n++) episodes[n]++;
    this.began.fill(this.clock, from, to);
    this.diverged.fill(0, from, to);
  }

  private drawPoint(n: number): void {
    const { dimension, row, parameters } = this;
    this.drawStart?.(n, this.episodes[n], row, 0);
    parameters.set(row, n * dimension);
  }

  private drawInstance(n: number): void {
    const { landscape, instanceRow } = this;
    const first = (this.firstIndex + n) * landscape.instanceSize;
    const episode = this.episodes[n];
    landscape.sampleInstance?.((i) => uniformAt(this.instanceKey, first + i, episode), instanceRow, 0);
    this.setInstance(n, instanceRow);
  }

  private setInstance(n: number, instance: Float64Array): void {
    const { own } = this.family;
    const first = n * instance.length;
    for (let i = 0; i < instance.length; i++) this.instances[first + i] = instance[i];
    own?.write(instance, this.memory.arrays.instances, n * own.size);
  }

  private showCues(from: number, to: number): void {
    const { observations, observationSize, cueOffset, task } = this;
    if (cueOffset === null) return;
    for (let n = from; n < to; n++) observations[n * observationSize + cueOffset] = task.cues[n];
  }

  /** Observations without losses. */
  private see(from: number, to: number): void {
    if (!this.observeKernel(this.memory.plan.address, from, to, 0)) this.isDoubtful = true;
  }

  /** Losses and observations where episodes begin. */
  private evaluate(from: number, to: number): void {
    if (this.observeKernel(this.memory.plan.address, from, to, 1)) return;
    const { losses, observations, observationSize: size } = this;
    for (let n = from; n < to; n++) if (!Number.isFinite(losses[n])) this.refuse("loss", losses[n], n);
    for (let i = from * size; i < to * size; i++) {
      if (!Number.isFinite(observations[i])) this.refuse("gradient", observations[i], Math.floor(i / size));
    }
  }

  private refuse(part: string, value: number, n: number): never {
    const { parameters, dimension } = this;
    const at = parameters.subarray(n * dimension, (n + 1) * dimension).join(", ");
    throw new ProblemError(`landscape.${part}: must be finite at the start, got ${value} at [${at}]`);
  }

  /** Puts diverged environments back where their last finite step left them. */
  private undoDiverged(): void {
    const { count, dimension, costs, losses, penalty, parameters, positions, present } = this;
    const before = positions[1 - present];
    for (let n = 0; n < count; n++) {
      if (Number.isFinite(costs[n])) continue;
      this.diverge(n);
      losses[n] = penalty;
      parameters.set(before.subarray(n * dimension, (n + 1) * dimension), n * dimension);
      this.see(n, n + 1);
    }
  }
}
