import {
  actionSizeOf,
  channelOffset,
  channelsOf,
  dimensionOf,
  type NavigationProblem,
  observationSizeOf,
} from "../../envs/index.js";
import type { Numbers } from "../kernels/kernels.js";

/** Where a per-coordinate policy finds a coordinate's numbers in an observation, and how many there are. */
export interface CoordinateLayout {
  /** d: coordinates of an environment, and so actions. */
  readonly dimension: number;
  readonly observationSize: number;
  /** Where the d gradients start. */
  readonly gradientOffset: number;
  /** Where the d parameters start; null when they are not shown. */
  readonly parametersOffset: number | null;
  /** Where the cue is; absent when it is not shown. */
  readonly cueOffset?: number;
}

/** @throws when the problem shows no gradient, or when its actions are not one per coordinate. */
export function coordinateLayout(problem: NavigationProblem): CoordinateLayout {
  const dimension = dimensionOf(problem);
  const actions = actionSizeOf(problem);
  if (actions !== dimension) {
    throw new Error(`geometry.control: a per-coordinate policy needs ${dimension} actions, got ${actions}`);
  }
  const channels = channelsOf(problem);
  const parameters = channels.includes("parameters");
  return {
    dimension,
    observationSize: observationSizeOf(problem),
    gradientOffset: channelOffset(problem, "gradient"),
    parametersOffset: parameters ? channelOffset(problem, "parameters") : null,
    ...(channels.includes("cue") && { cueOffset: channelOffset(problem, "cue") }),
  };
}

/** A lane is a coordinate of an environment: lane = environment · d + coordinate; lanes beyond them hold 0. */
export interface Block {
  readonly batch: number;
  readonly dimension: number;
  /** Numbers from one environment to the next, on the row-major side. */
  readonly rowSize: number;
  /** Where the block starts in a row. */
  readonly offset: number;
}

/** Copies a block of each row to its lanes. */
export function gather({ batch, dimension, rowSize, offset }: Block, rows: Numbers, lanes: Numbers): void {
  if (rowSize === dimension) {
    copyStart(rows, lanes, batch * dimension);
    return;
  }
  for (let n = 0, lane = 0, from = offset; n < batch; n++, from += rowSize) {
    for (let j = 0; j < dimension; j++, lane++) lanes[lane] = rows[from + j];
  }
}

/** Copies the one number of each row that a block starts with to all its lanes. */
export function spread({ batch, dimension, rowSize, offset }: Block, rows: Numbers, lanes: Numbers): void {
  for (let n = 0, lane = 0, from = offset; n < batch; n++, from += rowSize) {
    for (let j = 0; j < dimension; j++, lane++) lanes[lane] = rows[from];
  }
}

/** Copies lanes back to a block of each row. */
export function scatter({ batch, dimension, rowSize, offset }: Block, lanes: Numbers, rows: Numbers): void {
  if (rowSize === dimension) {
    copyStart(lanes, rows, batch * dimension);
    return;
  }
  for (let n = 0, lane = 0, to = offset; n < batch; n++, to += rowSize) {
    for (let j = 0; j < dimension; j++, lane++) rows[to + j] = lanes[lane];
  }
}

/** Between float32 arrays this is one move of memory; otherwise the loop is faster. */
function copyStart(from: Numbers, to: Numbers, length: number): void {
  if (from instanceof Float32Array && to instanceof Float32Array) to.set(from.subarray(0, length));
  else for (let i = 0; i < length; i++) to[i] = from[i];
}

/** Sets all lanes to one constant per coordinate, or to one for all of them. */
export function setPerLane(constants: readonly number[], lanes: Numbers): void {
  for (let lane = 0; lane < lanes.length; lane++) lanes[lane] = constants[lane % constants.length];
}
