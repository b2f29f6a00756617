/** The state of a batch of environments. All arrays are row-major and live as long as the batch. */
export class Batch {
  readonly count: number;
  readonly dimension: number;
  /** θ, `[count, dimension]`. */
  readonly parameters: Float64Array;
  /** μ, `[count, dimension]`. */
  readonly minima: Float64Array;
  /** What tells the members of a family of landscapes apart, `[count, instanceSize]`. */
  readonly instances: Float64Array;
  /** The last movement of θ, `[count, dimension]`. */
  readonly updates: Float64Array;
  /** θ before it, `[count, dimension]`. */
  readonly before: Float64Array;
  /** θ − μ as it was last asked for, `[count, dimension]`. */
  readonly displacements: Float64Array;
  /** Loss and cost of the last step, `[count]`. */
  readonly losses: Float64Array;
  readonly costs: Float64Array;
  /** Costs negated. */
  readonly rewards: Float64Array;
  /** 1 where the last step was undone, `[count]`. */
  readonly diverged: Uint8Array;
  /** 1 where the last step ended with a change of task, `[count]`. */
  readonly cues: Uint8Array;
  /** Steps since the episode began, `[count]`. */
  readonly elapsed: Int32Array;

  constructor(count: number, dimension: number, instanceSize: number) {
    this.count = count;
    this.dimension = dimension;
    this.parameters = new Float64Array(count * dimension);
    this.minima = new Float64Array(count * dimension);
    this.instances = new Float64Array(count * instanceSize);
    this.updates = new Float64Array(count * dimension);
    this.before = new Float64Array(count * dimension);
    this.displacements = new Float64Array(count * dimension);
    this.losses = new Float64Array(count);
    this.costs = new Float64Array(count);
    this.rewards = new Float64Array(count);
    this.diverged = new Uint8Array(count);
    this.cues = new Uint8Array(count);
    this.elapsed = new Int32Array(count);
  }

  /** Fills `displacements` with θ − μ. */
  displace(): void {
    const { displacements, parameters, minima } = this;
    for (let i = 0; i < displacements.length; i++) displacements[i] = parameters[i] - minima[i];
  }
}
