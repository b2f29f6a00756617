import { show } from "./words.js";

/** A textbook rule, tuned, beside the optimum of a problem. */
export interface Comparison {
  readonly rule: string;
  readonly hyperparameters: Readonly<Record<string, number>>;
  /** (J_rule − J)/J, where J is the cost of the solution's policy. */
  readonly excessCost: number;
  /** Of `excessCost`; 0 where both costs are in closed form. */
  readonly standardError: number;
}

/** The rule that costs least; of rules that cost the same, the one with the fewest hyperparameters. */
export function nearestOf(comparisons: readonly Comparison[]): Comparison | undefined {
  const size = ({ hyperparameters }: Comparison) => Object.keys(hyperparameters).length;
  return comparisons.reduce<Comparison | undefined>((best, each) => {
    if (!best) return each;
    const same = Math.abs(each.excessCost - best.excessCost) <= 1e-6;
    return (same ? size(each) < size(best) : each.excessCost < best.excessCost) ? each : best;
  }, undefined);
}

const symbols: Readonly<Record<string, string>> = {
  learningRate: "α",
  momentum: "β",
  weight: "λ",
  beta1: "β₁",
  beta2: "β₂",
};

/** Such as "heavy ball (α = 0.05, β = 0.8) costs 3.1 % more than the optimum". */
export function inWords(
  { rule, hyperparameters, excessCost, standardError }: Comparison,
  reference: string,
): string {
  const percent = (share: number) => (Math.abs(share) < 1e-7 ? 0 : Number((100 * share).toPrecision(2)));
  const error = standardError === 0 ? "" : ` ± ${percent(standardError)}`;
  const values = Object.entries(hyperparameters).map(
    ([name, value]) => `${symbols[name] ?? name} = ${show(value)}`,
  );
  return `${rule} (${values.join(", ")}) costs ${percent(excessCost)}${error} % more than ${reference}`;
}
