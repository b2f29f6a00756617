import type { NavigationProblem, Matrix as Rows, Vector } from "../envs/problem/problem.js";
import { geometryOf } from "./collocation/geometry.js";
import { bowsFor } from "./collocation/guess.js";
import { type Lagrangian, lagrangianOf } from "./collocation/lagrangian.js";
import { type Plan, planTo, type RoughPlan, refine } from "./collocation/plan.js";
import { localAt, restNear } from "./collocation/rest.js";
import { targetsOf } from "./collocation/targets.js";
import { restsFrom, startOf } from "./hjb/bounds.js";
import { type ControlField, controlFieldOf } from "./hjb/control-field.js";
import { type LocalValue, localValue } from "./hjb/local-value.js";
import { describe, type StationaryPoint } from "./hjb/stationary.js";

export interface CollocationOptions {
  /** G(θ) ≻ 0, shape [d, d], in place of the problem's constant metric. */
  readonly metric?: (parameters: Vector) => Rows;
  /** f(θ), shape [d], θ per unit time, in place of the problem's affine drift. */
  readonly drift?: (parameters: Vector) => Vector;
  /** Where paths may end. Default: the minima that are found. */
  readonly minima?: readonly Vector[];
  /** Pairs of bent paths to begin with, beside the straight one to each minimum. Default 1. */
  readonly bows?: number;
  /** Change of the cost, relative to it, at which the elements are halved no further. Default 1e-9. */
  readonly tolerance?: number;
}

/** A locally optimal path. */
export interface PlannedPath {
  /** Discounted cost to the end of time, less that of resting for ever at the lowest minimum. */
  readonly cost: number;
  /** Shape [nodes]. */
  readonly times: number[];
  /** θ, shape [nodes, d]. */
  readonly parameters: number[][];
  /** θ̇, shape [nodes, d]. */
  readonly velocities: number[][];
  /** Where it ends; null when nothing is known to lie there. */
  readonly restingPoint: number[] | null;
  /** Relative change of the cost when the elements were last halved. */
  readonly refinement: number;
}

export interface CollocationSolution {
  /** Every local optimum found, the best first. */
  readonly paths: readonly PlannedPath[];
  readonly start: { readonly value: number; readonly restingPoint: number[] | null };
  /** "local": no path near the best is better. "not-converged": no path was found. */
  readonly status: "local" | "not-converged";
  readonly evidence: Readonly<Record<string, number>>;
}

/**
 * Optimal paths by direct collocation, in any dimension: cubic Hermite elements, of which the discounted action
 * ∫e^{−γt}[(1/2η)(θ̇ − f)ᵀG(θ̇ − f) + kL]dt is minimised by Newton steps, with the Riccati value of the parabola
 * at a minimum for the tail; where the discount forgets the end, resting there. The cost is an upper bound up to
 * quadrature, with an error of sixth order in the length of an element.
 *
 * @throws Error when something is hidden, the control is not invertible, or no minimum is found
 */
export function collocation(
  problem: NavigationProblem,
  options: CollocationOptions = {},
): CollocationSolution {
  const { bows = 1, tolerance = 1e-9 } = options;
  const known = controlFieldOf(problem);
  const geometry = geometryOf(problem, known, options);
  const drifts = options.drift !== undefined || !known.isDriftless;
  if (drifts && known.discountRate === 0)
    throw new Error("geometry.drift: must be absent when the discount rate is 0");
  const field = geometry ? driftless(known) : known;
  const minima = options.minima?.map((at) => describe(field, [...at])) ?? targetsOf(problem, field);
  if (minima.length === 0) throw new Error("landscape: must have a minimum near the start, found none");
  const leastCost = Math.min(...minima.map(({ parameters }) => lossNear(problem, field, parameters)));
  const from = Float64Array.from(startOf(problem));
  const lagrangian = lagrangianOf(field, leastCost, from, geometry);
  const scene = { problem, field, lagrangian, leastCost, from, bends: geometry !== undefined, drifts };
  const locals = minima.flatMap((minimum) => localOf(scene, minimum) ?? []);
  const planned = locals.flatMap((local) => {
    if (local.restingValue === Infinity) return [];
    const pace = geometry ? { ...field, effort: geometry.effortAt(local.at) } : field;
    return distinctPlans(
      bowsFor(from, local.at, bows).map((bow) => planTo(pace, lagrangian, from, local, bow)),
    )
      .map((rough) => refine(lagrangian, rough, tolerance))
      .filter(({ converged }) => converged)
      .map((plan) => present(plan, from, restOf(scene, locals, plan)));
  });
  return collect(planned);
}

