/**
 * Where a batch of environments lies in memory, and the numbers of its problem. The fields are those of
 * `fields` in ../plan.ts, in that order, four bytes each. Arrays are row-major, `[count, dimension]` unless
 * said otherwise, and have room for at least 16 bytes beyond their end.
 */
@unmanaged
export class Plan {
  count: i32;
  dimension: i32;
  /** θ, and θ before the last step. */
  parameters: usize;
  before: usize;
  minima: usize;
  actions: usize;
  /** What tells landscapes apart; its stride in bytes is 0 where all environments share one. */
  instances: usize;
  instanceStride: usize;
  /** Standard normals; 0 where the gradient is exact. */
  noise: usize;
  noiseScale: f32;
  /** Whether noise is multiplied by the root of the curvature. */
  isFisher: i32;
  /** Where the gradient and the parameters of environment 0 are shown, and bytes from one environment to the next. */
  shownGradients: usize;
  gradientStride: usize;
  shownParameters: usize;
  parametersStride: usize;
  /** Shape [count]. */
  losses: usize;
  costs: usize;
  /** The costs negated. */
  rewards: usize;
  timeStep: f32;
  perMovement: f32;
  perLoss: f32;
  /** The one number that a family may have: tilt, amplitude, ridge. */
  shape: f32;
  /** Gradients without noise, of landscapes that are not sums over coordinates. */
  slopes: usize;
  /** Shape [count]: the losses before the last step, until the next observation; where losses go that are not wanted. */
  spareLosses: usize;
  /** Of softmax regression. */
  scratch: usize;
  table: usize;
  labels: usize;
  exampleCount: i32;
  classes: i32;
  /** Numbers of an example, the constant one among them. */
  width: i32;
  /** Examples of each minibatch `[count, batchSize]`; 0 of them where the whole table is shown. */
  chosen: usize;
  batchSize: i32;

  /** At the beginning of a step, what was now is before; and at the same places once more, to take a step back. */
  @inline
  turn(): void {
    const theta = this.parameters;
    this.parameters = this.before;
    this.before = theta;
    const losses = this.losses;
    this.losses = this.spareLosses;
    this.spareLosses = losses;
  }
}
