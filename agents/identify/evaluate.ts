import type { Seed } from "../../envs/index.js";
import { type IdentifyOptions, identify } from "./identify.js";
import { labelledPolicies, labelledProblem } from "./labelled.js";

/** How well `identify` names policies whose rule is known. */
export interface Evaluation {
  readonly instances: number;
  /** Mean over labels of the share that was named right. */
  readonly balancedAccuracy: number;
  /** Share of the rules without momentum that were said to have it. */
  readonly falseMomentum: number;
  /** Share of the rules with momentum that were said to have none. */
  readonly missedMomentum: number;
  /** How often each label (outer) was given each name (inner). */
  readonly confusion: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface EvaluationOptions extends Pick<IdentifyOptions, "threshold"> {
  /** Of the hyperparameters. */
  readonly seed: Seed;
  /** Policies of each of 36 kinds, in and out of the books. Default 12. */
  readonly each?: number;
  /** Told of every policy when it has been named. */
  readonly onIdentified?: (label: string, name: string) => void;
}

/** Names every labelled policy of a seed. */
export function evaluateIdentify({
  seed,
  each = 12,
  onIdentified,
  ...options
}: EvaluationOptions): Evaluation {
  const outcomes = labelledPolicies(seed, each).map((labelled) => {
    const { name, hasMomentum } = identify(labelled.policy, labelledProblem, options);
    onIdentified?.(labelled.label, name);
    return { labelled, name, hasMomentum };
  });
  const confusion = new Map<string, Map<string, number>>();
  for (const { labelled, name } of outcomes) {
    const row = confusion.get(labelled.label) ?? new Map<string, number>();
    confusion.set(labelled.label, row.set(name, (row.get(name) ?? 0) + 1));
  }
  const recalls = [...confusion].map(([label, row]) => (row.get(label) ?? 0) / total(row));
  const wrongMomentum = (truth: boolean) => {
    const told = outcomes.filter(({ labelled }) => labelled.hasMomentum === truth);
    return told.filter(({ hasMomentum }) => hasMomentum !== truth).length / told.length;
  };
  return {
    instances: outcomes.length,
    balancedAccuracy: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    falseMomentum: wrongMomentum(false),
    missedMomentum: wrongMomentum(true),
    confusion,
  };
}

function total(row: ReadonlyMap<string, number>): number {
  return [...row.values()].reduce((sum, count) => sum + count, 0);
}
