import type { RunningMoments, VectorEnv } from "../../../envs/index.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { PolicyModel, PolicyTape } from "../../policies/model.js";
import { clippedSurrogate } from "./gaussian.js";
import { type Decided, gatherDecisions, type Minibatch, minibatchOf, type Selection } from "./minibatch.js";
import type { ValueFunction } from "./value-function.js";
import { type WeightCounts, type Weights, weightsOf } from "./weights.js";

export interface MinibatchGradientOptions {
  readonly kernels: Kernels;
  /** Steps of each sequence, and sequences of a minibatch. */
  readonly length: number;
  readonly width: number;
  /** Null where no value function is to be learned. */
  readonly value: ValueFunction | null;
  readonly clip: number;
  readonly entropyBonus: number;
}

/** The objective of a minibatch and its gradient. */
export class MinibatchGradient {
  /** Of the last run. */
  readonly gradient: Weights;
  private readonly options: MinibatchGradientOptions;
  private readonly batch: Minibatch;
  private readonly tape: PolicyTape;
  private readonly means: Float64Array;
  private readonly meanGradients: Float64Array;
  private readonly observationGradients: Float64Array;
  private readonly predictions: Float64Array;
  private readonly valueGradients: Float64Array;

  constructor(env: VectorEnv, model: PolicyModel, counts: WeightCounts, options: MinibatchGradientOptions) {
    const { kernels, length, width } = options;
    this.options = options;
    this.gradient = weightsOf(counts);
    this.batch = minibatchOf(env, length, width);
    this.tape = model.instantiate(kernels, width, length);
    this.means = new Float64Array(this.batch.actions.length);
    this.meanGradients = new Float64Array(this.batch.actions.length);
    this.observationGradients = new Float64Array(this.batch.observations.length / length);
    this.predictions = new Float64Array(this.batch.count);
    this.valueGradients = new Float64Array(this.batch.count);
  }

  /** Fills `gradient`; tells what the policy and the value function descend, means over the valid decisions. */
  run(weights: Weights, decided: Decided, selection: Selection, moments: RunningMoments) {
    gatherDecisions(decided, selection.indices, this.batch);
    const valid = this.batch.valid.reduce((sum, each) => sum + each, 0);
    const scale = valid > 0 ? 1 / valid : 0;
    this.gradient.all.fill(0);
    return {
      ...this.differentiatePolicy(weights, selection, scale),
      value: this.differentiateValue(weights, moments, scale),
    };
  }

  private differentiatePolicy(weights: Weights, selection: Selection, scale: number) {
    const { gradient, options } = this;
    this.tape.setParameters(weights.policy);
    const told = { policy: 0, divergence: 0 };
    for (const stretch of selection.stretches) {
      const { objective, divergence } = this.differentiateStretch(weights.logDeviations, stretch, scale);
      told.policy += objective;
      told.divergence += divergence;
    }
    for (const [j, logDeviation] of weights.logDeviations.entries()) {
      told.policy -= options.entropyBonus * logDeviation;
      gradient.logDeviations[j] -= options.entropyBonus;
    }
    return told;
  }

  /** Forward from what was remembered, and back again. */
  private differentiateStretch(
    logDeviations: Float64Array,
    { from, to, age, memory }: Selection["stretches"][number],
    scale: number,
  ) {
    const { tape, batch, means, meanGradients, observationGradients, gradient, options } = this;
    const rows = (values: Float64Array, t: number) => {
      const size = values.length / batch.length;
      return values.subarray(t * size, (t + 1) * size);
    };
    tape.reset();
    for (const [i, part] of tape.memoryBefore(age).entries()) part.set(memory[i]);
    for (let t = from; t < to; t++) tape.forward(age + t - from, rows(batch.observations, t), rows(means, t));
    const surrogate = clippedSurrogate(
      batch,
      { means, logDeviations },
      { from: from * batch.width, to: to * batch.width, clip: options.clip, scale },
      { means: meanGradients, logDeviations: gradient.logDeviations },
    );
    for (let t = to - 1; t >= from; t--)
      tape.backward(age + t - from, rows(meanGradients, t), observationGradients);
    const { parameterGradient } = tape;
    for (let i = 0; i < parameterGradient.length; i++) gradient.policy[i] += parameterGradient[i];
    return surrogate;
  }

  private differentiateValue({ value: parameters }: Weights, moments: RunningMoments, scale: number): number {
    const { batch, predictions, valueGradients, gradient, options } = this;
    const { value } = options;
    if (!value) return 0;
    value.setParameters(parameters);
    value.evaluate(batch.observations, moments, predictions);
    let objective = 0;
    for (let i = 0; i < batch.count; i++) {
      const error = batch.valid[i] * (predictions[i] - batch.returns[i]);
      objective += 0.5 * scale * error * error;
      valueGradients[i] = scale * error;
    }
    value.backward(valueGradients, gradient.value);
    return objective;
  }
}
