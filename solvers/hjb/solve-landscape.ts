import type { Policy } from "../../envs/core/policy.js";
import { cholesky, flatten } from "../../envs/problem/linear-algebra.js";
import { channelsOf, dimensionOf, type NavigationProblem, type Vector } from "../../envs/problem/problem.js";
import { collocation } from "../collocation.js";
import { type HjbSolution, hjb } from "../hjb.js";
import type { PosteriorState } from "../policies/erase.js";
import type { RiccatiSolution } from "../riccati.js";
import { restsFrom, startOf } from "./bounds.js";
import { controlFieldOf } from "./control-field.js";
import { criticalDiscountRate } from "./critical-rate.js";
import { environmentCost } from "./environment-cost.js";
import { type Bounds, type Grid, isInside } from "./grid.js";

/** The global optimum of a landscape that is not a parabola, as `solve` reports it. */
export interface GlobalSolution {
  readonly policy: Policy<PosteriorState>;
  readonly value: (parameters: Vector) => number;
  readonly status: "exact" | "not-converged";
  /** The box of the grid: what lies beyond was looked for (`farValleys`) but is not part of the optimum. */
  readonly box: Bounds;
  readonly evidence: Readonly<Record<string, number>>;
  readonly start: StartOfBestPath & { readonly restingPoint: number[] };
  /** Absent with a drift. */
  readonly criticalDiscountRate?: number | null;
  /** Of the environment's own steps: see `environmentCost`. */
  expectedCost(lawAt: (rest: Vector) => RiccatiSolution | undefined): number | null;
}

/** Where an episode starts, or the mean of where: the value there, and where the best path comes to rest. */
export interface StartOfBestPath {
  readonly value: number;
  readonly restingPoint: number[] | null;
}

/** How far the two methods may differ, relative to the value. */
const AGREEMENT = 1e-2;
/** Share of the largest value on the grid below which a value counts as zero: a plane's grid is no finer. */
const NEGLIGIBLE = 1e-4;
const NODES = [10_001, 201];
/** Minima whose paths check the grid. */
const CHECKED = 6;
/** Parameters up to which paths are planned. */
const MOST_PARAMETERS = 20;

/** Null where no grid can be laid, or the policy could not read where it is. */
export function solveGlobally(problem: NavigationProblem): GlobalSolution | null {
  const { geometry, objective } = problem;
  const d = dimensionOf(problem);
  const drifts = geometry.drift !== undefined;
  if (d > 2 || !isPushedEverywhere(problem) || (drifts && objective.discountRate === 0)) return null;
  if (!channelsOf(problem).includes("parameters")) return null;
  if (restsFrom(problem, controlFieldOf(problem), startOf(problem)).length === 0) return null;
  const first = hjb(problem, { gridPoints: NODES[d - 1] });
  if (!first.start.restingPoint) return null;
  const { paths, start: path } = collocation(problem, { minima: minimaToCheck(first, startOf(problem)) });
  const wider = boundsFor(first.grid, paths[0]?.parameters ?? []);
  const solution = wider ? hjb(problem, { gridPoints: NODES[d - 1], bounds: wider }) : first;
  const { start, policy, evidence } = solution;
  if (!policy || !start.restingPoint) return null;
  const range = solution.values.reduce((most, value) => (value < 1e100 ? Math.max(most, value) : most), 0);
  const difference = Math.abs(path.value - start.value) / (Math.abs(path.value) + NEGLIGIBLE * range || 1);
  const agrees = difference <= AGREEMENT;
  const value = agrees ? path.value : start.value;
  return {
    policy,
    value: solution.value,
    status: solution.status === "exact" && agrees ? "exact" : "not-converged",
    box: boxOf(solution.grid),
    evidence: { ...evidence, ...(Number.isFinite(difference) && { collocationDifference: difference }) },
    start: { value, restingPoint: start.restingPoint },
    ...(!drifts && { criticalDiscountRate: criticalDiscountRate(problem) }),
    expectedCost: (lawAt) => environmentCost(problem, solution, lawAt),
  };
}

function boxOf({ lower, points, spacing }: Grid): Bounds {
  return { lower: [...lower], upper: Array.from(lower, (low, i) => low + (points[i] - 1) * spacing[i]) };
}

/** A box with room for a path that leaves the grid; null when none does. */
function boundsFor(grid: Grid, path: readonly Vector[]): Bounds | null {
  if (path.every((at) => isInside(grid, at))) return null;
  const reach = grid.lower.map((_, i) => path.map((at) => at[i]));
  const { upper } = boxOf(grid);
  return {
    lower: grid.lower.map((low, i) => Math.min(low, 1.1 * Math.min(...reach[i]) - 0.1 * upper[i])),
    upper: upper.map((high, i) => Math.max(high, 1.1 * Math.max(...reach[i]) - 0.1 * grid.lower[i])),
  };
}

/** In more dimensions: the best path that collocation finds from the start, or null. */
export function bestPath(
  problem: NavigationProblem,
): (StartOfBestPath & { readonly refinement: number }) | null {
  const drifts = problem.geometry.drift !== undefined;
  if (dimensionOf(problem) > MOST_PARAMETERS || !isPushedEverywhere(problem)) return null;
  if (drifts && problem.objective.discountRate === 0) return null;
  const { start, paths } = collocation(problem);
  return paths.length > 0 ? { ...start, refinement: paths[0].refinement } : null;
}

function isPushedEverywhere({ geometry: { control }, ...problem }: NavigationProblem): boolean {
  if (!control) return true;
  const d = dimensionOf(problem);
  const square = control.map((row) =>
    control.map((other) => row.reduce((sum, x, i) => sum + x * other[i], 0)),
  );
  const factor = cholesky(flatten(square), d);
  return control[0].length === d && factor !== null && control.every((_, i) => factor[i * d + i] > 0);
}

/** The cheapest, the one that the grid chose, and those next to the start. */
function minimaToCheck({ restingPoints, start }: HjbSolution, from: Vector): Vector[] {
  const distance = (at: Vector) => Math.hypot(...at.map((value, i) => value - from[i]));
  const points = restingPoints.map(({ parameters }) => parameters);
  const near = [...points].sort((a, b) => distance(a) - distance(b)).slice(0, CHECKED);
  return points.filter((at, i) => i === 0 || at === start.restingPoint || near.includes(at));
}
