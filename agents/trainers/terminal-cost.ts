import { dimensionOf, hidesCurvature, type NavigationProblem } from "../../envs/index.js";
import { informedValue } from "../../solvers/informed-value.js";

/**
 * Cost of what lies beyond the last step, V(θ_T, μ_T), of a batch of environments. Arrays are row-major:
 * `parameters` and `minima` `[count, dimension]`, `instances` `[count, instanceSize]`.
 */
export interface BatchTerminalCost {
  /** Writes V `[count]`. */
  value(
    parameters: Float64Array,
    minima: Float64Array,
    instances: Float64Array,
    count: number,
    out: Float64Array,
  ): void;
  /** Writes ∂V/∂θ `[count, dimension]`. */
  gradient(
    parameters: Float64Array,
    minima: Float64Array,
    instances: Float64Array,
    count: number,
    out: Float64Array,
  ): void;
}

/** A terminal cost as plain data. */
export type TerminalSpec =
  /** The cost-to-go of a learner that is told everything, so that stopping early gains nothing. */
  | "informed-value"
  /** Nothing is charged after the last step. */
  | "none";

/** "informed-value" where it is known and finite and the problem does not end for good, else "none". */
export function defaultTerminal(problem: NavigationProblem): TerminalSpec {
  const { landscape, objective, geometry, task } = problem;
  const rests = objective.discountRate > 0 || (task.kind === "static" && !geometry.drift);
  const known = landscape.kind === "quadratic" && !(hidesCurvature(problem) && !isSeparable(problem));
  return known && rests && objective.horizon === undefined ? "informed-value" : "none";
}

/** What the informed value needs of a problem with a hidden curvature: coordinates that do not mix or change. */
function isSeparable({ geometry, task }: NavigationProblem): boolean {
  return task.kind === "static" && !geometry.metric && !geometry.control && !geometry.drift;
}

/**
 * The terminal cost that a specification describes, on one problem; undefined for "none".
 *
 * @throws Error when the informed value is not known, or is infinite
 */
export function createTerminalCost(
  spec: TerminalSpec,
  problem: NavigationProblem,
): BatchTerminalCost | undefined {
  if (spec === "none") return undefined;
  const informed = informedValue(problem);
  const origin = new Float64Array(dimensionOf(problem));
  const cost = new Float64Array(1);
  informed.evaluate(
    origin,
    origin,
    origin.map(() => 1),
    1,
    cost,
    null,
  );
  if (!Number.isFinite(cost[0]))
    throw new Error(
      'terminal: "informed-value" is infinite when nothing is discounted and resting costs; use "none"',
    );
  return {
    value: (parameters, minima, instances, count, out) =>
      informed.evaluate(parameters, minima, instances, count, out, null),
    gradient: (parameters, minima, instances, count, out) =>
      informed.evaluate(parameters, minima, instances, count, null, out),
  };
}
