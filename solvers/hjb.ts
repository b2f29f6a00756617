import type { Policy } from "../envs/core/policy.js";
import { channelsOf, dimensionOf, type NavigationProblem, type Vector } from "../envs/problem/problem.js";
import { lineBasins, planeBasins } from "./hjb/basins.js";
import { defaultBounds, restsFrom, startOf } from "./hjb/bounds.js";
import { type ControlField, controlFieldOf } from "./hjb/control-field.js";
import type { Feedback } from "./hjb/feedback.js";
import { type Bounds, type Grid, gridOver, isInside, nearestNode, nodesOf } from "./hjb/grid.js";
import { lineFeedback } from "./hjb/line-feedback.js";
import { capsNear, type LocalValue, localValue, restingValueOf } from "./hjb/local-value.js";
import { branchOf, branchResidual, forcesOn } from "./hjb/manifold.js";
import { planeFeedback } from "./hjb/plane-feedback.js";
import { flowPolicy, follower } from "./hjb/policy.js";
import { type StationaryPoint, stationaryPoints } from "./hjb/stationary.js";
import { sweep } from "./hjb/sweeping.js";
import { erase, type PosteriorState } from "./policies/erase.js";

export interface HjbOptions {
  /** Nodes along each coordinate. Default 20,001 in one dimension, 401 in two. */
  readonly gridPoints?: number;
  /** The box that is solved on; the learner stays in it. Default: around the start and the minima near it. */
  readonly bounds?: Bounds;
  /** Change of V in the last round of sweeps, relative to its range. Default 1e-9. */
  readonly tolerance?: number;
}

/** The global optimum of a problem in one or two dimensions, from every start in a box. */
export interface HjbSolution {
  /** V(θ), less that of resting for ever at the global minimum of the box; interpolated between nodes. */
  value(parameters: Vector): number;
  /** The optimal θ̇. */
  velocity(parameters: Vector): number[];
  /** Where the optimal flow is after a time. */
  advance(parameters: Vector, time: number): number[];
  /** Index of the resting point that the best path from θ ends in; −1 for none. */
  basin(parameters: Vector): number;
  /** Reads the parameters. Absent where the problem does not show them. */
  readonly policy?: Policy<PosteriorState>;
  readonly grid: Grid;
  /** V at the nodes. */
  readonly values: Float64Array;
  /** Basin of each node. */
  readonly basins: Int32Array;
  /** Every stationary point in the box, the cheapest to rest at first. */
  readonly stationary: readonly StationaryPoint[];
  /** Those that paths from every direction can end in. Basins are indices of them. */
  readonly restingPoints: readonly StationaryPoint[];
  /** From where an episode starts; `restingPoint` is null when the path does not come to rest. */
  readonly start: { readonly value: number; readonly restingPoint: number[] | null };
  readonly status: "exact" | "not-converged";
  readonly evidence: Readonly<Record<string, number>>;
}

/**
 * Solves γV = kL + f·∇V − (η/2)∇VᵀBG⁻¹Bᵀ∇V. In one dimension V is the least over resting points of the cost of
 * the path along its stable manifold; in two, an upwind scheme of second order on a grid, by fast sweeping.
 *
 * @throws Error when the dimension is above two, something is hidden, the control is not invertible, no minimum
 * lies in the box, or γ = 0 with a drift
 */
export function hjb(problem: NavigationProblem, options: HjbOptions = {}): HjbSolution {
  const d = dimensionOf(problem);
  if (d > 2) throw new Error(`landscape.dimension: must be 1 or 2 for hjb, got ${d}; see collocation`);
  const { gridPoints = d === 1 ? 20_001 : 401, tolerance = 1e-9 } = options;
  const field = controlFieldOf(problem);
  if (!field.isDriftless && field.discountRate === 0)
    throw new Error("objective.discountRate: must be > 0 when there is a drift, got 0");
  const grid = gridOver(options.bounds ?? defaultBounds(problem, field), gridPoints);
  if (!isInside(grid, startOf(problem)))
    throw new Error(`bounds: must hold the start [${startOf(problem).join(", ")}]`);
  const map = surveyOf(field, grid, restsFrom(problem, field, startOf(problem)));
  const solved = d === 1 ? solveLine(field, grid, map) : solvePlane(field, grid, map, tolerance);
  return present(problem, field, grid, map, solved);
}

