import type { ComparedPolicy, Measured, PolicyComparison } from "../../agents/index.js";
import type { NavigationProblem } from "../../envs/index.js";
import { decimalsFor, formatNumber, plainNumber } from "./numbers.js";
import { problemInWords } from "./problem-words.js";
import { type Column, table } from "./table.js";
import { hanging } from "./terminal.js";
import type { TerminalStyle } from "./terminal-style.js";

const width = 100;

/** Those that cost least first. */
export function ranked({ policies }: Pick<PolicyComparison, "policies">): readonly ComparedPolicy[] {
  return [...policies].sort((a, b) => a.meanCost - b.meanCost);
}

/** A comparison as text. */
export function comparisonText(
  problem: NavigationProblem,
  comparison: PolicyComparison,
  optimum: string,
  style: TerminalStyle,
): string {
  const field = (label: string, text: string) => hanging(label, text, style);
  return [
    ...field("problem", problemInWords(problem)),
    ...field("compared", `on ${episodesInWords(comparison)}`),
    ...field("regret", `mean cost beyond ${referenceInWords(comparison)}`),
    ...(comparison.reference.kind === "optimum" ? [] : field("optimum", optimum)),
    ...tuningLines(comparison, field),
    "",
    ...table(columnsFor(comparison), ranked(comparison).map(rowOf), width),
  ].join("\n");
}

/** Such as "512 held-out episodes (8 seeds of 64, 60 steps each), the same ones for every policy". */
export function episodesInWords({ seeds, episodes, steps }: PolicyComparison): string {
  const split = seeds === 1 ? "" : `${seeds} seeds of ${episodes}, `;
  return `${seeds * episodes} held-out episodes (${split}${steps} steps each), the same ones for every policy`;
}

export function referenceInWords({ reference: { kind, name } }: PolicyComparison): string {
  return kind === "optimum" ? "the exact optimum" : `the best found, ${name}`;
}

function tuningLines(
  { policies }: PolicyComparison,
  field: (label: string, text: string) => string[],
): string[] {
  const tuned = policies.flatMap(({ name, tuning }) => (tuning ? [{ name, ...tuning }] : []));
  if (tuned.length === 0) return [];
  const settings = tuned.map(({ name, settings }) => `${name}: ${settings}`).join("; ");
  return field(
    "tuning",
    `least mean cost on ${tuned[0].episodes} other episodes; settings tried of ${settings}`,
  );
}

function columnsFor({ confidence }: PolicyComparison): readonly Column[] {
  const interval: Column = { heading: `${plainNumber(100 * confidence)} %`, align: "right" };
  return [
    { heading: "policy" },
    { heading: "regret %", align: "right" },
    interval,
    { heading: "cost", align: "right" },
    interval,
    { heading: "diverged", align: "right" },
    { heading: "hyperparameters", wraps: true },
  ];
}

function rowOf({
  name,
  regretPercent,
  cost,
  diverged,
  hyperparameters = {},
}: ComparedPolicy): readonly string[] {
  return [
    name,
    ...(regretPercent ? measuredCells(regretPercent) : ["–", ""]),
    ...measuredCells(cost),
    diverged === 0 ? "–" : `${formatNumber(100 * diverged, diverged < 0.01 ? 1 : 0)} %`,
    settingsInWords(hyperparameters),
  ];
}

const letters: Readonly<Record<string, string>> = {
  learningRate: "α",
  momentum: "β",
  beta1: "β₁",
  beta2: "β₂",
  epsilon: "ε",
  weightDecay: "λ",
  decay: "ρ",
};

/** Such as "α 0.0316, β 0.9", in the letters of the literature. */
function settingsInWords(hyperparameters: Readonly<Record<string, number>>): string {
  const parts = Object.entries(hyperparameters).map(
    ([name, value]) => `${letters[name] ?? name}\u00a0${plainNumber(Number(value.toPrecision(3)))}`,
  );
  return parts.join(", ") || "–";
}

/** A value and its interval, with as many decimals as the interval deserves. */
export function measuredCells({
  value,
  interval: [low, high],
}: Measured): readonly [value: string, interval: string] {
  const half = (high - low) / 2;
  const decimals = half > 0 ? decimalsFor(half, 2) : decimalsFor(value, 3);
  const show = (number: number) => formatNumber(number, decimals);
  return [show(value), `[${show(low)}, ${show(high)}]`];
}
