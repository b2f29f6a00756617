import type { Criterion, Estimate, Row } from "../../agents/rediscover/report.js";
import { decimalsFor, formatNumber, plainNumber } from "./numbers.js";

/** One row of the table as text, the same in the terminal and on the page. */
export interface RowCells {
  readonly quantity: string;
  readonly predicted: string;
  readonly exact: string;
  readonly learned: string;
  /** Half the 95 % interval, such as "± 0.012"; empty for one seed. */
  readonly interval: string;
  readonly criterion: string;
  readonly verdict: string;
  readonly met: boolean;
}

export function cellsOf(row: Row): RowCells {
  const decimals = decimalsOf(row);
  const unit = "unit" in row.criterion && row.criterion.unit ? ` ${row.criterion.unit}` : "";
  const show = (value: number | undefined) =>
    value === undefined ? "–" : `${formatNumber(value, decimals)}${unit}`;
  const met = row.verdict === "met";
  return {
    quantity: row.quantity,
    predicted: show(row.predicted),
    exact: show(row.exact),
    learned: row.learned.interval ? formatNumber(row.learned.mean, decimals) : show(row.learned.mean),
    interval: row.learned.interval ? intervalText(row.learned, decimals) + unit : "",
    criterion: criterionText(row.criterion),
    verdict: met ? "✓ met" : "✗ missed",
    met,
  };
}

function criterionText(criterion: Criterion): string {
  switch (criterion.kind) {
    case "within":
      return `${criterion.of} ± ${plainNumber(criterion.tolerance)}`;
    case "outside":
      return `not ${criterion.of} ± ${plainNumber(criterion.tolerance)}`;
    case "at most":
      return `≤ ${plainNumber(criterion.limit)}${criterion.unit && ` ${criterion.unit}`}`;
    case "at least":
      return `≥ ${plainNumber(criterion.limit)}${criterion.unit && ` ${criterion.unit}`}`;
  }
}

/** An estimate on its own, such as "0.613 ± 0.012". */
export function estimateText(
  estimate: Estimate,
  decimals: number = estimateDecimals(estimate, [estimate.mean]),
): string {
  return [formatNumber(estimate.mean, decimals), intervalText(estimate, decimals)].filter(Boolean).join(" ");
}

function intervalText({ interval }: Estimate, decimals: number): string {
  return interval ? `± ${formatNumber(halfWidth(interval), decimals)}` : "";
}

function halfWidth([low, high]: readonly [number, number]): number {
  return (high - low) / 2;
}

function decimalsOf({ predicted, exact, learned }: Row): number {
  return estimateDecimals(
    learned,
    [predicted, exact, learned.mean].filter((value) => value !== undefined),
  );
}

/** Two digits of the interval's half-width, but no more than four and no fewer than two of the largest value. */
function estimateDecimals({ interval }: Estimate, values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  if (!interval || interval[1] === interval[0]) return decimalsFor(largest, 3);
  const wanted = decimalsFor(halfWidth(interval), 2);
  return Math.min(Math.max(wanted, decimalsFor(largest, 2)), decimalsFor(largest, 4));
}