/** What the landscape is like, before any path is planned. */
interface Survey {
  readonly stationary: readonly StationaryPoint[];
  readonly rests: readonly StationaryPoint[];
  readonly locals: readonly (LocalValue | null)[];
  /** kL at the global minimum. */
  readonly leastCost: number;
  /** kL less that, at the nodes. */
  readonly excess: Float64Array;
}

function surveyOf(field: ControlField, grid: Grid, known: readonly Vector[]): Survey {
  const stationary = stationaryPoints(field, grid, known);
  const rests = stationary.filter(({ kind }) => kind === "minimum");
  if (rests.length === 0) throw new Error("bounds: must hold a minimum of the landscape, found none");
  const still = field.isDriftless ? rests : stationaryPoints({ ...field, isDriftless: true }, grid, known);
  const losses = field.losses(
    nodesOf(grid),
    grid.points.reduce((product, n) => product * n, 1),
  );
  const leastCost = Math.min(
    ...still.map(({ parameters }) => field.losses(Float64Array.from(parameters), 1)[0]),
  );
  return {
    stationary,
    rests,
    locals: rests.map((rest) => localValue(field, rest, leastCost)),
    leastCost,
    excess: losses.map((loss) => loss - leastCost),
  };
}

interface Solved {
  readonly values: Float64Array;
  readonly basins: Int32Array;
  readonly feedback: Feedback;
  readonly residual: number;
  readonly tolerance: number;
  readonly sweeps: number;
}

function solveLine(field: ControlField, grid: Grid, { rests, leastCost, excess }: Survey): Solved {
  const forces = forcesOn(field, grid);
  const branches = rests.map(({ parameters, restingCost }) =>
    branchOf(field, grid, forces, parameters[0], restingValueOf(restingCost - leastCost, field.discountRate)),
  );
  const scale = excess.reduce((most, cost) => (cost < Infinity ? Math.max(most, cost) : most), 0);
  return {
    values: excess.map((_, node) => Math.min(...branches.map(({ values }) => values[node]))),
    basins: lineBasins(branches, grid.points[0]),
    feedback: lineFeedback(field, grid, branches),
    residual: Math.max(...branches.map((branch) => branchResidual(field, grid, excess, branch))) / scale,
    tolerance: 1e-6,
    sweeps: 0,
  };
}

function solvePlane(
  field: ControlField,
  grid: Grid,
  { rests, locals, excess }: Survey,
  tolerance: number,
): Solved {
  const usable = locals.filter((local) => local !== null && local.restingValue < Infinity) as LocalValue[];
  const caps = capsNear(usable, grid);
  const swept = sweep(field, grid, excess, caps, { tolerance, order: 2 });
  const top = swept.values.reduce((most, value) => (value < 1e100 ? Math.max(most, value) : most), 0);
  const isLeft = (k: number) => {
    const node = nearestNode(grid, rests[k].parameters);
    return !(swept.values[node] > caps[node] - 1e-5 * top);
  };
  const basins = planeBasins(
    swept,
    grid,
    rests.map(({ parameters }) => parameters),
    isLeft,
  );
  return { ...swept, basins, feedback: planeFeedback(field, grid, swept, basins), tolerance };
}

function present(
  problem: NavigationProblem,
  field: ControlField,
  grid: Grid,
  { stationary, rests, locals }: Survey,
  { values, basins, feedback, residual, tolerance, sweeps }: Solved,
): HjbSolution {
  const from = startOf(problem);
  const rest = rests[feedback.basin(from)];
  const fastest = Math.max(...locals.flatMap((local) => local?.rates ?? []), 1e-12);
  const parameters = rests.map((point) => point.parameters);
  const flow = { stride: Math.min(...grid.spacing), fastest };
  const follow = follower(feedback, from.length, flow);
  return {
    value: (at) => feedback.value(at),
    velocity(at) {
      const out = new Float64Array(at.length);
      feedback.velocity(at, out);
      return Array.from(out);
    },
    advance(from, time) {
      const at = Float64Array.from(from);
      follow(at, time);
      return Array.from(at);
    },
    basin: (at) => feedback.basin(at),
    ...(channelsOf(problem).includes("parameters") && {
      policy: erase(flowPolicy(problem, field, feedback, parameters, flow)),
    }),
    grid,
    values,
    basins,
    stationary,
    restingPoints: rests,
    start: { value: feedback.value(from), restingPoint: rest ? rest.parameters : null },
    status: residual <= tolerance ? "exact" : "not-converged",
    evidence: { gridSpacing: Math.max(...grid.spacing), residual, ...(sweeps > 0 && { sweeps }) },
  };
}
