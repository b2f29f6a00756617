import {
  deriveKey,
  type MomentsJson,
  type RandomKey,
  RunningMoments,
  type Seed,
  streams,
} from "../../../envs/index.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { PolicyModel } from "../../policies/model.js";
import { type AdamState, adam } from "../adam.js";
import { clipToNorm, normOf } from "../clipping.js";
import { advantages, standardiseWhere, weighBySize, winsoriseWhere } from "./advantages.js";
import { Collector, type Exploration } from "./collector.js";
import type { World } from "./critic.js";
import { type Decided, type Selection, singleDecisions, wholeEnvironments } from "./minibatch.js";
import { MinibatchGradient } from "./minibatch-gradient.js";
import { RewardScale } from "./reward-scale.js";
import { ValueFunction } from "./value-function.js";
import { type Weights, weightsOf } from "./weights.js";

/** The hyperparameters of an iteration; see `PpoOptions`. */
export interface PpoSettings {
  readonly steps: number;
  readonly epochs: number;
  readonly minibatches: number;
  readonly discount: number;
  readonly lambda: number;
  readonly clip: number;
  readonly largestDivergence: number;
  readonly entropyBonus: number;
  /** σ at the start, and at most. */
  readonly deviation: number;
  readonly exploration: Exploration;
  readonly smallestAction: number;
  /** An advantage weighs 1 + relative²/Σ s², s the scales of its decision. */
  readonly relative: number;
  readonly valueHidden: readonly number[];
  readonly clipNorm: number;
  /** An episode that terminates before that many steps has diverged. */
  readonly horizon: number;
}

/** What a learner keeps beside the weights of the policy. */
export interface ActorCriticState {
  /** log σ of each action. */
  readonly logDeviations: Float64Array;
  /** Weights of the value function; none where it is not learned. */
  readonly value: Float64Array;
  /** What it saw so far: of the observations, and of the discounted sum of rewards. */
  readonly observations: MomentsJson;
  readonly rewards: MomentsJson;
}

/**
 * Proximal policy optimisation. An iteration collects T steps, estimates advantages with the critic as it is,
 * and goes over the decisions several times in minibatches, descending with Adam
 *
 *     −mean min(r·A, clip(r, 1 ± ε)·A) − bonus·Σ log σ   and, where V is learned,   ½·mean (V − R)²,   R = A + V_then.
 */
export class PpoLearner {
  readonly weights: Weights;
  readonly collector: Collector;
  /** Of all weights. */
  moments: AdamState;
  private readonly settings: PpoSettings;
  /** Null where environments are known to be worth what they are. */
  private readonly value: ValueFunction | null;
  private readonly minibatchGradient: MinibatchGradient;
  private readonly optimizer = adam();
  private observationMoments: RunningMoments;
  private readonly rewardScale: RewardScale;
  private readonly decided: Decided;

  /** @param key of the weights to start from */
  constructor(
    { env, worth, alternatives }: World,
    model: PolicyModel,
    settings: PpoSettings,
    kernels: Kernels,
    key: RandomKey,
  ) {
    const { steps, minibatches, valueHidden, deviation } = settings;
    const { size } = env.singleObservationSpace;
    const count = steps * env.numEnvs;
    this.settings = settings;
    this.collector = new Collector(env, model, {
      ...settings,
      kernels,
      groups: minibatches,
      worth,
      alternatives,
    });
    this.value = worth ? null : new ValueFunction(size, valueHidden, kernels, count / minibatches);
    const counts = {
      policy: model.parameterCount,
      actions: env.singleActionSpace.size,
      value: this.value?.parameterCount ?? 0,
    };
    const [length, width] = this.collector.hasMemory
      ? [steps, env.numEnvs / minibatches]
      : [1, count / minibatches];
    this.minibatchGradient = new MinibatchGradient(env, model, counts, {
      ...settings,
      kernels,
      length,
      width,
      value: this.value,
    });
    this.weights = weightsOf(counts);
    this.weights.policy.set(model.initialParameters(key));
    this.weights.logDeviations.fill(Math.log(deviation));
    if (this.value) this.weights.value.set(this.value.initialParameters(deriveKey(key, 1)));
    this.moments = this.optimizer.init(this.weights.all.length);
    this.observationMoments = new RunningMoments(size);
    this.rewardScale = new RewardScale(env.numEnvs, settings.discount);
    this.decided = {
      ...this.collector.experience,
      advantages: new Float64Array(count),
      returns: new Float64Array(count),
    };
  }

