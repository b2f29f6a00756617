import type { NavigationProblem, Policy } from "../../envs/index.js";
import {
  adagrad,
  adam,
  adamw,
  gradientDescent,
  heavyBall,
  lion,
  nesterov,
  rmsprop,
  signDescent,
} from "../../solvers/index.js";

export type RuleSettings = Readonly<Record<string, number>>;

interface TextbookRule {
  readonly title: string;
  readonly make: (problem: NavigationProblem, hyperparameters: never) => Policy;
  /** What is tried of each hyperparameter beside the learning rate; none of one that keeps to its default. */
  readonly grid: Readonly<Record<string, readonly number[]>>;
}

const momenta = [0, 0.5, 0.9, 0.97];
const secondMoments = [0.98, 0.999];

const rules = {
  "gradient-descent": { title: "gradient descent", make: gradientDescent, grid: {} },
  "heavy-ball": { title: "heavy ball", make: heavyBall, grid: { momentum: momenta } },
  nesterov: { title: "Nesterov", make: nesterov, grid: { momentum: momenta } },
  adagrad: { title: "AdaGrad", make: adagrad, grid: { epsilon: [], initialAccumulator: [] } },
  rmsprop: { title: "RMSprop", make: rmsprop, grid: { decay: [0.9, 0.99], epsilon: [] } },
  adam: { title: "Adam", make: adam, grid: { beta1: [0, 0.9], beta2: secondMoments, epsilon: [] } },
  adamw: {
    title: "AdamW",
    make: adamw,
    grid: { beta1: [0, 0.9], beta2: secondMoments, epsilon: [], weightDecay: [0.01, 0.1] },
  },
  "sign-descent": { title: "sign descent", make: signDescent, grid: {} },
  lion: { title: "Lion", make: lion, grid: { beta1: [], beta2: [], weightDecay: [] } },
} satisfies Record<string, TextbookRule>;

export type TextbookName = keyof typeof rules;

/** The rules that `textbookRule` knows. */
export const textbookNames = Object.keys(rules) as readonly TextbookName[];

/** Their hyperparameters under the letters of the literature. */
const letters: Readonly<Record<string, string>> = {
  alpha: "learningRate",
  beta: "momentum",
  lambda: "weightDecay",
};

/** One setting of a rule. */
export interface Candidate {
  readonly policy: Policy;
  readonly hyperparameters: RuleSettings;
}

/** A rule and the settings of it that are tried. */
export interface Family {
  /** Such as "heavy ball". */
  readonly name: string;
  readonly candidates: readonly Candidate[];
}

/** Learning rates from 10⁻³ to 10, four to a decade. */
export const usualLearningRates: readonly number[] = Array.from({ length: 17 }, (_, i) => 10 ** (-3 + i / 4));

/**
 * Every combination of the learning rates and of what the rule's grid has for the hyperparameters that are not
 * given; with a learning rate given, only that one setting, with the rule's defaults.
 *
 * @throws Error when a hyperparameter is not one of the rule's, or out of its range
 */
export function familyOf(
  problem: NavigationProblem,
  name: TextbookName,
  given: RuleSettings = {},
  learningRates: readonly number[] = usualLearningRates,
): Family {
  const { title, make, grid }: TextbookRule = rules[name];
  const fixed = readHyperparameters(name, given);
  const axes = Object.entries({ learningRate: learningRates, ...grid }).filter(
    ([key, values]) => values.length > 0 && !(key in fixed) && !("learningRate" in fixed),
  );
  const settings = axes.reduce<readonly RuleSettings[]>(
    (made, [key, values]) => made.flatMap((each) => values.map((value) => ({ ...each, [key]: value }))),
    [fixed],
  );
  const policyOf = make as (problem: NavigationProblem, hyperparameters: RuleSettings) => Policy;
  return {
    name: title,
    candidates: settings.map((hyperparameters) => ({
      hyperparameters,
      policy: policyOf(problem, hyperparameters),
    })),
  };
}

function readHyperparameters(name: TextbookName, given: RuleSettings): RuleSettings {
  const { grid }: TextbookRule = rules[name];
  const accepted = ["learningRate", ...Object.keys(grid)];
  const read = Object.entries(given).map(([key, value]) => {
    const full = letters[key] ?? key;
    if (!accepted.includes(full))
      throw new Error(`${name}: hyperparameter must be one of ${accepted.join(", ")}, got ${key}`);
    return [full, value] as const;
  });
  return Object.fromEntries(read);
}
