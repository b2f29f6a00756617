import type { TrainingPlan } from "./experiment.js";

/** What a finished training left, as plain data. */
export interface Training {
  /** What was trained and how; a training of another plan is none. */
  readonly plan: TrainingPlan;
  readonly parameters: Float64Array;
  readonly costs: readonly (readonly [iteration: number, cost: number])[];
  readonly seconds: number;
}

/** Where finished trainings are kept, so that an interrupted run can go on. Keys are the seeds of the trainings. */
export interface Archive {
  /** The training that was kept under a key, or null. */
  read(key: string): Training | null;
  write(key: string, training: Training): void;
}

/** Keeps nothing. */
export const noArchive: Archive = { read: () => null, write: () => {} };

/** A kept training, if it is of this very plan. */
export function readTraining(archive: Archive, key: string, plan: TrainingPlan): Training | null {
  const kept = archive.read(key);
  return kept && JSON.stringify(kept.plan) === JSON.stringify(plan) ? kept : null;
}
