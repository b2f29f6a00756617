/** Running mean and variance of rows of numbers, as plain data for a checkpoint. */
export interface MomentsJson {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly count: number;
}

/**
 * Running mean and population variance of the numbers in each of `size` columns, combined batch by batch (Chan,
 * Golub and LeVeque, 1979). As in Gymnasium it starts at mean 0 and variance 1, with the weight of 1e-4 rows.
 */
export class RunningMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  count = 1e-4;
  /** Whether the statistics stay as they are, for evaluation. */
  frozen = false;

  constructor(size: number) {
    this.mean = new Float64Array(size);
    this.variance = new Float64Array(size).fill(1);
  }

  static fromJSON({ mean, variance, count }: MomentsJson): RunningMoments {
    const moments = new RunningMoments(mean.length);
    moments.mean.set(mean);
    moments.variance.set(variance);
    moments.count = count;
    return moments;
  }

  /** Takes in the rows `[rows, size]` that `counted` marks; all of them when it is absent. */
  update(values: Float64Array, counted?: Uint8Array): void {
    const { mean, variance } = this;
    const rows = counted ? counted.reduce((sum, marked) => sum + marked, 0) : values.length / mean.length;
    if (this.frozen || rows === 0) return;
    const total = this.count + rows;
    for (let j = 0; j < mean.length; j++) {
      const batchMean = this.columnMean(values, j, rows, counted);
      const squares = this.columnSquares(values, j, batchMean, counted);
      const delta = batchMean - mean[j];
      const spread = variance[j] * this.count + squares + (delta * delta * this.count * rows) / total;
      mean[j] += (delta * rows) / total;
      variance[j] = spread / total;
    }
    this.count = total;
  }

  toJSON(): MomentsJson {
    return { mean: Array.from(this.mean), variance: Array.from(this.variance), count: this.count };
  }

  private columnMean(values: Float64Array, j: number, rows: number, counted?: Uint8Array): number {
    let sum = 0;
    for (let n = 0, i = j; i < values.length; n++, i += this.mean.length)
      if (!counted || counted[n] === 1) sum += values[i];
    return sum / rows;
  }

  private columnSquares(values: Float64Array, j: number, mean: number, counted?: Uint8Array): number {
    let sum = 0;
    for (let n = 0, i = j; i < values.length; n++, i += this.mean.length)
      if (!counted || counted[n] === 1) sum += (values[i] - mean) ** 2;
    return sum;
  }
}
