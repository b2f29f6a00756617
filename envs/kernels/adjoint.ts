import { Struct } from "./struct.js";

/** The fields of the kernels' `AdjointPlan`, in its order. */
const fields = [
  "count",
  "dimension",
  "adjoint",
  "before",
  "after",
  "minima",
  "actions",
  "diverged",
  "instances",
  "instanceStride",
  "actionGradients",
  "shownGradients",
  "shownParameters",
  "observationStride",
  "carry",
  "perLoss",
  "perMovement",
  "timeStep",
  "shape",
] as const;

type Field = (typeof fields)[number];
type RealField = "carry" | "perLoss" | "perMovement" | "timeStep" | "shape";

export const adjointPlanLength = fields.length;

export type AdjointPlan = Struct<Exclude<Field, RealField>, RealField>;

export function adjointPlanIn(memory: Float32Array): AdjointPlan {
  return new Struct<Exclude<Field, RealField>, RealField>(memory, fields);
}
