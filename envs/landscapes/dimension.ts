import type { LandscapeSpec } from "../problem/problem.js";
import { classCount, networkDimension } from "./network-sizes.js";
import { tableShape } from "./table.js";

/** d, the number of parameters. */
export function landscapeDimension(spec: LandscapeSpec): number {
  switch (spec.kind) {
    case "regression":
      return classCount(spec.labels) * (tableShape(spec.features).columns + 1);
    case "linear-regression": {
      const [target] = spec.targets;
      return (typeof target === "number" ? 1 : target.length) * (tableShape(spec.features).columns + 1);
    }
    case "network":
      return networkDimension(spec);
    case "matrix-factorisation":
      return spec.rank * (spec.matrix.length + spec.matrix[0].length);
    case "stream":
      return landscapeDimension(spec.base);
    default:
      return spec.dimension;
  }
}
