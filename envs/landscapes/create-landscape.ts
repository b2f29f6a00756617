import type { LandscapeSpec } from "../problem/problem.js";
import { ackley } from "./ackley.js";
import { beale } from "./beale.js";
import { custom } from "./custom.js";
import { doubleWell } from "./double-well.js";
import { expression } from "./expression.js";
import { griewank } from "./griewank.js";
import { himmelblau } from "./himmelblau.js";
import type { Landscape } from "./landscape.js";
import { levy } from "./levy.js";
import { linearRegression } from "./linear-regression.js";
import { matrixFactorisation } from "./matrix-factorisation.js";
import { network } from "./network.js";
import { quadratic } from "./quadratic.js";
import { randomDoubleWell } from "./random-double-well.js";
import { randomQuadratic } from "./random-quadratic.js";
import { rastrigin } from "./rastrigin.js";
import { regression } from "./regression.js";
import { rosenbrock } from "./rosenbrock.js";
import { saddle } from "./saddle.js";
import { stream } from "./stream.js";
import { styblinskiTang } from "./styblinski-tang.js";

/** The landscape that a specification describes. */
export function createLandscape(spec: LandscapeSpec): Landscape {
  switch (spec.kind) {
    case "ackley":
      return ackley(spec.dimension);
    case "beale":
      return beale();
    case "custom":
      return custom(spec);
    case "double-well":
      return doubleWell(spec);
    case "expression":
      return expression(spec);
    case "griewank":
      return griewank(spec.dimension);
    case "himmelblau":
      return himmelblau();
    case "levy":
      return levy(spec.dimension);
    case "linear-regression":
      return linearRegression(spec);
    case "matrix-factorisation":
      return matrixFactorisation(spec);
    case "network":
      return network(spec);
    case "quadratic":
      return quadratic(spec);
    case "random-double-well":
      return randomDoubleWell(spec);
    case "random-quadratic":
      return randomQuadratic(spec);
    case "rastrigin":
      return rastrigin(spec);
    case "regression":
      return regression(spec);
    case "rosenbrock":
      return rosenbrock(spec);
    case "saddle":
      return saddle(spec);
    case "stream":
      return stream(spec);
    case "styblinski-tang":
      return styblinskiTang(spec.dimension);
  }
}
