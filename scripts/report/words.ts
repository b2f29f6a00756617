import type { Row, TrainingReport } from "../../agents/rediscover/report.js";
import { formatDuration, plainNumber } from "./numbers.js";

/** How a setting's policies were trained. */
export function trainingInWords({
  policy,
  trainer,
  iterations,
  steps,
  trainingSeconds,
}: TrainingReport): string {
  const { how, count } = trainers[trainer];
  return `${policy}, by ${how}: ${iterations} ${count} of ${steps} steps, ${formatDuration(trainingSeconds)} of training`;
}

const trainers = {
  bptt: { how: "back-propagation through time", count: "iterations" },
  es: { how: "evolution strategies", count: "generations" },
  ppo: { how: "proximal policy optimisation", count: "iterations" },
  pes: { how: "persistent evolution strategies", count: "updates" },
} as const;

/** What the rows of a setting are headed by. */
export function headingOf({ setting, trainer }: Row): string {
  return trainer ? `${setting}, by ${trainer}` : setting;
}

/** Such as "α = 0.1, β = 0.9"; a dash for a rule without any. */
export function hyperparameterText(hyperparameters: Readonly<Record<string, number>>): string {
  const parts = Object.entries(hyperparameters).map(([name, value]) => `${name} = ${plainNumber(value)}`);
  return parts.join(", ") || "–";
}

/** Keeps "name = value" on one line. */
export function unbroken(text: string): string {
  return text.replaceAll(" = ", "\u00a0=\u00a0");
}