  /** Live arrays. */
  save(): ActorCriticState {
    const { logDeviations, value } = this.weights;
    return {
      logDeviations,
      value,
      observations: this.observationMoments.toJSON(),
      rewards: this.rewardScale.moments.toJSON(),
    };
  }

  restore({ logDeviations, value, observations, rewards }: ActorCriticState): void {
    this.weights.logDeviations.set(logDeviations);
    this.weights.value.set(value);
    this.observationMoments = RunningMoments.fromJSON(observations);
    this.rewardScale.restore(rewards);
  }

  /** New episodes everywhere. From here on everything depends on the weights, what `save` tells and the seed only. */
  begin(seed: Seed): void {
    this.collector.begin(seed);
    this.rewardScale.begin();
  }

  /**
   * One iteration.
   *
   * @param key of its randomness
   * @returns the mean norm of the policy's gradients before clipping
   */
  iterate(learningRate: number, key: RandomKey): number {
    const { weights, collector } = this;
    collector.collect(weights.policy, weights.logDeviations, deriveKey(key, streams.exploration));
    if (this.value) this.appraise(this.value);
    this.estimateAdvantages();
    return this.improve(learningRate, deriveKey(key, streams.minibatch));
  }

  /** Goes over the decisions until all epochs are done or the policy is too far from the one that took them. */
  private improve(learningRate: number, key: RandomKey): number {
    const { epochs, largestDivergence } = this.settings;
    let [norms, updates] = [0, 0];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const selection of this.select(key, epoch)) {
        const { norm, divergence } = this.differentiate(selection);
        norms += norm;
        updates++;
        if (divergence > largestDivergence) return norms / updates;
        if (Number.isFinite(norm)) this.descend(learningRate);
      }
    }
    return norms / updates;
  }

  /** Notes what the value function makes of the experience, and measures the rewards in the unit that it learns them in. */
  private appraise(value: ValueFunction): void {
    const { experience } = this.collector;
    this.observationMoments.update(experience.observations);
    this.rewardScale.apply(experience);
    value.setParameters(this.weights.value);
    this.evaluate(value, experience.observations, experience.values);
    this.evaluate(value, experience.nextObservations, experience.nextValues);
  }

  private estimateAdvantages(): void {
    const { decided, settings, collector } = this;
    const { values, valid, surplus } = collector.experience;
    advantages(collector.experience, settings.discount, settings.lambda, decided.advantages);
    for (let i = 0; i < values.length; i++) {
      decided.returns[i] = decided.advantages[i] + values[i];
      decided.advantages[i] -= surplus[i];
    }
    weighBySize(collector.experience.scales, settings.relative, decided.advantages);
    winsoriseWhere(valid, decided.advantages);
    standardiseWhere(valid, decided.advantages);
  }

  private evaluate(value: ValueFunction, observations: Float64Array, values: Float64Array): void {
    const { observationMoments } = this;
    const { batch } = value;
    const size = observations.length / values.length;
    for (let i = 0; i < values.length; i += batch) {
      const some = observations.subarray(i * size, (i + batch) * size);
      value.evaluate(some, observationMoments, values.subarray(i, i + batch));
    }
  }

  private select(key: RandomKey, epoch: number): Selection[] {
    const { collector, settings } = this;
    const order = { minibatches: settings.minibatches, key, epoch };
    return collector.hasMemory
      ? wholeEnvironments(collector.experience, collector.stretches, order)
      : singleDecisions(collector.experience, order);
  }

  /** The gradient of a minibatch. Norms are clipped apart: an error of the value function does not slow the policy. */
  private differentiate(selection: Selection) {
    const { weights, minibatchGradient, decided, settings } = this;
    const { gradient } = minibatchGradient;
    const { divergence } = minibatchGradient.run(weights, decided, selection, this.observationMoments);
    if (this.collector.keepsDeviations) gradient.logDeviations.fill(0);
    const [norm, valueNorm] = [normOf(gradient.actor), normOf(gradient.value)];
    clipToNorm(gradient.actor, norm, settings.clipNorm);
    clipToNorm(gradient.value, valueNorm, settings.clipNorm);
    return { norm: Number.isFinite(valueNorm) ? norm : valueNorm, divergence };
  }

  private descend(learningRate: number): void {
    const { weights, minibatchGradient, settings, collector } = this;
    const before = weights.logDeviations.slice();
    this.moments = this.optimizer.update(
      weights.all,
      minibatchGradient.gradient.all,
      learningRate,
      this.moments,
    );
    const highest = Math.log(settings.deviation);
    for (const [j, value] of weights.logDeviations.entries())
      weights.logDeviations[j] = collector.keepsDeviations ? before[j] : Math.min(value, highest);
  }
}
