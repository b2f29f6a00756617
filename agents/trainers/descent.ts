import type { Evaluator } from "../evaluators/evaluator.js";
import { adam } from "./adam.js";
import type { ParticleState } from "./events.js";
import type { Learner, LearnerState, RunOptions, Trainer } from "./train.js";

/** What the trainers that descend a gradient take. */
export interface DescentOptions extends RunOptions {
  /** Adam's learning rate, before the schedule. */
  readonly learningRate: number;
  /** Iterations over which the learning rate rises linearly; after them it falls to 0 as a half cosine. */
  readonly warmUp: number;
  /** Largest norm of a gradient; a longer one is scaled down to it. */
  readonly clipNorm: number;
}

/** An estimate of the mean cost and of its gradient. */
export interface Estimate {
  readonly cost: number;
  readonly diverged: number;
  /** Shape of the weights; may be overwritten by the next estimate. */
  readonly gradient: Float64Array;
}

/** Makes estimates, one after the other. */
export interface Estimator {
  estimate(
    evaluator: Evaluator,
    iteration: number,
    parameters: Float64Array,
    signal: AbortSignal,
  ): Promise<Estimate>;
  /** What it keeps from one estimate to the next; undefined where nothing. */
  save?(): readonly ParticleState[] | undefined;
}

export interface GradientTrainer extends Trainer {
  readonly options: DescentOptions;
  /** An estimator for a run of its own, or one that goes on with what another kept. */
  estimator(particles?: readonly ParticleState[]): Estimator;
}

/** A trainer that descends its estimate of the gradient with Adam. @throws Error when an option is bad */
export function descending(trainer: Omit<GradientTrainer, "learner" | "rates">): GradientTrainer {
  const { kind, options, estimator } = trainer;
  const { learningRate, warmUp, clipNorm } = options;
  for (const [name, value] of Object.entries({ learningRate, warmUp, clipNorm }))
    if (!(value >= 0)) throw new Error(`${kind}: ${name} must be >= 0, got ${value}`);
  return {
    ...trainer,
    rates: { learningRate, warmUp, clipNorm },
    learner: (state) => descent(options, estimator(state.particles), state),
  };
}

function descent(options: DescentOptions, estimator: Estimator, state: LearnerState): Learner {
  const optimizer = adam();
  const { parameters } = state;
  let moments = state.optimizer ?? optimizer.init(parameters.length);
  return {
    parameters,
    async iterate(evaluator, iteration, signal) {
      const { cost, diverged, gradient } = await estimator.estimate(evaluator, iteration, parameters, signal);
      const gradientNorm = norm(gradient);
      if (Number.isFinite(gradientNorm)) {
        scale(gradient, Math.min(1, options.clipNorm / gradientNorm));
        moments = optimizer.update(parameters, gradient, learningRateAt(options, iteration), moments);
      }
      return { cost, diverged, gradientNorm };
    },
    save() {
      const particles = estimator.save?.();
      return { parameters, optimizer: moments, ...(particles && { particles }) };
    },
  };
}

function learningRateAt({ learningRate, warmUp, iterations }: DescentOptions, iteration: number): number {
  if (iteration < warmUp) return (learningRate * (iteration + 1)) / warmUp;
  const done = (iteration - warmUp) / (iterations - warmUp);
  return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
}

function norm(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] * values[i];
  return Math.sqrt(total);
}

function scale(values: Float64Array, factor: number): void {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] *= factor;
}
