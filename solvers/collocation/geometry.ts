import { Matrix } from "ml-matrix";
import type { NavigationProblem, Matrix as Rows, Vector } from "../../envs/problem/problem.js";
import { symmetrise, toMatrix } from "../dense.js";
import { type ControlField, driftAt } from "../hjb/control-field.js";
import type { Geometry } from "./lagrangian.js";

/** What stands in place of the problem's constant metric and affine drift. */
export interface GivenGeometry {
  readonly metric?: (parameters: Vector) => Rows;
  readonly drift?: (parameters: Vector) => Vector;
}

/** N(θ) = B⁻ᵀG(θ)B⁻¹/η and f(θ), where one of them is given. */
export function geometryOf(
  { objective: { mobility } }: NavigationProblem,
  field: ControlField,
  { metric, drift }: GivenGeometry,
): Geometry | undefined {
  if (!metric && !drift) return undefined;
  const d = field.dimension;
  const back = Matrix.from1DArray(d, d, Array.from(field.unpush));
  const weigh = (at: Vector, given: NonNullable<typeof metric>) => {
    const pulled = back
      .transpose()
      .mmul(sized("metric", given(at), d))
      .mmul(back);
    return Float64Array.from(symmetrise(pulled).div(mobility).to1DArray());
  };
  return {
    effortAt: (at) => (metric ? weigh(Array.from(at), metric) : field.effort),
    driftAt: (at) => (drift ? velocity(drift(Array.from(at)), d) : driftAt(field, at)),
  };
}

function sized(name: string, rows: Rows, d: number): Matrix {
  if (rows.length !== d || rows.some((row) => row.length !== d))
    throw new Error(`${name}: must return shape [${d}, ${d}], got [${rows.length}, ${rows[0]?.length}]`);
  return toMatrix(rows);
}

function velocity(values: Vector, d: number): Float64Array {
  if (values.length !== d) throw new Error(`drift: must return shape [${d}], got [${values.length}]`);
  return Float64Array.from(values);
}
