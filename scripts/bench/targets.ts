import type { ColumnName } from "./contender.js";
import type { MeasuredRow } from "./measure.js";

/** A ratio of two measurements of one run, and what it must be. */
interface Target {
  readonly text: string;
  readonly above: Measurement;
  readonly below: Measurement;
  readonly atLeast: number;
}

interface Measurement {
  readonly id: string;
  readonly column: ColumnName;
}

export interface TargetResult {
  readonly text: string;
  /** Such as "≥ 0.8". */
  readonly bound: string;
  readonly value: number;
  readonly met: boolean;
}

const dimensions = [2, 16, 128, 1024];
const networks = ["mlp-16", "mlp-32", "mlp-32-32", "gru-16"];
const training = ["bptt/mlp-32-32", "bptt/gru-16"];

/** How many times as fast as another column one is: the other's time over its own. */
function speed(id: string, column: ColumnName, than: ColumnName, atLeast: number): Target {
  return {
    text: `${id}: speed of ${column} over ${than}`,
    above: { id, column: than },
    below: { id, column },
    atLeast,
  };
}

const targets: readonly Target[] = [
  ...dimensions.flatMap((dimension) => [
    speed(`step/exact/D=${dimension}`, "wasm", "native", 0.4),
    speed(`step/noisy/D=${dimension}`, "wasm", "native", 0.22),
    speed(`step/noisy/D=${dimension}`, "wasm", "c128", 0.8),
    speed(`step/exact/D=${dimension}`, "wasm", "idiomatic", 20),
  ]),
  ...[2, 16].flatMap((dimension) => [
    speed(`step/exact/D=${dimension}`, "wasm", "jax", 8),
    speed(`step/noisy/D=${dimension}`, "wasm", "jax", 3),
  ]),
  ...networks.flatMap((name) => [
    speed(`policy/${name}`, "wasm", "native", 0.25),
    speed(`policy/${name}`, "wasm", "c128", 0.9),
  ]),
  ...[2, 16, 128].map((dimension) => ({
    text: `api/step/D=${dimension}: speed of stepInto over the bare kernel`,
    above: { id: `step/exact/D=${dimension}`, column: "wasm" as const },
    below: { id: `api/step/D=${dimension}`, column: "wasm" as const },
    atLeast: 0.8,
  })),
  speed("pes/mlp-32-32/workers=2", "wasm", "jax", 2),
  ...training.map((name) => speed(`${name}/workers=2`, "wasm", "jax", 1)),
  ...["es/mlp-32-32", "pes/mlp-32-32", ...training].map((name) => ({
    text: `${name}: speed of two workers over one`,
    above: { id: `${name}/workers=1`, column: "wasm" as const },
    below: { id: `${name}/workers=2`, column: "wasm" as const },
    atLeast: 1.8,
  })),
];

/** The targets that a run has the measurements for. */
export function judge(rows: readonly MeasuredRow[]): readonly TargetResult[] {
  const medianOf = ({ id, column }: Measurement) =>
    rows.find((row) => row.id === id)?.columns[column]?.median;
  return targets.flatMap(({ text, above, below, atLeast }) => {
    const [numerator, denominator] = [medianOf(above), medianOf(below)];
    if (numerator === undefined || denominator === undefined) return [];
    const value = numerator / denominator;
    return [{ text, bound: `≥ ${atLeast}`, value, met: value >= atLeast }];
  });
}