/** What the paths of one problem have in common. */
interface Scene {
  readonly problem: NavigationProblem;
  /** Without drift where a geometry is given. */
  readonly field: ControlField;
  readonly lagrangian: Lagrangian;
  readonly leastCost: number;
  readonly from: Float64Array;
  /** Whether a geometry is given, and then whether the learner drifts. */
  readonly bends: boolean;
  readonly drifts: boolean;
}

function driftless(field: ControlField): ControlField {
  return { ...field, drift: field.drift.map(() => 0), offset: field.offset.map(() => 0), isDriftless: true };
}

/** The parabola where a learner bound for a minimum rests; null where it would not stay. */
function localOf(
  { field, lagrangian, leastCost, from, bends, drifts }: Scene,
  minimum: StationaryPoint,
): LocalValue | null {
  if (!bends) return localValue(field, minimum, leastCost);
  const at = displaced(minimum.parameters, from);
  if (!drifts) return localAt(lagrangian, at, from, minimum.restingCost - leastCost);
  const rest = restNear(lagrangian, at);
  return rest && localAt(lagrangian, rest, from, lagrangian.values(rest, new Float64Array(rest.length))[0]);
}

function displaced(at: Vector, from: Float64Array): Float64Array {
  return from.map((value, i) => at[i] - value);
}

/** kL at the minimum beside a resting point: the two differ where there is a drift. */
function lossNear(problem: NavigationProblem, field: ControlField, at: Vector): number {
  const minimum = field.isDriftless ? at : (restsFrom(problem, field, at)[0] ?? at);
  return field.losses(Float64Array.from(minimum), 1)[0];
}

/** A path that is cut short ends where its valley does. */
function restOf(
  { problem, field, lagrangian, from, bends, drifts }: Scene,
  locals: readonly LocalValue[],
  { path, isShort, restingPoint }: Plan,
): number[] | null {
  if (!isShort) return restingPoint;
  const last = path.points.subarray(-from.length);
  const minimum = restsFrom(
    problem,
    field,
    Array.from(from, (value, i) => value + last[i]),
  ).at(-1);
  const rest = minimum && bends && drifts ? restNear(lagrangian, displaced(minimum, from)) : null;
  const end = rest ? from.map((value, i) => value + rest[i]) : minimum;
  if (!end) return null;
  const distance = ({ at }: LocalValue) => Math.hypot(...at.map((value, i) => value - end[i]));
  const nearest = locals.reduce((best, local) => (distance(local) < distance(best) ? local : best));
  const size = Math.max(1e-3, ...end.map(Math.abs));
  return Array.from(distance(nearest) < 1e-3 * size ? nearest.at : end);
}

/** Those that arrive, but for repetitions. */
function distinctPlans(plans: readonly RoughPlan[]): RoughPlan[] {
  const arrived = plans.filter(({ arrives }) => arrives);
  const costs = arrived.map(({ optimised }) => optimised.cost);
  return arrived.filter((_, i) =>
    costs.slice(0, i).every((cost) => Math.abs(cost - costs[i]) > 1e-6 * Math.abs(costs[i])),
  );
}

function present(
  { path, cost, refinement }: Plan,
  from: Float64Array,
  restingPoint: number[] | null,
): PlannedPath {
  const d = from.length;
  const rows = (values: Float64Array) =>
    Array.from(path.times, (_, n) => Array.from(values.subarray(n * d, (n + 1) * d)));
  return {
    cost,
    times: Array.from(path.times),
    parameters: rows(path.points.map((value, i) => value + from[i % d])),
    velocities: rows(path.velocities),
    restingPoint,
    refinement,
  };
}

function collect(planned: readonly PlannedPath[]): CollocationSolution {
  const paths = [...planned].sort((a, b) => a.cost - b.cost).filter(isNew);
  const best = paths[0];
  return {
    paths,
    start: { value: best?.cost ?? Infinity, restingPoint: best?.restingPoint ?? null },
    status: best ? "local" : "not-converged",
    evidence: best
      ? { refinement: best.refinement, elements: best.times.length - 1, paths: paths.length }
      : { paths: 0 },
  };
}

function isNew(path: PlannedPath, index: number, all: readonly PlannedPath[]): boolean {
  return all.slice(0, index).every(({ cost, restingPoint }) => {
    const isSameCost = Math.abs(cost - path.cost) <= 1e-7 * Math.abs(path.cost) + 1e-14;
    return !isSameCost || JSON.stringify(restingPoint) !== JSON.stringify(path.restingPoint);
  });
}
