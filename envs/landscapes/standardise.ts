import type { Matrix } from "../problem/problem.js";
import { Table, tableOf } from "./table.js";

/** Columns shifted and scaled to mean 0 and variance 1, as rows or as a table, like the argument. A constant column becomes 0. */
export function standardise(features: Matrix): number[][];
export function standardise(features: Table): Table;
export function standardise(features: Matrix | Table): number[][] | Table {
  const { columns, rows, values } = tableOf(features);
  const scaled = new Float64Array(values.length);
  for (let j = 0; j < columns; j++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += values[i * columns + j] / rows;
    let variance = 0;
    for (let i = 0; i < rows; i++) variance += (values[i * columns + j] - mean) ** 2 / rows;
    const scale = variance > 0 ? Math.sqrt(variance) : 1;
    for (let i = 0; i < rows; i++) scaled[i * columns + j] = (values[i * columns + j] - mean) / scale;
  }
  if (!("length" in features)) return new Table(columns, scaled);
  return features.map((_, i) => Array.from(scaled.subarray(i * columns, (i + 1) * columns)));
}
