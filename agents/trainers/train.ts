import { Observable } from "rxjs";
import {
  deriveKey,
  dimensionOf,
  type NavigationProblem,
  rootKey,
  type Seed,
  streams,
} from "../../envs/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import { inlineEvaluator } from "../evaluators/inline.js";
import type { PolicyModel } from "../policies/model.js";
import { adam } from "./adam.js";
import type { ParticleState, TrainerKind, TrainingEvent, TrainingState } from "./events.js";
import { version } from "./version.js";

/** What all trainers take. */
export interface TrainingOptions {
  /** Root of all randomness of the run. */
  readonly seed: Seed;
  /** Updates of the weights. */
  readonly iterations: number;
  /** Adam's learning rate, before the schedule. */
  readonly learningRate: number;
  /** Iterations over which the learning rate rises linearly; after them it falls to 0 as a half cosine. */
  readonly warmUp: number;
  /** Largest norm of a gradient; a longer one is scaled down to it. */
  readonly clipNorm: number;
  /** Iterations between checkpoints. 0: none. */
  readonly checkpointEvery: number;
  /** Weights to start from. Absent: the model's own, drawn from the seed. */
  readonly initialParameters?: ArrayLike<number> | undefined;
  /** A checkpoint to go on from: the run ends with the same bits as one that never stopped. */
  readonly resume?: TrainingState | undefined;
  /** Where the episodes run. Default: on this thread. The caller closes what the caller gives. */
  readonly evaluator?: Evaluator | undefined;
  /** Tells the time for `elapsed`, such as `() => performance.now()`. */
  readonly clock?: (() => number) | undefined;
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
  /** What it keeps from one estimate to the next; absent where nothing. */
  save?(): readonly ParticleState[];
}

export interface Trainer {
  readonly kind: TrainerKind;
  readonly problem: NavigationProblem;
  readonly model: PolicyModel;
  /** Every hyperparameter as plain data. */
  readonly hyperparameters: Readonly<Record<string, unknown>> & { readonly steps: number };
  readonly options: TrainingOptions;
  /** Episodes of one iteration; their indices never repeat within a run. */
  readonly episodesPerIteration: number;
  /** An estimator for a run of its own, or one that goes on with what another kept. */
  estimator(particles?: readonly ParticleState[]): Estimator;
}

/** To the horizon of the problem, or 60 where it has none. */
export function defaultSteps({ objective: { horizon, timeStep } }: NavigationProblem): number {
  return horizon === undefined ? 60 : Math.max(1, Math.round(horizon / timeStep));
}

/** Descends a trainer's estimate of the gradient with Adam. Cold: each subscription is a run of its own. */
export function train(trainer: Trainer): Observable<TrainingEvent> {
  requireOptions(trainer);
  requireCounters(trainer);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const { signal } = controller;
    const evaluator = trainer.options.evaluator ?? inlineEvaluator();
    descend(trainer, evaluator, signal, (event) => subscriber.next(event)).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => {
      controller.abort();
      if (evaluator !== trainer.options.evaluator) void evaluator.close();
    };
  });
}

async function descend(
  trainer: Trainer,
  evaluator: Evaluator,
  signal: AbortSignal,
  emit: (event: TrainingEvent) => void,
): Promise<void> {
  const { options } = trainer;
  const { iterations, clipNorm, checkpointEvery, clock } = options;
  const begun = clock?.();
  const optimizer = adam();
  const { parameters, particles, ...begin } = initialState(trainer);
  const estimator = trainer.estimator(particles);
  let { iteration, optimizer: moments } = begin;
  emit(started(trainer, evaluator));
  while (iteration < iterations) {
    const { cost, diverged, gradient } = await estimator.estimate(evaluator, iteration, parameters, signal);
    signal.throwIfAborted();
    const gradientNorm = norm(gradient);
    if (Number.isFinite(gradientNorm)) {
      scale(gradient, Math.min(1, clipNorm / gradientNorm));
      moments = optimizer.update(parameters, gradient, learningRateAt(options, iteration), moments);
    }
    iteration++;
    const elapsed = clock && begun !== undefined ? { elapsed: clock() - begun } : {};
    emit({ kind: "progress", iteration, iterations, cost, gradientNorm, diverged, ...elapsed });
    if (checkpointEvery > 0 && iteration % checkpointEvery === 0)
      emit({
        kind: "checkpoint",
        state: copy({ iteration, parameters, optimizer: moments, particles: estimator.save?.() }),
      });
  }
  emit({ kind: "finished", parameters: parameters.slice() });
}

function started({ kind, problem, model, hyperparameters, options }: Trainer, evaluator: Evaluator) {
  const { seed, iterations, learningRate, warmUp, clipNorm } = options;
  return {
    kind: "started",
    trainer: kind,
    version,
    backend: evaluator.backend,
    seed,
    problem,
    policy: model.config,
    options: { ...hyperparameters, iterations, learningRate, warmUp, clipNorm },
  } as const;
}

function initialState({ model, options }: Trainer): TrainingState {
  const { seed, resume, initialParameters } = options;
  if (resume) return copy(resume);
  const parameters = initialParameters
    ? Float64Array.from(initialParameters)
    : model.initialParameters(deriveKey(rootKey(seed), streams.weights));
  if (parameters.length !== model.parameterCount)
    throw new Error(`initialParameters: must have length ${model.parameterCount}, got ${parameters.length}`);
  return { iteration: 0, parameters, optimizer: adam().init(parameters.length) };
}

function copy({ iteration, parameters, optimizer, particles }: TrainingState): TrainingState {
  const { count, mean, square } = optimizer;
  return {
    iteration,
    parameters: Float64Array.from(parameters),
    optimizer: { count, mean: Float64Array.from(mean), square: Float64Array.from(square) },
    ...(particles && { particles: [...particles] }),
  };
}

function learningRateAt({ learningRate, warmUp, iterations }: TrainingOptions, iteration: number): number {
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

function requireOptions({ kind, hyperparameters, options, episodesPerIteration }: Trainer): void {
  const whole = { steps: hyperparameters.steps, iterations: options.iterations, tasks: episodesPerIteration };
  for (const [name, value] of Object.entries(whole)) {
    if (!(Number.isInteger(value) && Number(value) >= 1))
      throw new Error(`${kind}: ${name} must be a whole number >= 1, got ${value}`);
  }
  for (const name of ["learningRate", "warmUp", "clipNorm", "checkpointEvery"] as const) {
    if (!(options[name] >= 0)) throw new Error(`${kind}: ${name} must be >= 0, got ${options[name]}`);
  }
}

/** Random streams are addressed by 32-bit counters; beyond them they would repeat. */
function requireCounters({ problem, options, episodesPerIteration }: Trainer): void {
  const draws = options.iterations * episodesPerIteration * dimensionOf(problem);
  if (draws > 2 ** 32)
    throw new Error(
      `iterations: iterations × episodes × dimension must be at most 2^32 so that no stream repeats, got ${draws}`,
    );
}
