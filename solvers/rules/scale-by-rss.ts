import { type GradientTransform, requireRange } from "./transform.js";

export interface ScaleByRssOptions {
  /** What the sum of squares begins at. Default 0.1, as in TensorFlow and optax. */
  readonly initialAccumulator?: number;
  /** ε, added under the root. Default 1e-7. */
  readonly epsilon?: number;
}

/** s ← s + g², g/√(s + ε) (Duchi, Hazan and Singer, JMLR 12, 2011). The state is s. */
export function scaleByRss({
  initialAccumulator = 0.1,
  epsilon = 1e-7,
}: ScaleByRssOptions = {}): GradientTransform<Float64Array> {
  requireRange("initialAccumulator", initialAccumulator, initialAccumulator >= 0, ">= 0");
  requireRange("epsilon", epsilon, epsilon >= 0, ">= 0");
  return {
    init: (batch, dimension) => new Float64Array(batch * dimension).fill(initialAccumulator),
    update: (updates, sums) => {
      for (let i = 0; i < updates.length; i++) {
        sums[i] += updates[i] * updates[i];
        updates[i] /= Math.sqrt(sums[i] + epsilon) || 1;
      }
      return sums;
    },
  };
}
