/** Decisions of a Gaussian policy with mean u(o) and standard deviation σs, M samples of `actionSize` actions. */
export interface Samples {
  /** Taken, `[count, actionSize]`. */
  readonly actions: Float64Array;
  /** s, which stays as it was when they were taken, `[count, actionSize]`. */
  readonly scales: Float64Array;
  /** log π of them when they were taken, up to the constant of a Gaussian, `[count]`. */
  readonly logProbabilities: Float64Array;
  /** A, `[count]`. */
  readonly advantages: Float64Array;
  /** 0 where nothing was decided, else 1, `[count]`. */
  readonly valid: Uint8Array;
}

/** log π(a) = −Σⱼ [½((aⱼ − uⱼ)/σⱼsⱼ)² + log σⱼ], up to a constant, for row i. */
export function logProbability(
  { actions, scales }: Pick<Samples, "actions" | "scales">,
  { means, logDeviations }: Gaussian,
  i: number,
): number {
  const size = logDeviations.length;
  let sum = 0;
  for (let j = 0; j < size; j++) {
    const at = i * size + j;
    const z = ((actions[at] - means[at]) * Math.exp(-logDeviations[j])) / scales[at];
    sum -= 0.5 * z * z + logDeviations[j];
  }
  return sum;
}

/** By how much a sample counts as diverged at most: where an episode runs away the mean would be all its own, and no iteration go on. */
const FARTHEST = 1;

/** A Gaussian policy at every sample, or the gradients with respect to it. */
export interface Gaussian {
  /** u, `[count, actionSize]`. */
  readonly means: Float64Array;
  /** log σ, `[actionSize]`. */
  readonly logDeviations: Float64Array;
}

export interface SurrogateOptions {
  /** The first sample, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** ε. */
  readonly clip: number;
  readonly scale: number;
}

/**
 * PPO's clipped objective (Schulman et al., arXiv:1707.06347), negated, summed over valid samples and scaled:
 *
 *     J = −scale·Σ min(r·A, clip(r, 1 − ε, 1 + ε)·A),   r = π(a)/π_then(a).
 *
 * Writes ∂J/∂means, adds to ∂J/∂log σ, and returns J and an estimate of the divergence KL(π_then ‖ π), scaled alike:
 * scale·Σ min(r − 1 − log r, 1), without negative terms (Schulman, "Approximating KL divergence", 2020).
 */
export function clippedSurrogate(
  samples: Samples,
  policy: Gaussian,
  { from, to, clip, scale }: SurrogateOptions,
  gradients: Gaussian,
): { readonly objective: number; readonly divergence: number } {
  const { actions, scales, logProbabilities, advantages, valid } = samples;
  const { means, logDeviations } = policy;
  const size = logDeviations.length;
  let objective = 0;
  let divergence = 0;
  for (let i = from; i < to; i++) {
    const advantage = valid[i] * advantages[i];
    const logRatio = logProbability(samples, policy, i) - logProbabilities[i];
    const ratio = Math.exp(logRatio);
    divergence += scale * valid[i] * Math.min(ratio - 1 - logRatio, FARTHEST);
    const clipped = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
    objective -= scale * Math.min(ratio * advantage, clipped * advantage);
    const slope = ratio * advantage <= clipped * advantage ? -scale * ratio * advantage : 0;
    for (let j = 0, at = i * size; j < size; j++, at++) {
      const inverse = Math.exp(-logDeviations[j]) / scales[at];
      const z = (actions[at] - means[at]) * inverse;
      gradients.means[at] = slope * z * inverse;
      gradients.logDeviations[j] += slope * (z * z - 1);
    }
  }
  return { objective, divergence };
}
