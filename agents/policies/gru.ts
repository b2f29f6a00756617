import { hidesMinimum, isLogUniform, type NavigationProblem } from "../../envs/index.js";
import { coordinateModel } from "./coordinate-model.js";
import { type CoordinateLayout, coordinateLayout } from "./coordinates.js";
import { diagonalOf, optimalGain, steepestCurvature } from "./gains.js";
import { gruNetwork, type RecurrentShape } from "./gru-network.js";
import { type ImpliedMinimum, impliedMinimumHead, impliedMinimumSkip } from "./implied-minimum.js";
import type { LstmConfig } from "./lstm.js";
import type { PolicyModel } from "./model.js";
import type { Network } from "./network.js";
import { type ScaleFree, scaleFreeHead, scaleFreeSkip } from "./scale-free.js";

/** A gated recurrent unit per coordinate, and what it is told. */
export interface GruConfig {
  readonly kind: "gru";
  readonly layout: CoordinateLayout;
  /** Units of memory. Default 16 with scale-free inputs, 24 with the implied minimum. */
  readonly units: number;
  readonly inputs: ScaleFree | ImpliedMinimum;
}

export interface GruOptions {
  readonly units?: number;
  /** Default: the implied minimum where curvature is known and the minimum is hidden, else scale-free. */
  readonly inputs?: GruConfig["inputs"];
}

export function gruFor(problem: NavigationProblem, options: GruOptions = {}): GruConfig {
  const layout = coordinateLayout(problem);
  const inputs = options.inputs ?? inputsFor(problem, layout);
  const { units = inputs.kind === "scale-free" ? 16 : 24 } = options;
  return { kind: "gru", layout, units, inputs };
}

function inputsFor(problem: NavigationProblem, layout: CoordinateLayout): GruConfig["inputs"] {
  const { landscape } = problem;
  const known = landscape.kind === "quadratic" && !isLogUniform(landscape.curvature);
  return known && hidesMinimum(problem) && layout.parametersOffset !== null
    ? impliedMinimumFor(problem)
    : scaleFreeFor(problem);
}

export function scaleFreeFor(problem: NavigationProblem): ScaleFree {
  return {
    kind: "scale-free",
    gain: optimalGain(problem, steepestCurvature(problem)),
    clocks: [10, 100],
    epsilon: 1e-4,
  };
}

/** @throws when the problem does not have a known quadratic curvature. */
export function impliedMinimumFor(problem: NavigationProblem): ImpliedMinimum {
  const { landscape, task } = problem;
  if (landscape.kind !== "quadratic" || isLogUniform(landscape.curvature)) {
    throw new Error("landscape.curvature: implied-minimum inputs need a known quadratic curvature");
  }
  const curvature = diagonalOf(landscape.curvature);
  const variances = task.covariance ? diagonalOf(task.covariance) : [1];
  const meanVariance = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  return {
    kind: "implied-minimum",
    curvature,
    center: task.mean ?? landscape.minimum,
    scale: Math.sqrt(meanVariance) || 1,
    rate: curvature.map((h) => h * optimalGain(problem, h)),
  };
}

export function gru(config: GruConfig): PolicyModel {
  return recurrent(config, gruNetwork);
}

/** A recurrent network per coordinate, between the inputs and actions of its config. */
export function recurrent(
  config: GruConfig | LstmConfig,
  networkOf: (shape: RecurrentShape) => Network,
): PolicyModel {
  const { layout, units, inputs } = config;
  const skip = inputs.kind === "scale-free" ? scaleFreeSkip(inputs) : impliedMinimumSkip();
  const head = inputs.kind === "scale-free" ? scaleFreeHead(inputs) : impliedMinimumHead(inputs, layout);
  const network = networkOf({ inputs: skip[0].length, units, skip });
  return coordinateModel(config, network, head);
}
