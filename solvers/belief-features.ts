import {
  dimensionOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
} from "../envs/problem/problem.js";
import type { Belief, BeliefState } from "./beliefs/belief.js";
import {
  type CurvatureGridOptions,
  type CurvatureGridState,
  curvatureGrid,
} from "./beliefs/curvature-grid.js";
import type { Evidence } from "./beliefs/evidence.js";
import { type KalmanState, kalman } from "./beliefs/kalman.js";
import { revealedMinimum } from "./beliefs/revealed.js";
import { type RunLengthState, runLength } from "./beliefs/run-length.js";
import { ignoredChannels } from "./rule.js";

/** A part of a belief, in numbers that a policy can read. */
export type BeliefPart =
  | "parameters"
  | "posteriorMean"
  | "posteriorVariance"
  | "posteriorLogCurvature"
  | "runLength"
  | "weights"
  | "means";

export interface BeliefLayout {
  readonly part: BeliefPart;
  readonly offset: number;
  readonly size: number;
}

/** The exact belief of one environment, and how its parts are read from its state. */
export interface BeliefFeatures<State extends BeliefState = BeliefState> {
  readonly belief: Belief<State>;
  /** The parts after the parameters, in their order. */
  readonly parts: readonly {
    readonly part: BeliefPart;
    readonly size: number;
    write(state: State, out: Float64Array, at: number): void;
  }[];
}

/**
 * The exact belief of a problem:
 * - an exact gradient: `posteriorMean`, the minimum itself;
 * - a static or drifting minimum, seen with noise: `posteriorMean` and `posteriorVariance` (Kalman filter);
 * - a redrawn one: the same of the mixture over run lengths, and `runLength`, the expected number of looks that the
 *   present task has had. The mixture itself is not of fixed size; its mean is all that the optimal action needs.
 * - a hidden curvature: `posteriorMean`, `posteriorVariance`, `posteriorLogCurvature`, and the grid itself: `weights`
 *   p(h | history) and `means` E[μ | history, h], each [d, points].
 *
 * @throws Error when nothing is hidden, or no exact belief is known for the problem
 */
export function beliefFeatures(
  problem: NavigationProblem,
  options: CurvatureGridOptions = {},
): BeliefFeatures {
  const ignored = ignoredChannels(problem);
  if (problem.observation.kind === "state" || !(hidesMinimum(problem) || hidesCurvature(problem)))
    throw new Error("beliefObservation: needs a problem that hides something, and this one shows everything");
  if (ignored.length > 0)
    throw new Error(
      `observation.channels: must not include ${ignored.map((name) => `"${name}"`).join(" or ")}, which the belief does not use`,
    );
  if (hidesCurvature(problem)) return erase(ofCurvature(problem, options));
  if (problem.observation.noise === 0) return erase(ofExactGradient(problem));
  return problem.task.kind === "redrawn" ? erase(ofRunLengths(problem)) : erase(ofKalman(problem));
}

/** Hides the concrete state; a belief is only ever given a state that it made. */
function erase<State extends BeliefState>(features: BeliefFeatures<State>): BeliefFeatures {
  return features as object as BeliefFeatures;
}

function meanPart(size: number) {
  return {
    part: "posteriorMean" as const,
    size,
    write: ({ posteriorMean }: BeliefState, out: Float64Array, at: number) => out.set(posteriorMean, at),
  };
}

function ofExactGradient(problem: NavigationProblem): BeliefFeatures {
  return { belief: revealedMinimum(problem), parts: [meanPart(dimensionOf(problem))] };
}

function ofKalman(problem: NavigationProblem): BeliefFeatures<KalmanState> {
  const belief = kalman(problem);
  const { evidence } = belief;
  return {
    belief,
    parts: [
      meanPart(evidence.dimension),
      {
        part: "posteriorVariance",
        size: evidence.dimension,
        write: ({ variance }, out, at) => {
          for (let i = 0; i < evidence.dimension; i++) out[at + i] = varianceOf(evidence, i, variance);
        },
      },
    ],
  };
}

/** Σₖ (T⁻¹)ᵢₖ²·vₖ: the variance of coordinate i where those of the whitened ones are v. */
function varianceOf(
  { dimension: d, isDiagonal, unwhiten }: Evidence,
  i: number,
  whitened: Float64Array,
): number {
  if (isDiagonal) return unwhiten[i] ** 2 * whitened[i];
  let sum = 0;
  for (let k = 0; k < d; k++) sum += unwhiten[i * d + k] ** 2 * whitened[k];
  return sum;
}

function ofRunLengths(problem: NavigationProblem): BeliefFeatures<RunLengthState> {
  const belief = runLength(problem);
  const { dimension } = belief.evidence;
  return {
    belief,
    parts: [
      meanPart(dimension),
      { part: "posteriorVariance", size: dimension, write: runVariance(belief.evidence) },
      {
        part: "runLength",
        size: 1,
        write: ({ step, counts, starts, weights }, out, at) => {
          out[at] = 0;
          for (let r = 0; r < counts[0]; r++) out[at] += weights[r] * (step - starts[r]);
        },
      },
    ],
  };
}

/** Variance of the mixture: that of each run, and that between their means. */
function runVariance(evidence: Evidence) {
  const { dimension: d, priorVariance } = evidence;
  const whitened = new Float64Array(d);
  return (
    { step, counts, starts, weights, means, posteriorMean }: RunLengthState,
    out: Float64Array,
    at: number,
  ) => {
    out.fill(0, at, at + d);
    for (let r = 0; r < counts[0]; r++) {
      const looks = step - starts[r];
      for (let k = 0; k < d; k++) whitened[k] = priorVariance[k] / (1 + looks * priorVariance[k]);
      for (let i = 0; i < d; i++) {
        const gap = runMean(evidence, means, r, i) - posteriorMean[i];
        out[at + i] += weights[r] * (varianceOf(evidence, i, whitened) + gap * gap);
      }
    }
  };
}

/** E[μᵢ] of run r: μ₀ᵢ + Σₖ (T⁻¹)ᵢₖ·mₖ. */
function runMean(
  { dimension: d, isDiagonal, mean, unwhiten }: Evidence,
  means: Float64Array,
  r: number,
  i: number,
): number {
  if (isDiagonal) return mean[i] + unwhiten[i] * means[r * d + i];
  let sum = mean[i];
  for (let k = 0; k < d; k++) sum += unwhiten[i * d + k] * means[r * d + k];
  return sum;
}

function ofCurvature(
  problem: NavigationProblem,
  options: CurvatureGridOptions,
): BeliefFeatures<CurvatureGridState> {
  const belief = curvatureGrid(problem, options);
  const d = dimensionOf(problem);
  const points = belief.curvatures.length;
  return {
    belief,
    parts: [
      meanPart(d),
      {
        part: "posteriorVariance",
        size: d,
        write: ({ weights, means, variances, posteriorMean }, out, at) => {
          out.fill(0, at, at + d);
          for (let i = 0; i < d * points; i++) {
            const j = Math.floor(i / points);
            out[at + j] += weights[i] * (variances[i] + (means[i] - posteriorMean[j]) ** 2);
          }
        },
      },
      {
        part: "posteriorLogCurvature",
        size: d,
        write: ({ posteriorLogCurvature }, out, at) => out.set(posteriorLogCurvature, at),
      },
      { part: "weights", size: d * points, write: ({ weights }, out, at) => out.set(weights, at) },
      { part: "means", size: d * points, write: ({ means }, out, at) => out.set(means, at) },
    ],
  };
}
