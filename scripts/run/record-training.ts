import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { kernelsOf } from "../../agents/evaluators/backend.js";
import { savePolicy } from "../../agents/policies/saved-policy.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { defaultTerminal, type TerminalSpec } from "../../agents/trainers/terminal-cost.js";
import { type Trainer, train } from "../../agents/trainers/train.js";
import { complaintsAsBadInput } from "../commands/problem-input.js";
import { formatNumber } from "../report/numbers.js";
import { workerPool } from "../worker-pool.js";
import { type Checkpoint, encodeCheckpoint } from "./checkpoint.js";
import { type Examination, type Examiner, examiner, type Reference } from "./examination.js";
import { follow } from "./follow.js";
import { atMost, interrupted, listenForInterrupts } from "./interrupts.js";
import { writePolicy } from "./policy-files.js";
import { createProgress, type Position } from "./progress.js";
import type { RunFolder } from "./run-folder.js";
import { type TrainingConfiguration, trainerOf } from "./training-configuration.js";
import { startWatch, type Watch } from "./watch.js";

export interface TrainingRecord {
  readonly configuration: TrainingConfiguration;
  /** Where an earlier part of the run was. */
  readonly checkpoint: Checkpoint | null;
  readonly folder: RunFolder;
  readonly version: string;
  /** Worker threads. Default: one per core. */
  readonly workers?: number | undefined;
  /** Port to show the run on. */
  readonly watch?: number | undefined;
  /** Whether stdout gets the report as JSON instead of text. */
  readonly json: boolean;
  /** What goes on with the run after an interrupt. */
  readonly resume: string;
}

/** Trains to the end or the first interrupt, printing and keeping what happens; resolves to the exit code. */
export async function recordTraining(record: TrainingRecord): Promise<number> {
  const { configuration, folder, workers } = record;
  const interrupts = listenForInterrupts();
  const evaluator = workerPool({
    backend: configuration.backend,
    ...(workers !== undefined && { workers }),
  });
  let watch: Watch | null = null;
  try {
    if (record.watch !== undefined) {
      watch = await startWatch(record.watch);
      process.stderr.write(`watch: ${watch.url}\n`);
    }
    const trainer = trainerOf(configuration, {
      evaluator,
      resume: record.checkpoint?.state,
      clock: () => performance.now(),
      stop: interrupts.signal,
    });
    return await recordEvents(record, trainer, watch);
  } finally {
    folder.close();
    await atMost(1000, Promise.all([evaluator.close(), watch?.close()]));
    interrupts.dispose();
  }
}

async function recordEvents(record: TrainingRecord, trainer: Trainer, watch: Watch | null): Promise<number> {
  const { configuration, folder, checkpoint } = record;
  const { iterations } = trainer.options;
  const examination = complaintsAsBadInput("train", () => examinerOf(configuration, trainer));
  const began = performance.now();
  let iteration = checkpoint?.state.iteration ?? 0;
  const progress = createProgress({
    stream: process.stderr,
    elapsed: () => (performance.now() - began) / 1000,
    begun: iteration / iterations,
  });
  let parameters: Float64Array | undefined;
  let average = Number.NaN;
  const read = (event: TrainingEvent) => {
    if (event.kind === "checkpoint") {
      const eventsLength = folder.syncEvents();
      folder.write("checkpoint", encodeCheckpoint({ state: event.state, eventsLength }));
      return;
    }
    const line = event.kind === "finished" ? { ...event, parameters: [...event.parameters] } : event;
    const resumed = event.kind === "started" && checkpoint;
    folder.append(resumed ? { ...line, kind: "resumed", iteration } : line);
    watch?.send(line);
    if (event.kind === "finished") parameters = event.parameters;
    if (event.kind !== "progress") return;
    iteration = event.iteration;
    average = averaged(average, event);
    progress.show(positionOf(event, average, examination.reference));
  };
  try {
    await follow(train(trainer), read, new AbortController().signal);
  } catch (error) {
    complaintsAsBadInput("train", () => {
      throw error;
    });
  } finally {
    progress.stop();
  }
  if (parameters)
    return conclude(record, trainer, examination.examine(trainer.model, parameters), parameters);
  folder.append({ kind: "interrupted", iteration });
  process.stderr.write(
    `interrupted after iteration ${iteration} of ${iterations}\nto go on: ${record.resume}\n`,
  );
  return interrupted;
}

function examinerOf({ problem, backend, seed }: TrainingConfiguration, trainer: Trainer): Examiner {
  const { steps, ...other } = trainer.hyperparameters;
  const { episodeSteps = steps, terminal = defaultTerminal(problem) } = other as Examined;
  return examiner(problem, { seed, steps: episodeSteps, terminal, kernels: kernelsOf(backend) });
}

/** What trainers call the episodes they learn from. */
interface Examined {
  readonly episodeSteps?: number;
  readonly terminal?: TerminalSpec;
}

type ProgressEvent = Extract<TrainingEvent, { kind: "progress" }>;

/** The cost over about the last twentieth of the run: a few episodes tell little. */
function averaged(average: number, { cost, iterations }: ProgressEvent): number {
  const weight = Math.min(1, 20 / iterations);
  return Number.isNaN(average) ? cost : average + weight * (cost - average);
}

function positionOf(
  { iteration, iterations, cost }: ProgressEvent,
  average: number,
  reference: Reference | null,
): Position {
  const regret = reference ? `, on average ${beyondText(average - reference.cost, reference)}` : "";
  return {
    what: `iteration ${iteration}/${iterations}, cost ${formatNumber(cost)}${regret}`,
    done: iteration / iterations,
    passing: iteration < iterations,
  };
}

/** Leaves the policy and the report, and says what the policy is worth. */
function conclude(
  { configuration, folder, version, json }: TrainingRecord,
  trainer: Trainer,
  examination: Examination,
  parameters: Float64Array,
): number {
  const { problem, ...rest } = configuration;
  const report = { lossgym: version, problem, ...rest, examination };
  writePolicy(folder.path, savePolicy(trainer.model, parameters));
  folder.write("report.json", `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${examinationText(examination)}\n`);
  process.stderr.write(`policy: ${join(folder.path, "policy.json")}\n`);
  return 0;
}

function examinationText({ episodes, cost, costError, reference }: Examination): string {
  const lines = [`cost on ${episodes} fresh episodes: ${cost.toFixed(4)} ± ${costError.toFixed(4)}`];
  if (reference) {
    const { excess, excessError, regret, regretError } = reference;
    const size =
      regret === undefined
        ? `${excess.toFixed(4)} ± ${excessError.toFixed(4)}`
        : `${regret.toFixed(3)} ± ${regretError?.toFixed(3)} %`;
    lines.push(`beyond the ${nameOf(reference)} on the same episodes: ${size}`);
  }
  return lines.join("\n");
}

/** In percent, unless the optimum costs nothing or less. */
function beyondText(excess: number, reference: Reference): string {
  const size =
    reference.cost > 0 ? `${formatNumber((100 * excess) / reference.cost)} %` : formatNumber(excess);
  return `${size} above the ${nameOf(reference)}`;
}

function nameOf({ status, knowsEnd }: Reference): string {
  const unaware = knowsEnd ? "" : " of the problem without an end";
  return `${status === "exact" ? "exact optimum" : `best known policy (${status})`}${unaware}`;
}
