import { deriveKey, fillNormals, type RandomKey, uniformAt } from "../core/random.js";
import { cholesky, flatten, multiplyAdd } from "./linear-algebra.js";
import { dimensionOf, type NavigationProblem } from "./problem.js";

/** Where the minima μ of a batch of environments are, `[count, dimension]`, and how they move. */
export interface TaskProcess {
  /** False when a minimum never moves within an episode. */
  readonly changes: boolean;
  /** Draws the minimum of environment n of the batch at the start of its episode of that number. */
  begin(n: number, episode: number, minima: Float64Array): void;
  /** What happens between one step and the next. */
  advance(clock: number, minima: Float64Array): void;
}

/** Draws for environment n of a batch, under a counter; writes at `at`, by default n·dimension. */
type Sampler = (n: number, counter: number, out: Float64Array, at?: number) => void;

/** μ ~ N(mean, covariance) at the index of an environment, by the factor LLᵀ = covariance. */
export function gaussianSampler(
  key: RandomKey,
  mean: ArrayLike<number>,
  factor: Float64Array,
  firstIndex: number,
): Sampler {
  const dimension = mean.length;
  const normals = new Float64Array(dimension);
  return (n, counter, out, at = n * dimension) => {
    fillNormals(key, (firstIndex + n) * dimension, counter, dimension, normals);
    for (let j = 0; j < dimension; j++) out[at + j] = mean[j];
    multiplyAdd(factor, dimension, dimension, normals, 0, 1, out, at);
  };
}

/** Survival of a task over one step: a = e^{−λΔt}, the same number for a redrawn and for a drifting task. */
export function survivalOf({ task, objective }: NavigationProblem): number {
  if (task.kind === "static") return 1;
  return Math.exp(-(task.kind === "redrawn" ? task.hazardRate : task.relaxationRate) * objective.timeStep);
}

/** The minima of a hidden task, and the streams from which they come. */
export interface TaskDraws {
  readonly mean: readonly number[];
  /** L with LLᵀ = covariance, `[dimension, dimension]`. */
  readonly factor: Float64Array;
  /** The minimum at the start of an episode, by the number of the episode. */
  readonly begin: Sampler;
  /** Another minimum, by the clock. */
  readonly redraw: Sampler;
  /** Of the uniform numbers, one for each environment and tick, that decide whether a task is redrawn. */
  readonly hazardKey: RandomKey;
  /** Of the normals by which a minimum drifts. */
  readonly changeKey: RandomKey;
}

/** Null where the minimum is known. */
export function taskDraws(problem: NavigationProblem, key: RandomKey, firstIndex: number): TaskDraws | null {
  const { task } = problem;
  if (!task.covariance) return null;
  const dimension = dimensionOf(problem);
  const mean = task.mean ?? knownMinimumOf(problem);
  const factor = cholesky(flatten(task.covariance), dimension) as Float64Array;
  const changeKey = deriveKey(key, 1);
  return {
    mean,
    factor,
    begin: gaussianSampler(deriveKey(key, 0), mean, factor, firstIndex),
    redraw: gaussianSampler(changeKey, mean, factor, firstIndex),
    hazardKey: deriveKey(key, 2),
    changeKey,
  };
}

/** μ where the task does not say it. */
export function knownMinimumOf(problem: NavigationProblem): readonly number[] {
  const { landscape } = problem;
  return landscape.kind === "quadratic" ? landscape.minimum : new Array<number>(dimensionOf(problem)).fill(0);
}

/** @param changed receives 1 where `advance` has drawn another minimum and 0 elsewhere, `[count]` */
export function taskProcess(
  problem: NavigationProblem,
  key: RandomKey,
  count: number,
  firstIndex: number,
  changed: Uint8Array,
): TaskProcess {
  const { task } = problem;
  const draws = taskDraws(problem, key, firstIndex);
  if (!draws) return standing(task.mean ?? knownMinimumOf(problem));
  const { mean, factor, redraw, hazardKey, changeKey } = draws;
  const begin: TaskProcess["begin"] = (n, episode, minima) => draws.begin(n, episode, minima);
  const survival = survivalOf(problem);
  if (task.kind === "static") return { changes: false, begin, advance: () => {} };
  if (task.kind === "redrawn") {
    return {
      changes: true,
      begin,
      advance(clock, minima) {
        for (let n = 0; n < count; n++) {
          changed[n] = uniformAt(hazardKey, firstIndex + n, clock) >= survival ? 1 : 0;
          if (changed[n] === 1) redraw(n, clock, minima);
        }
      },
    };
  }
  const dimension = mean.length;
  const normals = new Float64Array(count * dimension);
  const spread = Math.sqrt(1 - survival * survival);
  return {
    changes: true,
    begin,
    advance(clock, minima) {
      fillNormals(changeKey, firstIndex * dimension, clock, normals.length, normals);
      for (let n = 0, i = 0; n < count; n++) {
        const first = i;
        for (let j = 0; j < dimension; j++, i++) minima[i] = mean[j] + survival * (minima[i] - mean[j]);
        multiplyAdd(factor, dimension, dimension, normals, first, spread, minima, first);
      }
    },
  };
}

/** A minimum that is known, and stays. */
function standing(minimum: readonly number[]): TaskProcess {
  return {
    changes: false,
    begin: (n, _episode, minima) => minima.set(minimum, n * minimum.length),
    advance: () => {},
  };
}
