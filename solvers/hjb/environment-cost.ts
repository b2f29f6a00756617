import { cholesky, flatten } from "../../envs/problem/linear-algebra.js";
import type { NavigationProblem, Vector } from "../../envs/problem/problem.js";
import { type SteppedTail, steppedCost } from "../collocation/stepped-cost.js";
import type { HjbSolution } from "../hjb.js";
import type { RiccatiSolution } from "../riccati.js";
import { controlFieldOf } from "./control-field.js";

/** A Gaussian start is integrated over four standard deviations either way by this many nodes a coordinate. */
const NODES = [49, 13];
const MOST_STEPS = 3000;

/**
 * Least cost of an episode in the environment's own steps, of L less its minimum, near the path that the optimum
 * of continuous time takes; averaged over starts. `lawAt` is the discrete law of the parabola at a resting point.
 * Null where the optimum does not come to rest in time, or there is a drift.
 */
export function environmentCost(
  problem: NavigationProblem,
  solution: HjbSolution,
  lawAt: (rest: Vector) => RiccatiSolution | undefined,
): number | null {
  const field = controlFieldOf(problem);
  if (!field.isDriftless) return null;
  const { timeStep, discountRate } = problem.objective;
  const leastCost = solution.restingPoints[0].restingCost;
  const tails = new Map<number, SteppedTail | null>();
  const tailOf = (basin: number): SteppedTail | null => {
    const { parameters, restingCost } = solution.restingPoints[basin];
    const law = lawAt(parameters);
    const weight = -timeStep / Math.expm1(-discountRate * timeStep);
    const excess = restingCost - leastCost;
    return law
      ? {
          at: Float64Array.from(parameters),
          curvature: Float64Array.from(law.valueMatrix.flat()),
          restingValue: excess === 0 ? 0 : excess * weight,
        }
      : null;
  };
  const costOf = (start: Vector) => {
    const basin = solution.basin(start);
    if (basin < 0) return null;
    if (!tails.has(basin)) tails.set(basin, tailOf(basin));
    const tail = tails.get(basin);
    const guess = tail && steps(solution, start, tail, timeStep);
    if (!tail || !guess) return null;
    return steppedCost({ field, timeStep, leastCost, tail, from: Float64Array.from(start) }, guess);
  };
  return startsOf(problem).reduce<number | null>((sum, { start, weight }) => {
    const cost = sum === null ? null : costOf(start);
    return sum === null || cost === null ? null : sum + weight * cost;
  }, 0);
}

/** The optimum of continuous time after each step, until it rests. */
function steps(
  solution: HjbSolution,
  start: Vector,
  { at: rest }: SteppedTail,
  timeStep: number,
): Float64Array | null {
  const points: number[] = [];
  const size = Math.max(...solution.grid.spacing);
  let at: Vector = start;
  for (let n = 0, still = 0; still < 20; n++) {
    if (n === MOST_STEPS) return null;
    at = solution.advance(at, timeStep);
    points.push(...at);
    still = Math.hypot(...at.map((value, i) => value - rest[i])) < size / 10 ? still + 1 : 0;
  }
  return Float64Array.from(points);
}

/** The trapezoidal rule, which is as good as exact for what is smooth under a Gaussian. */
function startsOf({ start }: NavigationProblem): { readonly start: Vector; readonly weight: number }[] {
  if (start.kind === "point") return [{ start: start.parameters, weight: 1 }];
  const d = start.mean.length;
  const factor = cholesky(flatten(start.covariance), d) ?? new Float64Array(d * d);
  const count = NODES[d - 1];
  const normals = Array.from({ length: count ** d }, (_, n) =>
    start.mean.map((_, i) => (8 * (Math.floor(n / count ** i) % count)) / (count - 1) - 4),
  );
  const densities = normals.map((at) => Math.exp(-at.reduce((sum, z) => sum + z * z, 0) / 2));
  const total = densities.reduce((sum, density) => sum + density, 0);
  return normals.map((normal, n) => ({
    start: start.mean.map((mean, i) => normal.reduce((sum, z, j) => sum + factor[i * d + j] * z, mean)),
    weight: densities[n] / total,
  }));
}
