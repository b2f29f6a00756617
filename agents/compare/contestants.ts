import type { NavigationProblem, Policy, Seed } from "../../envs/index.js";
import { type Solution, solve } from "../../solvers/index.js";
import { coordinateLayout } from "../policies/coordinates.js";
import { isWhole, wholeLayout } from "../policies/full.js";
import { learnedPolicy } from "../policies/learned-policy.js";
import type { PolicyModel } from "../policies/model.js";
import { type PolicyConfig, policyModel } from "../policies/policy-model.js";
import { mean } from "../probes/statistics.js";
import { episodesFor, splitOf } from "./episodes.js";
import type { RuleSettings, TextbookName } from "./textbook.js";
import { tuneRule } from "./tuning.js";

/** A policy that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  readonly kind: "derived" | "learned" | "textbook";
  readonly policy: Policy;
  /** Whether no policy costs less on average: regret is then against it. Default false. */
  readonly isOptimal?: boolean;
  /** How sure its solver is of it. */
  readonly status?: Solution["status"];
  readonly hyperparameters?: RuleSettings;
  /** What it was tuned on; absent where nothing was tuned. */
  readonly tuning?: { readonly settings: number; readonly episodes: number };
}

/**
 * What `solve` derives; optimal where the solution is exact.
 *
 * @throws Error when the problem cannot be solved
 */
export function derivedRule(problem: NavigationProblem): Contestant {
  const { policy, status } = solve(problem);
  return {
    name: "derived",
    kind: "derived",
    policy: policy as Policy,
    isOptimal: status === "exact",
    status,
  };
}

/**
 * Trained weights on a problem; those of a per-coordinate network in any dimension.
 *
 * @throws Error when the problem does not show what the model reads, or its sizes do not fit
 */
export function learnedRule(
  problem: NavigationProblem,
  { model, parameters }: { readonly model: PolicyModel; readonly parameters: Float64Array },
  { name = "learned" }: { readonly name?: string } = {},
): Contestant {
  const fitted = policyModel(fit(model.config, problem));
  return { name, kind: "learned", policy: learnedPolicy(fitted, parameters, { name }) };
}

/** Per-coordinate networks are of any dimension; one of the whole observation only fits observations of its size. */
function fit(config: PolicyConfig, problem: NavigationProblem): PolicyConfig {
  return isWhole(config)
    ? { ...config, layout: wholeLayout(problem) }
    : { ...config, layout: coordinateLayout(problem) };
}

export interface TextbookOptions {
  /** RuleSettings that are not tuned, by name or letter (alpha, beta, lambda). With a learning rate none is. */
  readonly given?: RuleSettings;
  /** Episodes that every setting is tried on. Default 32. */
  readonly episodes?: number;
  /** Steps of each. Default: as in `compare`. */
  readonly steps?: number;
  /** Of those episodes; `compare` never uses them. Default 0. */
  readonly seed?: Seed;
}

/**
 * A textbook rule; what is not given of it is tuned for the least mean cost on episodes that no comparison uses,
 * from the training pool where the landscape has pools.
 *
 * @throws Error when a hyperparameter is not one of the rule's, or the problem does not show what the rule reads
 */
export function textbookRule(
  problem: NavigationProblem,
  rule: TextbookName,
  { given = {}, episodes = 32, steps, seed = 0 }: TextbookOptions = {},
): Contestant {
  const { name, policy, hyperparameters, settings } = tuneRule(splitOf(problem, "train"), rule, given, {
    ...episodesFor(problem, steps),
    episodes,
    seed: `${seed}/tuning`,
    score: ({ costs }) => mean(costs),
  });
  const contestant: Contestant = { name, kind: "textbook", policy, hyperparameters };
  return settings === 1
    ? contestant
    : { ...contestant, name: `${name}, tuned`, tuning: { settings, episodes } };
}
