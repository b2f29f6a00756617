import { type GradientTransform, requireRange } from "./transform.js";

/** sign(g), entry by entry (Bernstein et al., arXiv:1802.04434). */
export function scaleBySign(): GradientTransform<null> {
  return {
    init: () => null,
    update: (updates, state) => {
      for (let i = 0; i < updates.length; i++) updates[i] = Math.sign(updates[i]);
      return state;
    },
  };
}

export interface ScaleByLionOptions {
  /** β₁: weight of the memory in the step. Default 0.9. */
  readonly beta1?: number;
  /** β₂: decay of the memory, per step. Default 0.99. */
  readonly beta2?: number;
}

/** sign(β₁m + (1 − β₁)g), then m ← β₂m + (1 − β₂)g (Chen et al., arXiv:2302.06675, program 1). The state is m. */
export function scaleByLion({
  beta1 = 0.9,
  beta2 = 0.99,
}: ScaleByLionOptions = {}): GradientTransform<Float64Array> {
  requireRange("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
  requireRange("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
  return {
    init: (batch, dimension) => new Float64Array(batch * dimension),
    update: (updates, memory) => {
      for (let i = 0; i < updates.length; i++) {
        const gradient = updates[i];
        updates[i] = Math.sign(beta1 * memory[i] + (1 - beta1) * gradient);
        memory[i] = beta2 * memory[i] + (1 - beta2) * gradient;
      }
      return memory;
    },
  };
}
