import { Struct } from "./struct.js";

/** The fields of the kernels' `Plan`, in its order: four bytes each. */
const fields = [
  "count",
  "dimension",
  "parameters",
  "before",
  "minima",
  "actions",
  "instances",
  "instanceStride",
  "noise",
  "noiseScale",
  "isFisher",
  "shownGradients",
  "gradientStride",
  "shownParameters",
  "parametersStride",
  "losses",
  "costs",
  "rewards",
  "timeStep",
  "perMovement",
  "perLoss",
  "shape",
  "slopes",
  "spareLosses",
  "scratch",
  "table",
  "labels",
  "exampleCount",
  "classes",
  "width",
  "chosen",
  "batchSize",
] as const;

type Field = (typeof fields)[number];
type RealField = "noiseScale" | "timeStep" | "perMovement" | "perLoss" | "shape";

/** Numbers of the memory that a plan takes. */
export const planLength = fields.length;

/** Where a batch of environments lies in memory, and the numbers of its problem. */
export type Plan = Struct<Exclude<Field, RealField>, RealField>;

export function planIn(memory: Float32Array): Plan {
  return new Struct<Exclude<Field, RealField>, RealField>(memory, fields);
}
