import type { NavigationProblem } from "../../envs/problem/problem.js";
import { targetsOf } from "../collocation/targets.js";
import { collocation } from "../collocation.js";
import { defaultBounds, startOf } from "./bounds.js";
import { type ControlField, controlFieldOf } from "./control-field.js";
import { gridOver } from "./grid.js";
import { lineFeedback } from "./line-feedback.js";
import { restingValueOf } from "./local-value.js";
import { branchOf, forcesOn } from "./manifold.js";
import type { StationaryPoint } from "./stationary.js";

export interface CriticalRateOptions {
  /** Relative width of the bracket at which the search ends. Default 1e-10 in one dimension, 1e-6 above. */
  readonly tolerance?: number;
}

/** Best cost of ending in a lowest minimum, and in another; Infinity where no such path exists. */
type Rivals = (discountRate: number) => { readonly global: number; readonly other: number };

/** Rivals considered above one dimension: the nearest minima to the start. */
const MOST_RIVALS = 6;

/**
 * γ* at which the best path from the start no longer ends in the global minimum: below it the far valley is worth
 * the way, above it a learner is right to stay. Null if it never flips.
 *
 * @throws Error when there is a drift, something is hidden, or no minimum is found
 */
export function criticalDiscountRate(
  problem: NavigationProblem,
  { tolerance }: CriticalRateOptions = {},
): number | null {
  const field = controlFieldOf(problem);
  if (!field.isDriftless) throw new Error("geometry.drift: must be absent for a critical discount rate");
  const isLine = field.dimension === 1;
  const targets = nearest(targetsOf(problem, field), problem, isLine ? Infinity : MOST_RIVALS);
  if (targets.length === 0) throw new Error("landscape: must have a minimum near the start, found none");
  const spread = Math.max(...targets.map(({ restingCost }) => restingCost - targets[0].restingCost));
  const isLowest = ({ restingCost }: StationaryPoint) =>
    restingCost - targets[0].restingCost <= 1e-9 * spread;
  if (targets.every(isLowest)) return null;
  const rivals = isLine
    ? lineRivals(problem, field, targets, isLowest)
    : pathRivals(problem, targets, isLowest);
  return flip(rivals, rateScale(field, targets[0]), tolerance ?? (isLine ? 1e-10 : 1e-6));
}

function nearest(targets: StationaryPoint[], problem: NavigationProblem, count: number): StationaryPoint[] {
  const from = startOf(problem);
  const distance = ({ parameters }: StationaryPoint) => Math.hypot(...parameters.map((x, i) => x - from[i]));
  const [lowest, ...rest] = targets;
  return [lowest, ...rest.sort((a, b) => distance(a) - distance(b)).slice(0, count - 1)].filter(Boolean);
}

/** √(M·kH) at the global minimum, of the greatest curvature: the ballistic rate, per unit time. */
function rateScale({ dimension: d, hessians, push }: ControlField, { parameters }: StationaryPoint): number {
  const curvature = hessians(Float64Array.from(parameters), 1);
  const trace = curvature.reduce((sum, h, at) => sum + h * push[(at % d) * d + Math.floor(at / d)], 0);
  return Math.sqrt(Math.max(trace, Number.MIN_VALUE));
}

function lineRivals(
  problem: NavigationProblem,
  field: ControlField,
  targets: readonly StationaryPoint[],
  isLowest: (target: StationaryPoint) => boolean,
): Rivals {
  const grid = gridOver(defaultBounds(problem, field), 4001);
  const forces = forcesOn(field, grid);
  const least = targets[0].restingCost;
  return (discountRate) => {
    const discounted = { ...field, discountRate };
    const best = (group: readonly StationaryPoint[]) =>
      lineFeedback(
        discounted,
        grid,
        group.map(({ parameters: [x], restingCost }) =>
          branchOf(discounted, grid, forces, x, restingValueOf(restingCost - least, discountRate)),
        ),
      ).value(startOf(problem));
    return { global: best(targets.filter(isLowest)), other: best(targets.filter((each) => !isLowest(each))) };
  };
}

function pathRivals(
  problem: NavigationProblem,
  targets: readonly StationaryPoint[],
  isLowest: (target: StationaryPoint) => boolean,
): Rivals {
  const minima = targets.map(({ parameters }) => parameters);
  const lowest = new Set(targets.filter(isLowest).map(({ parameters }) => JSON.stringify(parameters)));
  return (discountRate) => {
    const objective = { ...problem.objective, discountRate };
    const { paths } = collocation({ ...problem, objective }, { minima, bows: 0, tolerance: 1e-8 });
    const best = (wanted: boolean) =>
      paths.find(({ restingPoint }) => lowest.has(JSON.stringify(restingPoint)) === wanted)?.cost ?? Infinity;
    return { global: best(true), other: best(false) };
  };
}

/** Brackets the flip by doubling or halving, then closes in by false position where both costs exist. */
function flip(rivals: Rivals, scale: number, tolerance: number): number | null {
  const lead = (rate: number) => {
    const { global, other } = rivals(rate);
    return global === other ? 0 : global - other;
  };
  if (lead(1e3 * scale) < 0) return null;
  let [low, high] = [scale, scale];
  let [atLow, atHigh] = [lead(scale), 0];
  const negligible = 1e-2 * tolerance * Math.min(...Object.values(rivals(scale)));
  if (atLow < 0) {
    for (atHigh = atLow; atHigh < 0; atHigh = lead(high)) [low, atLow, high] = [high, atHigh, 2 * high];
  } else {
    for (atHigh = atLow; atLow >= 0; atLow = lead(low)) {
      [high, atHigh, low] = [low, atLow, low / 2];
      if (low < 1e-9 * scale) return null;
    }
  }
  for (let i = 0; i < 100 && high - low > tolerance * high; i++) {
    if (Math.abs(atLow) < negligible) return low;
    if (Math.abs(atHigh) < negligible) return high;
    const share = Number.isFinite(atLow) && Number.isFinite(atHigh) ? atLow / (atLow - atHigh) : 0.5;
    const inner = i % 3 === 2 ? 0.5 : Math.min(Math.max(share, 1e-3), 1 - 1e-3);
    const middle = low + inner * (high - low);
    const value = lead(middle);
    if (value < 0) [low, atLow] = [middle, value];
    else [high, atHigh] = [middle, value];
  }
  return (low + high) / 2;
}
