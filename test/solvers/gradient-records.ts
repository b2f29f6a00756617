import fc from "fast-check";
import { defineProblem, type NavigationProblem, type ProblemInput } from "../../envs/index.js";
import { beliefFeatures } from "../../solvers/belief-features.js";
import type { Looks } from "../oracles/filters.js";
import { positiveDefinite } from "./random-problems.js";

export type TaskKind = NavigationProblem["task"]["kind"];

export function taskOf(kind: TaskKind, rate: number, mean: number[], covariance: number[][]) {
  const prior = { mean, covariance };
  return {
    static: { kind: "static", ...prior },
    redrawn: { kind: "redrawn", hazardRate: rate, ...prior },
    drifting: { kind: "drifting", relaxationRate: rate, ...prior },
  }[kind] as ProblemInput["task"] & object;
}

/** A random problem of 2 to 4 coordinates, some of which are seen, a record of four steps, and the same as looks. */
export const randomRecord = (
  kind: TaskKind,
  noises: readonly ("isotropic" | "fisher" | "exact")[],
  seen: { readonly delay?: number; readonly channels?: ("gradient" | "parameters" | "cue")[] } = {},
) =>
  fc
    .record({
      d: fc.integer({ min: 2, max: 4 }),
      order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      entries: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 68, maxLength: 68 }),
      rate: fc.double({ min: 0.5, max: 8, noNaN: true }),
      kindOfNoise: fc.constantFrom(...noises),
    })
    .map(({ d, order, share, entries, rate, kindOfNoise }) => {
      const shown = order.filter((i) => i < d);
      const coordinates = shown.slice(0, 1 + Math.floor(share * d));
      const curvature = positiveDefinite(entries.slice(0, 16), d);
      const covariance = positiveDefinite(entries.slice(16, 32), d);
      const mean = entries.slice(32, 32 + d);
      const steps = [0, 1, 2, 3];
      const parameters = steps.map((t) => entries.slice(36 + 4 * t, 36 + 4 * t + d));
      const gradients = steps.map((t) => coordinates.map((_, i) => 2 * entries[52 + 4 * t + i]));
      const noise = { isotropic: 0.7, fisher: { fisher: { batchSize: 2 } }, exact: 0 }[kindOfNoise];
      const problem = defineProblem({
        landscape: { kind: "quadratic", curvature },
        objective: { discountRate: 0.5 },
        task: taskOf(kind, rate, mean, covariance),
        observation: { kind: "gradient", noise, coordinates, ...seen },
      });
      const observation = coordinates.map((i) => curvature[i]);
      const ofNoise = (i: number, j: number) =>
        kindOfNoise === "fisher" ? curvature[i][j] / 2 : i === j ? (noise as number) ** 2 : 0;
      const looks = parameters.map((theta, t) =>
        observation.map((row, i) => row.reduce((sum, h, j) => sum + h * theta[j], -gradients[t][i])),
      );
      const all: Looks = {
        mean,
        covariance,
        observation,
        noise: coordinates.map((i) => coordinates.map((j) => ofNoise(i, j))),
        looks,
      };
      return { problem, parameters, gradients, all };
    });

/** Posterior means, [steps, d], and variances, [steps, d], of the exact belief, which is told where there were cues. */
export function replay(
  problem: NavigationProblem,
  parameters: number[][],
  gradients: number[][],
  cues: number[] = [],
) {
  const { belief, parts } = beliefFeatures(problem);
  const spread = parts.find(({ part }) => part === "posteriorVariance");
  let state = belief.init(1);
  const steps = parameters.map((theta, t) => {
    state = belief.update(
      Float64Array.from(gradients[t]),
      Float64Array.from(theta),
      state,
      Float64Array.of(cues[t] ?? 0),
    );
    const variance = new Float64Array(theta.length);
    spread?.write(state, variance, 0);
    return { mean: Array.from(state.posteriorMean), variance: Array.from(variance) };
  });
  return { means: steps.map(({ mean }) => mean), variances: steps.map(({ variance }) => variance) };
}

export const upTo = (all: Looks, t: number): Looks => ({ ...all, looks: all.looks.slice(0, t + 1) });
