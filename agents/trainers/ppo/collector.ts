import {
  fillNormals,
  type Numbers,
  type RandomKey,
  type Seed,
  stepBuffers,
  type VectorEnv,
} from "../../../envs/index.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { PolicyModel, PolicyTape } from "../../policies/model.js";
import type { Alternatives, Worth } from "./critic.js";
import { type Experience, experienceOf } from "./experience.js";
import { logProbability } from "./gaussian.js";

/** What overflows, as a gain that is an exponential may, is that large: the environment diverges, and training goes on. */
const LARGEST_ACTION = 1e12;

/** What σ is in units of: the action, or max(|u|, `smallestAction`). */
export type Exploration = "fixed" | "relative";

/** Steps `from` … `to − 1` of an experience, in one stretch of episodes that go on side by side. */
export interface Stretch {
  readonly from: number;
  to: number;
  /** Steps of the episodes before it. */
  readonly age: number;
  /** What each group of environments remembered before it. */
  readonly memory: readonly (readonly Numbers[])[];
}

export interface CollectorOptions {
  readonly kernels: Kernels;
  /** T. */
  readonly steps: number;
  /** Of equally many environments each; a policy with memory keeps one for each group. */
  readonly groups: number;
  /** ρ, per step. */
  readonly discount: number;
  /** An episode that terminates before that many steps has diverged. */
  readonly horizon: number;
  /** What environments are worth, which no end is to hide: they must not reset themselves within a step. Default: not noted. */
  readonly worth?: Worth | null;
  /** What decisions are measured against, beside `worth`: the experience then has a surplus. Default: nothing. */
  readonly alternatives?: Alternatives | undefined;
  /** Default "fixed". */
  readonly exploration?: Exploration;
  /** Default 1e-4. */
  readonly smallestAction?: number;
}

/**
 * Runs a Gaussian policy in a batch of environments, T steps at a time, wherever its episodes stand.
 *
 * A policy without memory goes on with the next episode as the environments' autoreset does. One with memory counts
 * its steps for all environments alike, so its episodes run side by side: one that ends early waits, and what
 * its environment does meanwhile is not valid; when all have ended all begin anew.
 */
export class Collector {
  readonly experience: Experience;
  readonly stretches: Stretch[] = [];
  /** Mean J of the episodes that ended in the last T steps, up to where they were cut; else of those under way. */
  cost = 0;
  /** Episodes of the last T steps that diverged. */
  diverged = 0;
  readonly hasMemory: boolean;
  /** Whether the experience tells nothing of σ. */
  readonly keepsDeviations: boolean;

  private readonly env: VectorEnv;
  private readonly tapes: readonly PolicyTape[];
  private readonly options: CollectorOptions;
  private readonly buffers: ReturnType<typeof stepBuffers>;
  private readonly means: Float64Array;
  private readonly normals: Float64Array;
  private readonly clipped: Float64Array;
  /** Actions with the opposite exploration, and what they would have been worth. */
  private readonly mirrored: Float64Array;
  private readonly mirror: Float64Array;
  private readonly waits: Uint8Array;
  private readonly worth: Worth | null;
  private readonly present: Float64Array;
  /** Steps and discounted costs so far of each episode. */
  private readonly lengths: Int32Array;
  private readonly costs: Float64Array;
  private age = 0;

  constructor(env: VectorEnv, model: PolicyModel, options: CollectorOptions) {
    const { steps, groups, kernels } = options;
    const { numEnvs } = env;
    if (options.worth && env.metadata.autoresetMode === "same-step")
      throw new Error(
        "collector: environments that reset themselves within a step hide what they were worth at the end",
      );
    this.env = env;
    this.options = options;
    this.tapes = Array.from({ length: groups }, () => model.instantiate(kernels, numEnvs / groups, 1));
    this.hasMemory = this.tapes[0].memoryBefore(0).length > 0;
    this.keepsDeviations = options.alternatives !== undefined;
    this.buffers = stepBuffers(env);
    this.experience = experienceOf(env, steps);
    this.means = new Float64Array(env.actionSpace.size);
    this.normals = new Float64Array(env.actionSpace.size);
    this.clipped = new Float64Array(env.actionSpace.size);
    this.mirrored = new Float64Array(env.actionSpace.size);
    this.mirror = new Float64Array(numEnvs);
    this.waits = new Uint8Array(numEnvs);
    this.worth = options.worth ?? null;
    this.present = new Float64Array(numEnvs);
    this.lengths = new Int32Array(numEnvs);
    this.costs = new Float64Array(numEnvs);
  }

  /** Begins episodes everywhere, with a seed all randomness of the environments anew. */
  begin(seed?: Seed): void {
    this.buffers.observations.set(this.env.reset({ seed }).observations);
    for (const tape of this.tapes) tape.reset();
    this.age = 0;
    this.waits.fill(0);
    this.lengths.fill(0);
    this.costs.fill(0);
  }

  /** T steps with weights and log σ of a policy; `key` is that of its exploration. */
  collect(policyParameters: Float64Array, logDeviations: Float64Array, key: RandomKey): void {
    const { tapes, stretches, experience, env, options } = this;
    for (const tape of tapes) tape.setParameters(policyParameters);
    const ended: number[] = [];
    stretches.length = 0;
    this.diverged = 0;
    this.openStretch(0);
    for (let t = 0; t < experience.steps; t++) {
      this.act(t);
      this.explore(t, logDeviations, key);
      this.noteWorth(experience.values, t);
      options.alternatives?.note();
      env.stepInto(this.clipped, this.buffers);
      this.noteWorth(experience.nextValues, t);
      this.noteSurplus(t);
      this.age++;
      this.record(t, ended);
      if (this.hasMemory && !this.waits.includes(0)) this.beginTogether(t + 1);
    }
    this.cost = ended.length > 0 ? meanOf(ended) : meanOf(this.costs);
  }

