import { type GradientTransform, requireRange } from "./transform.js";

export interface ScaleByRmsOptions {
  /** ρ: decay of the average of squares, per step. Default 0.9. */
  readonly decay?: number;
  /** ε, added to the root. Default 1e-8. */
  readonly epsilon?: number;
  /** Whether ε is added to v, under the root, as TensorFlow does. Default false. */
  readonly epsilonInRoot?: boolean;
}

/** v ← ρv + (1 − ρ)g², g/(√v + ε) or g/√(v + ε) (Tieleman and Hinton, 2012). The state is v. */
export function scaleByRms({
  decay = 0.9,
  epsilon = 1e-8,
  epsilonInRoot = false,
}: ScaleByRmsOptions = {}): GradientTransform<Float64Array> {
  requireRange("decay", decay, decay >= 0 && decay < 1, "in [0, 1)");
  requireRange("epsilon", epsilon, epsilon >= 0, ">= 0");
  const [under, beside] = epsilonInRoot ? [epsilon, 0] : [0, epsilon];
  return {
    init: (batch, dimension) => new Float64Array(batch * dimension),
    update: (updates, squares) => {
      for (let i = 0; i < updates.length; i++) {
        squares[i] = decay * squares[i] + (1 - decay) * updates[i] * updates[i];
        updates[i] /= Math.sqrt(squares[i] + under) + beside || 1;
      }
      return squares;
    },
  };
}
