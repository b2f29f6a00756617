import { batchSizeOf } from "../dynamics/minibatches.js";
import { noiseOf } from "../dynamics/slopes.js";
import { classCount } from "../landscapes/network-sizes.js";
import { tableOf, tableShape, withOnes } from "../landscapes/table.js";
import type { NavigationProblem, RegressionSpec } from "../problem/problem.js";
import { roundUp } from "./families.js";
import type { Plan } from "./plan.js";

/** The arrays that softmax regression needs. */
interface TableArrays {
  readonly scratch: Float32Array;
  readonly table: Float32Array;
  readonly labels: Float32Array;
  readonly chosen: Float32Array;
}

export function tableLengths(problem: NavigationProblem, count: number) {
  const { landscape } = problem;
  if (landscape.kind !== "regression") return { scratch: 0, table: 0, labels: 0, chosen: 0 };
  const { rows, columns } = tableShape(landscape.features);
  const stride = roundUp(columns + 1);
  const classes = classCount(landscape.labels);
  return {
    scratch: 2 * classes * stride + classes,
    table: rows * stride,
    labels: rows,
    chosen: count * batchSizeOf(noiseOf(problem)),
  };
}

/** Writes the table to memory, each row with a last 1 for the bias and padded, and its place to the plan. */
export function setTable(
  plan: Plan,
  { features, labels }: RegressionSpec,
  problem: NavigationProblem,
  arrays: TableArrays,
): void {
  const { columns, rows, values } = withOnes(tableOf(features));
  const stride = roundUp(columns);
  for (let e = 0; e < rows; e++)
    arrays.table.set(values.subarray(e * columns, (e + 1) * columns), e * stride);
  new Int32Array(arrays.labels.buffer, arrays.labels.byteOffset, rows).set(labels);
  plan.set("scratch", arrays.scratch.byteOffset);
  plan.set("table", arrays.table.byteOffset);
  plan.set("labels", arrays.labels.byteOffset);
  plan.set("exampleCount", rows);
  plan.set("classes", classCount(labels));
  plan.set("width", columns);
  plan.set("chosen", arrays.chosen.byteOffset);
  plan.set("batchSize", batchSizeOf(noiseOf(problem)));
}
