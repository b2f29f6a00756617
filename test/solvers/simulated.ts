import { type NavigationProblem, navigationVectorEnv } from "../../envs/index.js";
import { unwhitenInto } from "../../solvers/beliefs/evidence.js";
import {
  type Belief,
  type BeliefPart,
  type BeliefState,
  beliefLayoutOf,
  beliefObservation,
  type Evidence,
} from "../../solvers/index.js";

const average = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Mean, less what is expected, in standard errors. */
export function score(values: Float64Array, expected = 0): number {
  const center = average(values);
  const variance = average(values.map((value) => (value - center) ** 2));
  return (center - expected) / Math.sqrt(variance / values.length);
}

export const difference = (costs: Float64Array, reference: Float64Array) =>
  costs.map((cost, n) => cost - reference[n]);

export const told = (problem: NavigationProblem): NavigationProblem => ({
  ...problem,
  observation: { kind: "state" },
});

/** Of each coordinate, by how many standard errors the mean of (μ − m)²/v after nine looks misses 1. */
export function calibration(problem: NavigationProblem, numEnvs = 2000): number[] {
  const env = beliefObservation(navigationVectorEnv(problem, { numEnvs, seed: 7 }), problem);
  const layout = beliefLayoutOf(problem);
  const at = (part: BeliefPart) => layout.find((entry) => entry.part === part)?.offset ?? Number.NaN;
  const stride = env.singleObservationSpace.size;
  const d = layout[0].size;
  let { observations, infos } = env.reset();
  for (let t = 0; t < 8; t++)
    ({ observations, infos } = env.step(new Float64Array(d * numEnvs).fill(0.3 * t)));
  const minima = infos.minimum as Float64Array;
  return Array.from({ length: d }, (_, i) => {
    const squares = Float64Array.from({ length: numEnvs }, (__, n) => {
      const [believed, variance] = [at("posteriorMean"), at("posteriorVariance")].map(
        (offset) => observations[n * stride + offset + i],
      );
      return (minima[d * n + i] - believed) ** 2 / variance;
    });
    return score(squares, 1);
  });
}

/** The Kalman filter that moves its means by another share of each surprise. */
export function misjudging<State extends BeliefState & { readonly means: Float64Array }>(
  belief: Belief<State> & { readonly evidence: Evidence },
  factor: number,
  survival = 1,
): Belief<State> {
  const { evidence } = belief;
  return {
    ...belief,
    update: (gradients, parameters, state, cues) => {
      const before = state.means.map((value, i) =>
        cues?.[Math.floor(i / evidence.seen)] === 1 ? 0 : survival * value,
      );
      const next = belief.update(gradients, parameters, state, cues);
      next.means.forEach((value, i) => {
        next.means[i] = before[i] + factor * (value - before[i]);
      });
      unwhitenInto(evidence, next.means, next.batch, next.posteriorMean);
      return next;
    },
  };
}
