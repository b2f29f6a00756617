import type { SettingReport } from "../../agents/rediscover/report.js";
import { formatDuration, plainNumber } from "./numbers.js";

/** How a setting's policies were trained. */
export function trainingInWords({
  policy,
  trainer,
  iterations,
  steps,
  trainingSeconds,
}: SettingReport): string {
  const how = trainer === "es" ? "evolution strategies" : "back-propagation through time";
  const count = trainer === "es" ? "generations" : "iterations";
  return `${policy}, by ${how}: ${iterations} ${count} of ${steps} steps, ${formatDuration(trainingSeconds)}`;
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
