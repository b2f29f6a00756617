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

/** μ ~ N(mean, covariance) at the index of an environment, by the factor LLᵀ = covariance. */
export function gaussianSampler(
  key: RandomKey,
  mean: ArrayLike<number>,
  factor: Float64Array,
  firstIndex: number,
) {
  const dimension = mean.length;
  const normals = new Float64Array(dimension);
  return (n: number, counter: number, out: Float64Array) => {
    fillNormals(key, (firstIndex + n) * dimension, counter, dimension, normals);
    for (let j = 0; j < dimension; j++) out[n * dimension + j] = mean[j];
    multiplyAdd(factor, dimension, dimension, normals, 0, 1, out, n * dimension);
  };
}

/** Survival of a task over one step: a = e^{−λΔt}, the same number for a redrawn and for a drifting task. */
export function survivalOf({ task, objective }: NavigationProblem): number {
  if (task.kind === "static") return 1;
  return Math.exp(-(task.kind === "redrawn" ? task.hazardRate : task.relaxationRate) * objective.timeStep);
}

/** @param changed receives 1 where `advance` has drawn another minimum and 0 elsewhere, `[count]` */
export function taskProcess(
  problem: NavigationProblem,
  key: RandomKey,
  count: number,
  firstIndex: number,
  changed: Uint8Array,
): TaskProcess {
  const { task, landscape } = problem;
  const dimension = dimensionOf(problem);
  const known = landscape.kind === "quadratic" ? landscape.minimum : new Array<number>(dimension).fill(0);
  const mean = task.mean ?? known;
  if (!task.covariance) return standing(mean);
  const factor = cholesky(flatten(task.covariance), dimension) as Float64Array;
  const begin = gaussianSampler(deriveKey(key, 0), mean, factor, firstIndex);
  const changeKey = deriveKey(key, 1);
  const survival = survivalOf(problem);
  if (task.kind === "static") return { changes: false, begin, advance: () => {} };
  if (task.kind === "redrawn") {
    const hazardKey = deriveKey(key, 2);
    const redraw = gaussianSampler(changeKey, mean, factor, firstIndex);
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
