import { dimensionOf, type NavigationProblem } from "../envs/problem/problem.js";
import type { Belief, BeliefState } from "./beliefs/belief.js";
import { type CuedState, cuedKalman, varianceAfter } from "./beliefs/cued.js";
import {
  type CurvatureGridOptions,
  type CurvatureGridState,
  curvatureGrid,
} from "./beliefs/curvature-grid.js";
import { type DelayedState, delayed } from "./beliefs/delayed.js";
import { type Evidence, meanOf, varianceOf } from "./beliefs/evidence.js";
import { coordinatesSeen } from "./beliefs/gradient-model.js";
import { type KalmanState, kalman } from "./beliefs/kalman.js";
import { revealedMinimum } from "./beliefs/revealed.js";
import { type RunLengthState, runLength } from "./beliefs/run-length.js";

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

function meanPart(size: number) {
  return {
    part: "posteriorMean" as const,
    size,
    write: ({ posteriorMean }: BeliefState, out: Float64Array, at: number) => out.set(posteriorMean, at),
  };
}

export function ofExactGradient(problem: NavigationProblem): BeliefFeatures {
  const d = dimensionOf(problem);
  const belief = revealedMinimum(problem);
  const variance = Float64Array.from(belief.covariance.diagonal());
  const whole = coordinatesSeen(problem).length === d;
  return {
    belief,
    parts: [
      meanPart(d),
      ...(whole
        ? []
        : [
            {
              part: "posteriorVariance" as const,
              size: d,
              write: (_: BeliefState, out: Float64Array, at: number) => out.set(variance, at),
            },
          ]),
    ],
  };
}

export function ofKalman(problem: NavigationProblem): BeliefFeatures<KalmanState> {
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

export function ofRunLengths(problem: NavigationProblem): BeliefFeatures<RunLengthState> {
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

export function ofCuedRun(problem: NavigationProblem): BeliefFeatures<CuedState> {
  const belief = cuedKalman(problem);
  const { evidence } = belief;
  const { dimension, priorVariance } = evidence;
  return {
    belief,
    parts: [
      meanPart(dimension),
      {
        part: "posteriorVariance",
        size: dimension,
        write: ({ runs }, out, at) => {
          const whitened = priorVariance.map((variance) => varianceAfter(runs[0], variance));
          for (let i = 0; i < dimension; i++) out[at + i] = varianceOf(evidence, i, whitened);
        },
      },
      {
        part: "runLength",
        size: 1,
        write: ({ runs }, out, at) => {
          out[at] = runs[0];
        },
      },
    ],
  };
}

/** The mean and variance of a late belief; of its other parts, which are about the past, there is nothing to say. */
export function ofDelayed(
  problem: NavigationProblem,
  { belief, parts }: BeliefFeatures,
): BeliefFeatures<DelayedState> {
  const { mean = [], covariance = [], kind } = problem.task;
  const d = mean.length;
  const past = parts.find(({ part }) => part === "posteriorVariance");
  return {
    belief: delayed(problem, belief),
    parts: [
      meanPart(d),
      {
        part: "posteriorVariance",
        size: d,
        write: (state, out, at) => {
          out.fill(0, at, at + d);
          past?.write(state.past, out, at);
          const a = state.kept[0];
          for (let i = 0; i < d; i++) {
            const gap = state.past.posteriorMean[i] - mean[i];
            const [own, prior] = [out[at + i], covariance[i][i]];
            out[at + i] =
              kind === "redrawn"
                ? a * own + (1 - a) * (prior + a * gap * gap)
                : a * a * own + (1 - a * a) * prior;
          }
        },
      },
    ],
  };
}

/** Variance of the mixture: that of each run, and that between their means. */
function runVariance(evidence: Evidence) {
  const { dimension: d, seen: k, priorVariance } = evidence;
  const whitened = new Float64Array(k);
  return (
    { step, counts, starts, weights, means, posteriorMean }: RunLengthState,
    out: Float64Array,
    at: number,
  ) => {
    out.fill(0, at, at + d);
    for (let r = 0; r < counts[0]; r++) {
      const looks = step - starts[r];
      for (let j = 0; j < k; j++) whitened[j] = varianceAfter(looks, priorVariance[j]);
      for (let i = 0; i < d; i++) {
        const gap = meanOf(evidence, i, means, r * k) - posteriorMean[i];
        out[at + i] += weights[r] * (varianceOf(evidence, i, whitened) + gap * gap);
      }
    }
  };
}

export function ofCurvature(
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
