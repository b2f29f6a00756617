import type { LandscapeSpec } from "../problem/problem.js";
import { custom } from "./custom.js";
import { doubleWell } from "./double-well.js";
import type { Landscape } from "./landscape.js";
import { quadratic } from "./quadratic.js";
import { regression } from "./regression.js";

/** The landscape that a specification describes. */
export function createLandscape(spec: LandscapeSpec): Landscape {
  switch (spec.kind) {
    case "quadratic":
      return quadratic(spec);
    case "double-well":
      return doubleWell(spec);
    case "regression":
      return regression(spec);
    case "custom":
      return custom(spec);
  }
}
