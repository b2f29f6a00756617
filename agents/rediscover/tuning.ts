import { type NavigationProblem, type Policy, rollout, type Seed } from "../../envs/index.js";
import { adam, gradientDescent, heavyBall } from "../../solvers/index.js";
import { mean } from "../probes/statistics.js";

export interface Candidate {
  readonly name: string;
  readonly policy: Policy;
  readonly hyperparameters: Readonly<Record<string, number>>;
}

/** One textbook rule and the settings of it that are tried. */
export interface Family {
  readonly name: string;
  readonly candidates: readonly Candidate[];
}

/** Learning rates from 10⁻³ to 10, four to a decade. */
const LEARNING_RATES = Array.from({ length: 17 }, (_, i) => 10 ** (-3 + i / 4));

export function textbookFamilies(problem: NavigationProblem): readonly Family[] {
  const family = (
    name: string,
    grid: readonly Readonly<Record<string, number>>[],
    make: (at: Readonly<Record<string, number>>) => Policy,
  ): Family => ({
    name,
    candidates: grid.map((hyperparameters) => ({ name, hyperparameters, policy: make(hyperparameters) })),
  });
  const rates = LEARNING_RATES.map((learningRate) => ({ learningRate }));
  const crossed = <T extends object>(others: readonly T[]) =>
    rates.flatMap((rate) => others.map((other) => ({ ...rate, ...other })));
  return [
    family("gradient descent", rates, ({ learningRate }) => gradientDescent(problem, { learningRate })),
    family(
      "heavy ball",
      crossed([{ momentum: 0.5 }, { momentum: 0.9 }, { momentum: 0.97 }]),
      ({ learningRate, momentum }) => heavyBall(problem, { learningRate, momentum }),
    ),
    family(
      "Adam",
      crossed([0, 0.9].flatMap((beta1) => [0.98, 0.999].map((beta2) => ({ beta1, beta2 })))),
      ({ learningRate, beta1, beta2 }) => adam(problem, { learningRate, beta1, beta2 }),
    ),
  ];
}

/** The candidate with the least mean final loss. A run that diverged counts with the loss of its penalty. */
export function tune(
  problem: NavigationProblem,
  { candidates }: Family,
  { steps, runs, seed }: { readonly steps: number; readonly runs: number; readonly seed: Seed },
): Candidate {
  const score = ({ policy }: Candidate) =>
    mean(rollout(problem, policy, { episodes: runs, steps, seed }).finalLosses);
  const scores = candidates.map(score);
  return candidates[scores.indexOf(Math.min(...scores))];
}
