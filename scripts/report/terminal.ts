import type { ApplicationReport, PhenomenonReport, Report, Row } from "../../agents/rediscover/report.js";
import { cellsOf, estimateText } from "./cells.js";
import { formatDuration, plainNumber } from "./numbers.js";
import { problemInWords } from "./problem-words.js";
import { type Column, type TableRow, table, wrap } from "./table.js";
import type { TerminalStyle } from "./terminal-style.js";
import { headingOf, hyperparameterText, trainingInWords, unbroken } from "./words.js";

const width = 100;

const columns: readonly Column[] = [
  { heading: "quantity" },
  { heading: "predicted", align: "right" },
  { heading: "exact", align: "right" },
  { heading: "learned", align: "right" },
  { heading: "± 95 %" },
  { heading: "criterion" },
  { heading: "verdict" },
];

/** One phenomenon as text: the question, each problem with the rule that solves it, and the table. */
export function phenomenonText(report: PhenomenonReport, style: TerminalStyle): string {
  return [
    style.bold(report.title),
    "",
    ...wrap(report.question, width),
    "",
    ...report.settings.flatMap((setting) => [
      style.bold(setting.name),
      ...hanging("problem", problemInWords(setting.problem), style),
      ...hanging("rule", setting.rule, style),
      ...[setting, ...(setting.further ?? [])].flatMap((training) =>
        hanging("learned", trainingInWords(training), style),
      ),
      "",
    ]),
    ...rowTable(report.rows, style),
    "",
  ].join("\n");
}

/** A labelled paragraph, its text beside the label. */
export function hanging(label: string, text: string, style: TerminalStyle): string[] {
  const indent = 10;
  return unbroken(text)
    .split("\n")
    .flatMap((line) => wrap(line, width - indent))
    .map((line, index) => (index === 0 ? style.dim(label.padEnd(indent)) : " ".repeat(indent)) + line)
    .map((line) => line.trimEnd());
}

function rowTable(rows: readonly Row[], style: TerminalStyle): string[] {
  const lines = rows.flatMap((row, index): TableRow[] => [
    ...(index > 0 && headingOf(row) === headingOf(rows[index - 1]) ? [] : [style.bold(headingOf(row))]),
    cellsFor(row, style),
    ...(row.note ? wrap(row.note, width - 4).map((line) => style.dim(`    ${line}`)) : []),
  ]);
  return table(columns, lines, width);
}

function cellsFor(row: Row, style: TerminalStyle): TableRow {
  const cells = cellsOf(row);
  return [
    cells.quantity,
    cells.predicted,
    cells.exact,
    cells.learned,
    cells.interval,
    cells.criterion,
    { text: cells.verdict, style: cells.met ? style.good : style.bad },
  ];
}

const ruleColumns: readonly Column[] = [
  { heading: "rule" },
  { heading: "final loss", align: "right" },
  { heading: "steps to target", align: "right" },
  { heading: "reached", align: "right" },
  { heading: "hyperparameters", wraps: true },
];

/** The rules on real data as text. */
export function applicationText(report: ApplicationReport, style: TerminalStyle): string {
  const rows = report.rules.map((rule) => [
    rule.name,
    estimateText(rule.finalLoss),
    rule.reached === 0 ? "never" : estimateText(rule.stepsToTarget, 0),
    `${Math.round(100 * rule.reached)} %`,
    hyperparameterText(rule.hyperparameters),
  ]);
  return [
    style.bold(report.title),
    "",
    ...wrap(report.description, width),
    ...wrap(report.tuning, width),
    `Target loss ${plainNumber(report.target)}, optimum ${plainNumber(report.optimum)}, ${report.steps} steps.`,
    "",
    ...table(ruleColumns, rows, width),
    "",
  ].join("\n");
}

/** What the whole run found, in one line, and the rows that missed. */
export function conclusionText(report: Report, style: TerminalStyle): string {
  const rows = report.phenomena.flatMap((phenomenon) =>
    phenomenon.rows.map((row) => ({ row, title: phenomenon.phenomenon })),
  );
  const missed = rows.filter(({ row }) => row.verdict === "missed");
  const count = `${rows.length - missed.length} of ${rows.length} checks met in ${formatDuration(report.seconds)}.`;
  return [
    report.met ? style.good(count) : style.bad(count),
    ...missed.map(({ row, title }) => style.bad(missedText(row, title))),
  ].join("\n");
}

function missedText(row: Row, phenomenon: string): string {
  const { predicted, exact, learned, interval, criterion } = cellsOf(row);
  const found = [learned, interval].filter(Boolean).join(" ");
  const against = "of" in row.criterion ? ` (${row.criterion.of === "exact" ? exact : predicted})` : "";
  return `missed: ${phenomenon}, ${headingOf(row)}, ${row.quantity}: learned ${found}, criterion ${criterion}${against}`;
}
