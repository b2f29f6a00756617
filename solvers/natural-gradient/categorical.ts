import type { CustomSpec, Vector } from "../../envs/problem/problem.js";

/**
 * The softmax family over n outcomes, in its n − 1 free logits θ; the last logit is 0, so that the Fisher metric
 * is definite. Its geometry depends on θ, so the natural gradient is not a gradient in a fixed metric.
 */

/** p = softmax([θ, 0]), shape [n]. */
export function categoricalProbabilities(logits: ArrayLike<number>): number[] {
  const scores = [...Array.from(logits), 0];
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The Fisher information G(θ) = diag(p) − ppᵀ, shape [n − 1, n − 1]. */
export function categoricalFisher(logits: Vector): number[][] {
  const p = categoricalProbabilities(logits);
  return logits.map((_, i) => logits.map((__, j) => (i === j ? p[i] : 0) - p[i] * p[j]));
}

/** G(θ)⁻¹g = g/p + Σg/p_n, by the Sherman-Morrison formula. */
export function categoricalNaturalGradient(logits: Vector, gradient: ArrayLike<number>): number[] {
  const p = categoricalProbabilities(logits);
  const total = Array.from(gradient).reduce((sum, slope) => sum + slope, 0);
  return logits.map((_, i) => gradient[i] / p[i] + total / p[logits.length]);
}

/**
 * L = −Σ qₖ log pₖ, whose Hessian is the Fisher metric itself.
 *
 * @throws Error when the target is not a distribution
 */
export function crossEntropyLandscape(target: Vector): CustomSpec {
  const total = target.reduce((sum, q) => sum + q, 0);
  if (target.length < 2 || target.some((q) => !(q > 0)) || Math.abs(total - 1) > 1e-9)
    throw new Error(
      `target: must be at least two positive numbers that add up to 1, got [${target.join(", ")}]`,
    );
  return {
    kind: "custom",
    dimension: target.length - 1,
    loss: (logits) =>
      -categoricalProbabilities(logits).reduce((sum, p, k) => sum + target[k] * Math.log(p), 0),
    gradient: (logits) =>
      categoricalProbabilities(logits)
        .slice(0, -1)
        .map((p, i) => p - target[i]),
  };
}

/**
 * L = Σ pₖ(cₖ + T·log pₖ): expected cost with an entropy bonus, the loss of a policy gradient. Lowest at
 * softmax(−c/T).
 *
 * @throws Error when there are fewer than two costs, or the temperature is not > 0
 */
export function expectedCostLandscape(costs: Vector, temperature: number): CustomSpec {
  if (costs.length < 2) throw new Error(`costs: must be at least two numbers, got ${costs.length}`);
  if (!(temperature > 0)) throw new Error(`temperature: must be > 0, got ${temperature}`);
  const charges = (p: readonly number[]) => p.map((share, k) => costs[k] + temperature * Math.log(share));
  const mean = (p: readonly number[], values: readonly number[]) =>
    p.reduce((sum, share, k) => sum + share * values[k], 0);
  return {
    kind: "custom",
    dimension: costs.length - 1,
    loss(logits) {
      const p = categoricalProbabilities(logits);
      return mean(p, charges(p));
    },
    gradient(logits) {
      const p = categoricalProbabilities(logits);
      const values = charges(p);
      const average = mean(p, values);
      return values.slice(0, -1).map((value, i) => p[i] * (value - average));
    },
  };
}
