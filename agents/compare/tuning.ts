import { type NavigationProblem, type Rollout, type RolloutOptions, rollout } from "../../envs/index.js";
import {
  type Candidate,
  type Family,
  familyOf,
  type RuleSettings,
  type TextbookName,
  usualLearningRates,
} from "./textbook.js";

/** Episodes that every setting is tried on, and what is best on them: the least score. */
export interface TuningBudget extends Omit<RolloutOptions, "onStep" | "firstEpisode"> {
  readonly score: (outcome: Rollout) => number;
}

export interface Tuned extends Candidate {
  /** Such as "heavy ball". */
  readonly name: string;
  /** Settings tried; 1 where all was given. */
  readonly settings: number;
}

/** The candidate with the least score. A run that diverged counts with the cost and loss of its penalty. */
export function tune(
  problem: NavigationProblem,
  { candidates }: Family,
  { score, ...episodes }: TuningBudget,
): Candidate {
  const scores = candidates.map(({ policy }) => score(rollout(problem, policy, episodes)));
  return candidates[scores.indexOf(Math.min(...scores))];
}

/** Decades of learning rates that may be added to the usual ones. */
const MORE_DECADES = 4;

/**
 * Tries a rule's grid of settings; while the best learning rate is the least or the greatest, a decade beyond it too.
 *
 * @throws Error when a hyperparameter given is not one of the rule's, or the problem does not show what it reads
 */
export function tuneRule(
  problem: NavigationProblem,
  rule: TextbookName,
  given: RuleSettings,
  budget: TuningBudget,
): Tuned {
  const usual = familyOf(problem, rule, given);
  const { name } = usual;
  if (usual.candidates.length === 1) return { ...usual.candidates[0], name, settings: 1 };
  let best = tune(problem, usual, budget);
  let rates = usualLearningRates;
  let settings = usual.candidates.length;
  for (let decades = 0; decades < MORE_DECADES; decades++) {
    const beyond = decadeBeyond(rates, best.hyperparameters.learningRate);
    if (beyond.length === 0) break;
    rates = [...rates, ...beyond].sort((a, b) => a - b);
    const { candidates } = familyOf(problem, rule, given, beyond);
    settings += candidates.length;
    best = tune(problem, { name, candidates: [best, ...candidates] }, budget);
  }
  return { ...best, name, settings };
}

/** Four more rates on the side where the best is the last; none where it is between others. */
function decadeBeyond(rates: readonly number[], best: number): number[] {
  const direction = best === rates[0] ? -1 : best === rates[rates.length - 1] ? 1 : 0;
  return direction === 0 ? [] : [1, 2, 3, 4].map((quarter) => best * 10 ** ((direction * quarter) / 4));
}