  private noteWorth(values: Float64Array, t: number): void {
    if (!this.worth) return;
    this.worth(this.present);
    values.set(this.present, t * this.present.length);
  }

  private noteSurplus(t: number): void {
    const { options, experience, means, clipped, mirrored, present, mirror, buffers } = this;
    if (!options.alternatives) return;
    for (let i = 0; i < means.length; i++) mirrored[i] = 2 * means[i] - clipped[i];
    options.alternatives.worth(clipped, present);
    options.alternatives.worth(mirrored, mirror);
    for (let n = 0, i = t * present.length; n < present.length; n++, i++) {
      const surprise =
        buffers.rewards[n] + options.discount * experience.nextValues[i] - experience.values[i];
      const surplus = surprise - 0.5 * (present[n] - mirror[n]);
      experience.surplus[i] = Number.isFinite(surplus) ? surplus : 0;
    }
  }

  private beginTogether(t: number): void {
    this.begin();
    this.stretches[this.stretches.length - 1].to = t;
    if (t < this.experience.steps) this.openStretch(t);
  }

  private openStretch(from: number): void {
    const { age, tapes } = this;
    const memory = tapes.map((tape) => tape.memoryBefore(age).map((part) => part.slice()));
    this.stretches.push({ from, to: this.experience.steps, age, memory });
  }

  private act(t: number): void {
    const { tapes, means, buffers, experience, age } = this;
    experience.observations.set(buffers.observations, t * buffers.observations.length);
    const seen = buffers.observations.length / tapes.length;
    const done = means.length / tapes.length;
    for (const [g, tape] of tapes.entries())
      tape.forward(
        age,
        buffers.observations.subarray(g * seen, (g + 1) * seen),
        means.subarray(g * done, (g + 1) * done),
      );
  }

  /** Draws the actions of step t; the environments get them within the bounds of their space. */
  private explore(t: number, logDeviations: Float64Array, key: RandomKey): void {
    const { means, normals, clipped, experience, env, options } = this;
    const { exploration = "fixed", smallestAction = 1e-4 } = options;
    const { low, high } = env.singleActionSpace;
    const size = logDeviations.length;
    const actions = experience.actions.subarray(t * means.length, (t + 1) * means.length);
    const scales = experience.scales.subarray(t * means.length, (t + 1) * means.length);
    fillNormals(key, 0, t, normals.length, normals);
    for (let i = 0; i < actions.length; i++) {
      const j = i % size;
      means[i] = Math.min(Math.max(means[i], -LARGEST_ACTION), LARGEST_ACTION) || 0;
      if (exploration === "relative") scales[i] = Math.max(Math.abs(means[i]), smallestAction);
      actions[i] = means[i] + Math.exp(logDeviations[j]) * scales[i] * normals[i];
      clipped[i] = Math.min(Math.max(actions[i], low[j]), high[j]);
    }
    const samples = { actions, scales };
    const policy = { means, logDeviations };
    for (let n = 0; n < env.numEnvs; n++)
      experience.logProbabilities[t * env.numEnvs + n] = logProbability(samples, policy, n);
  }

  private record(t: number, endedCosts: number[]): void {
    const { experience, buffers, waits, lengths, costs, options } = this;
    const { rewards, terminated, ended, valid } = experience;
    this.recordNext(t);
    for (let n = 0, i = t * waits.length; n < waits.length; n++, i++) {
      valid[i] = 1 - waits[n];
      rewards[i] = valid[i] * buffers.rewards[n];
      terminated[i] = buffers.terminated[n];
      // A step that diverges is judged by its penalty alone: not having to bear what lies ahead is no gain.
      if (this.worth && terminated[i] === 1)
        experience.values[i] = experience.nextValues[i] = experience.surplus[i] = 0;
      ended[i] = buffers.terminated[n] | buffers.truncated[n];
      waits[n] = this.waitsAfter(n, ended[i]);
      if (valid[i] === 0) continue;
      costs[n] -= options.discount ** lengths[n] * rewards[i];
      lengths[n]++;
      if (ended[i] === 0) continue;
      endedCosts.push(costs[n]);
      if (terminated[i] === 1 && lengths[n] < options.horizon) this.diverged++;
      costs[n] = 0;
      lengths[n] = 0;
    }
  }

  private waitsAfter(n: number, ended: number): number {
    if (this.hasMemory) return this.waits[n] | ended;
    return this.env.metadata.autoresetMode === "next-step" ? ended : 0;
  }

  /** In mode "same-step" the last observation of an episode has been replaced by the first of the next. */
  private recordNext(t: number): void {
    const { env, buffers, experience } = this;
    const { observations, finalObservations, terminated, truncated } = buffers;
    const next = experience.nextObservations;
    const size = env.singleObservationSpace.size;
    next.set(observations, t * observations.length);
    if (env.metadata.autoresetMode !== "same-step") return;
    for (let n = 0; n < env.numEnvs; n++) {
      if (terminated[n] === 0 && truncated[n] === 0) continue;
      next.set(finalObservations.subarray(n * size, (n + 1) * size), t * observations.length + n * size);
    }
  }
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
