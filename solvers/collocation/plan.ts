import { type ControlField, quadraticForm } from "../hjb/control-field.js";
import { evaluateLocal, type LocalValue } from "../hjb/local-value.js";
import { exponentialPath, mesh } from "./guess.js";
import type { Lagrangian } from "./lagrangian.js";
import { type Optimised, optimise, type Tail } from "./newton.js";
import { halved, type Path } from "./path.js";

/** A path to one resting point, before its elements are halved. Positions are displacements from the start. */
export interface RoughPlan {
  readonly optimised: Optimised;
  readonly tail: Tail;
  readonly local: LocalValue;
  readonly restingPoint: number[];
  /** Whether the discount forgets the end of the path, so that it need not arrive. */
  readonly isShort: boolean;
  /** Whether the start is so near the resting point that the parabola is better than what rounding leaves of a path. */
  readonly isStill: boolean;
  /** Whether it ends where the parabola at the resting point holds. */
  readonly arrives: boolean;
}

export interface Plan {
  readonly path: Path;
  readonly cost: number;
  /** An optimum that arrives, to the tolerance. */
  readonly converged: boolean;
  /** Change of the cost when the elements were last halved, relative to it. */
  readonly refinement: number;
  readonly restingPoint: number[];
  readonly isShort: boolean;
}

/** Weight e^{−γT} of the end beyond which a path need not arrive. */
const FORGOTTEN = 36;
const MOST_ELEMENTS = 1024;
/** Distance from a resting point, relative to it, at which a path is but the parabola. */
const NEAR = 1e-5;
/** Share of the way within which a path has arrived. */
const ARRIVED = 2e-3;

function isShortHorizon(discountRate: number, { rates }: LocalValue): boolean {
  return (discountRate * 12) / Math.min(...rates) > FORGOTTEN;
}

/** The best path near an exponential one to a resting point. */
export function planTo(
  field: ControlField,
  lagrangian: Lagrangian,
  from: Float64Array,
  absolute: LocalValue,
  bow: Float64Array,
): RoughPlan {
  const { discountRate } = field;
  const local = { ...absolute, at: absolute.at.map((value, i) => value - from[i]) };
  const isShort = isShortHorizon(discountRate, local);
  const tail = isShort ? restTail(lagrangian) : parabolaTail(local);
  const rate =
    quadraticForm(local.curvature, local.at) / quadraticForm(field.effort, local.at) ||
    Math.min(...local.rates);
  const first = 0.3 / Math.max(...local.rates, discountRate);
  let duration = isShort ? FORGOTTEN / discountRate : 12 / Math.min(...local.rates);
  const restingPoint = Array.from(absolute.at);
  const plan = { tail, local, restingPoint, isShort };
  if (Math.max(...local.at.map(Math.abs)) <= NEAR * Math.max(1e-3, ...restingPoint.map(Math.abs))) {
    const path = exponentialPath(
      mesh(duration, first),
      new Float64Array(from.length),
      1,
      new Float64Array(from.length),
    );
    const optimised = { path, cost: evaluateLocal(absolute, from), converged: true };
    return { ...plan, optimised, isStill: true, arrives: true };
  }
  let before = Infinity;
  for (let attempt = 0; ; attempt++, duration *= 1.7) {
    const guess = exponentialPath(mesh(duration, first), local.at, rate, bow);
    const optimised = optimise(lagrangian, tail, guess, 1e-6);
    const left = isShort ? 0 : remainder(optimised.path, local);
    const arrives = left < ARRIVED;
    if (arrives || attempt === 2 || left > before / 2) return { ...plan, optimised, isStill: false, arrives };
    before = left;
  }
}

/** Halves the elements until the cost no longer changes. */
export function refine(
  lagrangian: Lagrangian,
  { optimised, tail, local, restingPoint, isShort, isStill }: RoughPlan,
  tolerance: number,
): Plan {
  let now = optimised;
  let refinement = isStill ? 0 : Infinity;
  while (refinement > tolerance && now.path.times.length <= MOST_ELEMENTS / 2 + 1) {
    const finer = optimise(lagrangian, tail, halved(now.path, lagrangian.dimension), 1e-8);
    const scale = Math.abs(finer.cost);
    refinement = scale > 0 ? Math.abs(finer.cost - now.cost) / scale : 0;
    now = finer;
  }
  const { path, cost } = now;
  const arrives = isShort || isStill || remainder(path, local) < ARRIVED;
  const converged = now.converged && arrives && refinement <= tolerance;
  return { path, cost, converged, refinement, restingPoint, isShort };
}

/**
 * How far from rest a path ends, relative to the farthest that it has been. One that waits elsewhere, to leave for
 * the resting point at the end of its time, does not get there: the tail does not make it.
 */
function remainder({ points }: Path, { at, curvature }: LocalValue): number {
  const d = at.length;
  const sizes = Array.from({ length: points.length / d }, (_, n) => {
    const gap = at.map((value, i) => points[n * d + i] - value);
    return Math.sqrt(Math.max(quadraticForm(curvature, gap), 0));
  });
  const farthest = Math.max(...sizes);
  return farthest > 0 ? sizes[sizes.length - 1] / farthest : 0;
}

function parabolaTail(local: LocalValue): Tail {
  const { at: rest, momentum, curvature } = local;
  return {
    value: (at) => evaluateLocal(local, at),
    gradient: (at) =>
      momentum.map((p, i) =>
        rest.reduce((sum, value, j) => sum + curvature[i * rest.length + j] * (at[j] - value), p),
      ),
    hessian: () => curvature,
  };
}

/** Resting for ever where the path ends: what is forgotten may be crude. */
function restTail(lagrangian: Lagrangian): Tail {
  const { discountRate, dimension: d } = lagrangian;
  const still = new Float64Array(d);
  const at = (point: Float64Array) => lagrangian.derivatives(point, still);
  return {
    value: (point) => lagrangian.values(point, still)[0] / discountRate,
    gradient: (point) => at(point).byPosition.map((value) => value / discountRate),
    hessian: (point) => at(point).positions.map((value) => value / discountRate),
  };
}
