import type { RandomKey } from "../core/random.js";
import { dimensionOf, type NavigationProblem } from "../problem/problem.js";
import { knownMinimumOf, survivalOf, type TaskDraws, taskDraws } from "../problem/tasks.js";
import type { SimulationKernels } from "./exports.js";
import { fillRows } from "./memory.js";

/** The arrays that tasks need, beside the minima `[count, dimension]`. */
interface TaskArrays {
  readonly minima: Float32Array;
  /** Bytes, 1 where the task has changed. */
  readonly changed: Float32Array;
  readonly mean: Float32Array;
  readonly spread: Float32Array;
  readonly taskNormals: Float32Array;
}

export function taskLengths(problem: NavigationProblem, count: number) {
  const { kind } = problem.task;
  const dimension = dimensionOf(problem);
  const drifts = kind === "drifting";
  return {
    changed: kind === "redrawn" ? Math.ceil(count / 4) + 1 : 0,
    mean: drifts ? dimension : 0,
    spread: drifts ? dimension : 0,
    taskNormals: drifts ? count * dimension : 0,
  };
}

const NONE: readonly number[] = [];

/** How minima begin and change, from the streams of the reference: what happens in every step is left to kernels. */
export class TaskKernel {
  /** 1 where the last step has drawn another minimum, `[count]`. */
  readonly cues: Uint8Array;
  private readonly problem: NavigationProblem;
  private readonly arrays: TaskArrays;
  private readonly count: number;
  private readonly known: Float32Array;
  private readonly survival: number;
  /** Uniform numbers (k + ½)/2²⁴ of at least `survival` have k of at least this. */
  private readonly threshold: number;
  private readonly row: Float64Array;
  private readonly changed: number[] = [];
  private draws: TaskDraws | null = null;
  private firstIndex = 0;

  constructor(problem: NavigationProblem, arrays: TaskArrays, count: number) {
    this.problem = problem;
    this.arrays = arrays;
    this.count = count;
    this.known = Float32Array.from(problem.task.mean ?? knownMinimumOf(problem));
    this.survival = survivalOf(problem);
    this.threshold = Math.ceil(this.survival * 2 ** 24 - 0.5);
    this.cues =
      problem.task.kind === "redrawn"
        ? new Uint8Array(arrays.changed.buffer, arrays.changed.byteOffset, count)
        : new Uint8Array(count);
    this.row = new Float64Array(dimensionOf(problem));
  }

  seed(key: RandomKey, firstIndex: number): void {
    this.firstIndex = firstIndex;
    this.draws = taskDraws(this.problem, key, firstIndex);
    if (!this.draws || this.problem.task.kind !== "drifting") return;
    const { mean, factor } = this.draws;
    const scale = Math.sqrt(1 - this.survival ** 2);
    this.arrays.mean.set(mean);
    for (let j = 0; j < mean.length; j++) this.arrays.spread[j] = scale * factor[j * mean.length + j];
  }

  /** The minima of environments from … to − 1 at the start of their episodes of these numbers, `[count]`. */
  begin(from: number, to: number, episodes: Int32Array): void {
    const { draws, row, known } = this;
    const { minima } = this.arrays;
    this.cues.fill(0, from, to);
    if (!draws) {
      fillRows(known, minima, from, to);
      return;
    }
    for (let n = from; n < to; n++) {
      draws.begin(n, episodes[n], row, 0);
      minima.set(row, n * row.length);
    }
  }

  /** What happens between one step and the next; the environments whose minimum has moved. */
  advance(clock: number, kernels: SimulationKernels): readonly number[] | "all" {
    const { draws, problem } = this;
    if (!draws || problem.task.kind === "static") return NONE;
    if (problem.task.kind === "redrawn") return this.redraw(draws, clock, kernels);
    this.drift(draws, clock, kernels);
    return "all";
  }

  private redraw(draws: TaskDraws, clock: number, kernels: SimulationKernels): readonly number[] {
    const { arrays, count, cues, row, changed, firstIndex, threshold } = this;
    const { high, low } = draws.hazardKey;
    const at = arrays.changed.byteOffset;
    if (kernels.hazards(high, low, firstIndex, clock, threshold, count, at) === 0) return NONE;
    changed.length = 0;
    for (let n = cues.indexOf(1); n >= 0; n = cues.indexOf(1, n + 1)) {
      draws.redraw(n, clock, row, 0);
      arrays.minima.set(row, n * row.length);
      changed.push(n);
    }
    return changed;
  }

  private drift(draws: TaskDraws, clock: number, kernels: SimulationKernels): void {
    const { arrays, count, row, firstIndex, survival } = this;
    const { minima, mean, spread, taskNormals } = arrays;
    const dimension = row.length;
    const { high, low } = draws.changeKey;
    const normals = taskNormals.byteOffset;
    kernels.normals(high, low, firstIndex * dimension, clock, count * dimension, normals);
    kernels.drift(minima.byteOffset, mean.byteOffset, spread.byteOffset, normals, survival, count, dimension);
  }
}
