import type { ColumnName } from "./contender.js";
import type { MeasuredRow } from "./measure.js";

/** A ratio of two measurements of one run, and what it must be. */
interface Target {
  readonly text: string;
  readonly above: Measurement;
  readonly below: Measurement;
  readonly atMost?: number;
  readonly atLeast?: number;
}

interface Measurement {
  readonly id: string;
  readonly column: ColumnName;
}

export interface TargetResult {
  readonly text: string;
  /** Such as "≤ 1.7". */
  readonly bound: string;
  readonly value: number;
  readonly met: boolean;
}

const dimensions = [2, 16, 128, 1024];
const networks = ["mlp-16", "mlp-32", "mlp-32-32", "gru-16"];
const training = ["bptt/mlp-32-32", "bptt/gru-16"];

function ratio(
  text: string,
  id: string,
  above: ColumnName,
  below: ColumnName,
  bound: Partial<Target>,
): Target {
  return { text: `${id}: ${text}`, above: { id, column: above }, below: { id, column: below }, ...bound };
}

const targets: readonly Target[] = [
  ...dimensions.flatMap((dimension) => [
    ratio("wasm / C at 128 bits", `step/exact/D=${dimension}`, "wasm", "c128", { atMost: 1.7 }),
    ratio("wasm / C at 128 bits", `step/noisy/D=${dimension}`, "wasm", "c128", { atMost: 1.2 }),
    ratio("JAX / wasm", `step/exact/D=${dimension}`, "jax", "wasm", { atLeast: 2 }),
    ratio("JAX / wasm", `step/noisy/D=${dimension}`, "jax", "wasm", { atLeast: 2 }),
    ratio("idiomatic / wasm", `step/noisy/D=${dimension}`, "idiomatic", "wasm", { atLeast: 20 }),
    ratio("idiomatic / reference", `step/exact/D=${dimension}`, "idiomatic", "reference", { atLeast: 5 }),
  ]),
  ...[2, 16, 128].flatMap((dimension) =>
    (["reference", "wasm"] as const).map((column) => ({
      text: `api/step/D=${dimension}: stepInto / bare kernel, ${column}`,
      above: { id: `api/step/D=${dimension}`, column },
      below: { id: `step/exact/D=${dimension}`, column },
      atMost: 1.5,
    })),
  ),
  ...networks.map((name) => ratio("wasm / native C", `policy/${name}`, "wasm", "native", { atMost: 4 })),
  ...["es/mlp-32-32", "pes/mlp-32-32", ...training].map((name) => ({
    text: `${name}: one worker / two workers`,
    above: { id: `${name}/workers=1`, column: "wasm" as const },
    below: { id: `${name}/workers=2`, column: "wasm" as const },
    atLeast: 1.8,
  })),
  ...["pes/mlp-32-32", ...training].flatMap((name) =>
    [1, 2].map((workers) => ratio("JAX / wasm", `${name}/workers=${workers}`, "jax", "wasm", { atLeast: 1 })),
  ),
];

/** The targets that a run has the measurements for. */
export function judge(rows: readonly MeasuredRow[]): readonly TargetResult[] {
  const medianOf = ({ id, column }: Measurement) =>
    rows.find((row) => row.id === id)?.columns[column]?.median;
  return targets.flatMap(({ text, above, below, atMost = Number.POSITIVE_INFINITY, atLeast }) => {
    const [numerator, denominator] = [medianOf(above), medianOf(below)];
    if (numerator === undefined || denominator === undefined) return [];
    const value = numerator / denominator;
    const met = atLeast === undefined ? value <= atMost : value >= atLeast;
    return [{ text, bound: atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`, value, met }];
  });
}
