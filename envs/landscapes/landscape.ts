/**
 * A loss surface, or a family of them, evaluated in batches. All arrays are row-major.
 *
 * `points` are displacements θ − μ `[count, dimension]`: the simulator moves the landscape by the task's
 * minimum μ, so a landscape only knows its own shape. `instances` `[count, instanceSize]` tell members of a
 * family apart, such as the curvatures of random parabolas.
 */
export interface Landscape {
  readonly kind: string;
  readonly dimension: number;
  /** Numbers per instance; 0 for a single landscape. */
  readonly instanceSize: number;
  /** Draws one instance; `uniform(i)` is the i-th uniform number in (0, 1). Writes at `offset`. */
  sampleInstance?(uniform: (i: number) => number, instances: Float64Array, offset: number): void;
  /** Losses `[count]` and gradients `[count, dimension]`; either may be null when it is not wanted. */
  evaluate(
    points: Float64Array,
    instances: Float64Array,
    count: number,
    losses: Float64Array | null,
    gradients: Float64Array | null,
  ): void;
  /** Products of each instance's Hessian with its row of `vectors` `[count, dimension]`. */
  hessianVector(
    points: Float64Array,
    instances: Float64Array,
    count: number,
    vectors: Float64Array,
    products: Float64Array,
  ): void;
  /**
   * Turns standard normals `[count, dimension]` in place into noise with the covariance of one example's
   * gradient, the Fisher identity E[ggᵀ] = H. Absent where the landscape does not define it.
   */
  shapeFisherNoise?(instances: Float64Array, count: number, normals: Float64Array): void;
  /** How many examples the loss averages over; present when minibatch gradients are possible. */
  readonly exampleCount?: number;
  /** Mean gradient over the `batchSize` examples that each row of `examples` `[count, batchSize]` names. */
  minibatchGradient?(
    points: Float64Array,
    examples: Int32Array,
    batchSize: number,
    count: number,
    gradients: Float64Array,
  ): void;
  /** "exact" when the gradient is given or derived, "central-differences" when it is approximated. */
  readonly gradientSource: "exact" | "central-differences";
}
