import { table } from "../report/table.js";
import { columnNames } from "./contender.js";
import type { MeasuredRow, Spread } from "./measure.js";
import { judge } from "./targets.js";

/** Rows and targets as text tables: medians, with the least and the most of each. */
export function textOf(rows: readonly MeasuredRow[]): string {
  const shown = columnNames.filter((name) => rows.some(({ columns }) => columns[name]));
  const results = table(
    [
      { heading: "row" },
      { heading: "unit" },
      ...shown.map((heading) => ({ heading, align: "right" as const })),
    ],
    rows.map(({ id, unit, columns }) => [id, unit, ...shown.map((name) => cell(columns[name]))]),
    Number.POSITIVE_INFINITY,
  );
  const judged = judge(rows);
  if (judged.length === 0) return `${results.join("\n")}\n`;
  const targets = table(
    [{ heading: "target" }, { heading: "bound" }, { heading: "measured", align: "right" }, { heading: "" }],
    judged.map(({ text, bound, value, met }) => [text, bound, value.toPrecision(3), met ? "met" : "missed"]),
  );
  return `${[...results, "", ...targets].join("\n")}\n`;
}

/** The same for docs/benchmarks.md: medians only. */
export function markdownOf(rows: readonly MeasuredRow[]): string {
  const shown = columnNames.filter((name) => rows.some(({ columns }) => columns[name]));
  const results = rows.map(({ id, unit, columns }) => [
    `\`${id}\``,
    unit,
    ...shown.map((name) => number(columns[name]?.median)),
  ]);
  const targets = judge(rows).map(({ text, bound, value, met }) => [
    text,
    bound,
    value.toPrecision(3),
    met ? "met" : "missed",
  ]);
  const parts = [markdownTable(["row", "unit", ...shown], results)];
  if (targets.length > 0) parts.push(markdownTable(["target", "bound", "measured", ""], targets));
  return parts.join("\n");
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("");
}

function cell(spread: Spread | undefined): string {
  return spread ? `${number(spread.median)} [${number(spread.min)}, ${number(spread.max)}]` : "";
}

function number(value: number | undefined): string {
  if (value === undefined) return "";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
