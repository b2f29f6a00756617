import { type GradientTransform, requireRange } from "./transform.js";

export interface ScaleByAdamOptions {
  /** β₁: decay of the average of gradients, per step. Default 0.9. */
  readonly beta1?: number;
  /** β₂: decay of the average of squares, per step. Default 0.999. */
  readonly beta2?: number;
  /** ε, added to the root. Default 1e-8. */
  readonly epsilon?: number;
  /** Whether the averages are divided by 1 − βᵗ, as if they had not begun at zero. Default true. */
  readonly biasCorrection?: boolean;
}

export interface AdamState {
  step: number;
  /** m and v, shape [n, d]. */
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** m̂/(√v̂ + ε) (Kingma and Ba, arXiv:1412.6980, algorithm 1). */
export function scaleByAdam({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  biasCorrection = true,
}: ScaleByAdamOptions = {}): GradientTransform<AdamState> {
  requireRange("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
  requireRange("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
  requireRange("epsilon", epsilon, epsilon >= 0, ">= 0");
  return {
    init: (batch, dimension) => ({
      step: 0,
      first: new Float64Array(batch * dimension),
      second: new Float64Array(batch * dimension),
    }),
    update: (updates, state) => {
      const { first, second } = state;
      state.step++;
      const firstMass = biasCorrection ? 1 - beta1 ** state.step : 1;
      const secondMass = biasCorrection ? 1 - beta2 ** state.step : 1;
      for (let i = 0; i < updates.length; i++) {
        first[i] = beta1 * first[i] + (1 - beta1) * updates[i];
        second[i] = beta2 * second[i] + (1 - beta2) * updates[i] * updates[i];
        updates[i] = first[i] / firstMass / (Math.sqrt(second[i] / secondMass) + epsilon || 1);
      }
      return state;
    },
  };
}
