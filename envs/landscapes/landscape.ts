/** A minimum that is known, as a displacement. */
export interface KnownMinimum {
  /** Shape [dimension]. */
  readonly parameters: readonly number[];
  readonly loss: number;
  /** Whether no point has a lower loss. */
  readonly global: boolean;
}

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
  /**
   * What happens to the instance at `offset` after the step of that number, counted from 1 in each episode:
   * the member of the family may change. `uniform(i)` is fresh for every step. Absent where nothing changes.
   */
  advanceInstance?(
    uniform: (i: number) => number,
    step: number,
    instances: Float64Array,
    offset: number,
  ): void;
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
  /** How many of them the member of the family at `offset` shows. Absent where each shows all. */
  exampleCountOf?(instances: Float64Array, offset: number): number;
  /**
   * Mean gradient over the `batchSize` examples that each row of `examples` `[count, batchSize]` names, from 0 to
   * one less than the row's member shows. Only where instances tell tables apart does it need them. Where
   * `hasMinibatchLoss`, it writes the mean losses over the same examples `[count]`, if they are wanted.
   */
  minibatchGradient?(
    points: Float64Array,
    examples: Int32Array,
    batchSize: number,
    count: number,
    gradients: Float64Array,
    instances?: Float64Array,
    losses?: Float64Array | null,
  ): void;
  readonly hasMinibatchLoss?: boolean;
  /** "exact" when the gradient is given or derived, "central-differences" when it is approximated. */
  readonly gradientSource: "exact" | "central-differences";
  /** In what it is computed. Default "float64". */
  readonly precision?: "float64" | "float32" | undefined;
  /** Minima that are known, the global ones first; there may be others. Absent where none is. */
  readonly minima?: readonly KnownMinimum[];
  /** The interval in which each coordinate is usually shown. */
  readonly bounds?: readonly [low: number, high: number];
}
