import { halfWidth95, mean } from "../probes/statistics.js";
import type { Criterion, Estimate, Row } from "./report.js";

/** A mean over training seeds with its 95 % interval. */
export function estimate(values: readonly number[]): Estimate {
  const center = mean(values);
  const half = halfWidth95(values);
  return half === undefined
    ? { mean: center, values }
    : { mean: center, interval: [center - half, center + half], values };
}

/** A line of the table, with the verdict that its numbers give. */
export function row({
  learned,
  ...rest
}: Omit<Row, "learned" | "verdict"> & { readonly learned: readonly number[] }): Row {
  const summary = estimate(learned);
  return { ...rest, learned: summary, verdict: judge(summary.mean, rest.criterion, rest) ? "met" : "missed" };
}

function judge(
  value: number,
  criterion: Criterion,
  { predicted, exact }: Pick<Row, "predicted" | "exact">,
): boolean {
  switch (criterion.kind) {
    case "within":
    case "outside": {
      const reference = criterion.of === "predicted" ? predicted : exact;
      if (reference === undefined) throw new Error(`row: a criterion of the ${criterion.of} value needs one`);
      const within = Math.abs(value - reference) <= criterion.tolerance;
      return criterion.kind === "within" ? within : Number.isFinite(value) && !within;
    }
    case "at most":
      return value <= criterion.limit;
    case "at least":
      return value >= criterion.limit;
  }
}
