import { Observable, type Subscriber } from "rxjs";
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
import type { TrainerKind, TrainingEvent, TrainingState } from "./events.js";
import { version } from "./version.js";

/** What all trainers take. */
export interface RunOptions {
  /** Root of all randomness of the run. */
  readonly seed: Seed;
  /** Updates of the weights. */
  readonly iterations: number;
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
  /**
   * When it aborts, the stream completes after a last checkpoint. The iteration under way is given up, or, by a
   * trainer that can go on from some iterations only, those until the next of them are done.
   */
  readonly stop?: AbortSignal | undefined;
}

/** What learning changes. */
export type LearnerState = Omit<TrainingState, "iteration">;

/** The weights on their way, and what moves them. */
export interface Learner {
  /** The weights; changed by every iteration. */
  readonly parameters: Float64Array;
  /** One update. When it rejects, nothing has changed. */
  iterate(evaluator: Evaluator, iteration: number, signal: AbortSignal): Promise<Iteration>;
  /** Live arrays: copy what must outlast the next iteration. */
  save(): LearnerState;
}

/** What one iteration tells. */
export type Iteration = Pick<
  Extract<TrainingEvent, { kind: "progress" }>,
  "cost" | "diverged" | "gradientNorm" | "sigma"
>;

export interface Trainer {
  readonly kind: TrainerKind;
  /** Null where environments are given instead. */
  readonly problem: NavigationProblem | null;
  readonly model: PolicyModel;
  /** What computes the policies, where the evaluator does not. */
  readonly backend?: string;
  /** Every hyperparameter of what is estimated, as plain data. */
  readonly hyperparameters: Readonly<Record<string, unknown>> & { readonly steps: number };
  /** Every hyperparameter of the update rule. */
  readonly rates?: Readonly<Record<string, number>>;
  readonly options: RunOptions;
  /** Episodes of one iteration; their indices never repeat within a run. */
  readonly episodesPerIteration: number;
  /** Whether a run that goes on after so many iterations ends with the same bits. Default: after any number. */
  readonly isResumable?: (iteration: number) => boolean;
  /** Learns from a state on, whose arrays become its own; at the start there are only weights. */
  learner(state: LearnerState): Learner;
}

/** To the horizon of the problem, or 60 where it has none. */
export function defaultSteps({ objective: { horizon, timeStep } }: NavigationProblem): number {
  return horizon === undefined ? 60 : Math.max(1, Math.round(horizon / timeStep));
}

/** Runs a trainer. Cold: each subscription is a run of its own. */
export function train(trainer: Trainer): Observable<TrainingEvent> {
  requireOptions(trainer);
  requireCounters(trainer);
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const evaluator = trainer.options.evaluator ?? inlineEvaluator();
    const stop = () => controller.abort();
    trainer.options.stop?.addEventListener("abort", stop);
    if (trainer.options.stop?.aborted) stop();
    run(trainer, evaluator, controller.signal, subscriber).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => {
      controller.abort();
      trainer.options.stop?.removeEventListener("abort", stop);
      if (evaluator !== trainer.options.evaluator) void evaluator.close();
    };
  });
}

async function run(
  trainer: Trainer,
  evaluator: Evaluator,
  signal: AbortSignal,
  subscriber: Subscriber<TrainingEvent>,
): Promise<void> {
  const { isResumable = () => true } = trainer;
  const { iterations, checkpointEvery, clock } = trainer.options;
  const begun = clock?.();
  const { iteration: first, ...state } = initialState(trainer);
  const learner = trainer.learner(state);
  const emitCheckpoint = (iteration: number) =>
    subscriber.next({ kind: "checkpoint", state: structuredClone({ iteration, ...learner.save() }) });
  const unlessAborted = (error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  };
  subscriber.next(started(trainer, evaluator));
  let dueAfter = first;
  for (let iteration = first; iteration < iterations; ) {
    const told =
      signal.aborted && isResumable(iteration)
        ? null
        : await learner.iterate(evaluator, iteration, signal).catch(unlessAborted);
    if (!told) return emitCheckpoint(iteration);
    if (subscriber.closed) return;
    iteration++;
    const elapsed = clock && begun !== undefined ? { elapsed: clock() - begun } : {};
    subscriber.next({ kind: "progress", iteration, iterations, ...told, ...elapsed });
    if (!isResumable(iteration) || !isDue(checkpointEvery, dueAfter, iteration)) continue;
    emitCheckpoint(iteration);
    dueAfter = iteration;
  }
  subscriber.next({ kind: "finished", parameters: learner.parameters.slice() });
}

/** Whether the second passes a multiple of `every` that the first has not. */
function isDue(every: number, last: number, iteration: number): boolean {
  return every > 0 && Math.floor(iteration / every) > Math.floor(last / every);
}

function started(
  { kind, problem, model, backend, hyperparameters, rates, options: { seed, iterations } }: Trainer,
  evaluator: Evaluator,
) {
  return {
    kind: "started",
    trainer: kind,
    version,
    backend: backend ?? evaluator.backend,
    seed,
    problem,
    policy: model.config,
    options: { ...hyperparameters, iterations, ...rates },
  } as const;
}

function initialState({ model, options }: Trainer): TrainingState {
  const { seed, resume, initialParameters } = options;
  if (resume) return structuredClone(resume);
  const parameters = initialParameters
    ? Float64Array.from(initialParameters)
    : model.initialParameters(deriveKey(rootKey(seed), streams.weights));
  if (parameters.length !== model.parameterCount)
    throw new Error(`initialParameters: must have length ${model.parameterCount}, got ${parameters.length}`);
  return { iteration: 0, parameters };
}

function requireOptions({ kind, hyperparameters, options, episodesPerIteration }: Trainer): void {
  const whole = { steps: hyperparameters.steps, iterations: options.iterations, tasks: episodesPerIteration };
  for (const [name, value] of Object.entries(whole)) {
    if (!(Number.isInteger(value) && Number(value) >= 1))
      throw new Error(`${kind}: ${name} must be a whole number >= 1, got ${value}`);
  }
  const { checkpointEvery } = options;
  if (!(checkpointEvery >= 0))
    throw new Error(`${kind}: checkpointEvery must be >= 0, got ${checkpointEvery}`);
}

/** Random streams are addressed by 32-bit counters; beyond them they would repeat. */
function requireCounters({ problem, options, episodesPerIteration }: Trainer): void {
  if (!problem) return;
  const draws = options.iterations * episodesPerIteration * dimensionOf(problem);
  if (draws > 2 ** 32)
    throw new Error(
      `iterations: iterations × episodes × dimension must be at most 2^32 so that no stream repeats, got ${draws}`,
    );
}
