// The simulator backwards, on a landscape that is a sum over coordinates. a is the derivative of the cost with respect
// to θ, `[count, dimension]`.
import { bend4, particular4, slope4 } from "./families";
import { firstLanes, storeFirst } from "./lanes";

/** The fields are those of `fields` in ../adjoint.ts, in that order, four bytes each. */
@unmanaged
export class AdjointPlan {
  count: i32;
  dimension: i32;
  adjoint: usize;
  /** θ before and after the step, the μ that it was charged for, and u. */
  before: usize;
  after: usize;
  minima: usize;
  actions: usize;
  /** Bytes, 1 where the step was undone. */
  diverged: usize;
  instances: usize;
  instanceStride: usize;
  actionGradients: usize;
  /** Derivatives of the cost with respect to what was shown; bytes from one environment to the next. */
  shownGradients: usize;
  shownParameters: usize;
  observationStride: usize;
  /** What a is multiplied by on its way from step t + 1. */
  carry: f32;
  /** Derivatives of the cost by the loss, and by half a squared velocity. */
  perLoss: f32;
  perMovement: f32;
  timeStep: f32;
  shape: f32;
}

/** a ← carry·a + perLoss·∇L(θ_{t+1} − μ), and ∂J/∂u = Δt·a + perMovement·u; 0 where the step was undone. */
@inline
export function stepBackward(family: i32, plan: AdjointPlan): void {
  const row = (<usize>plan.dimension) << 2;
  const carry = f32x4.splat(plan.carry);
  const perLoss = f32x4.splat(plan.perLoss);
  const perMovement = f32x4.splat(plan.perMovement);
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  for (let n: usize = 0; n < <usize>plan.count; n++) {
    const first = n * row;
    const h = plan.instances + n * plan.instanceStride;
    const lives = i32x4.splat(<i32>load<u8>(plan.diverged + n) - 1);
    for (let at: usize = 0; at < row; at += 16) {
      const z = f32x4.sub(v128.load(plan.after + first + at), v128.load(plan.minima + first + at));
      const curvature = particular4(family, h + at);
      const slope = f32x4.mul(perLoss, slope4(family, z, curvature, shape));
      const a = f32x4.add(f32x4.mul(carry, v128.load(plan.adjoint + first + at)), v128.and(lives, slope));
      const effort = f32x4.mul(perMovement, v128.load(plan.actions + first + at));
      store(plan.adjoint + first + at, a, row - at);
      store(plan.actionGradients + first + at, v128.and(lives, f32x4.add(f32x4.mul(dt, a), effort)), row - at);
    }
  }
}

/** a ← a + ∇²L(θ_t − μ)·∂J/∂gradient + ∂J/∂parameters. */
@inline
export function observationBackward(family: i32, plan: AdjointPlan): void {
  const row = (<usize>plan.dimension) << 2;
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  for (let n: usize = 0; n < <usize>plan.count; n++) {
    const first = n * row;
    const h = plan.instances + n * plan.instanceStride;
    const gradient = plan.shownGradients + n * plan.observationStride;
    const shown = plan.shownParameters + n * plan.observationStride;
    for (let at: usize = 0; at < row; at += 16) {
      const z = f32x4.sub(v128.load(plan.before + first + at), v128.load(plan.minima + first + at));
      const curvature = particular4(family, h + at);
      const bend = bend4(family, z, curvature, shape);
      let a = f32x4.add(v128.load(plan.adjoint + first + at), f32x4.mul(bend, v128.load(gradient + at)));
      if (plan.shownParameters) a = f32x4.add(a, v128.load(shown + at));
      store(plan.adjoint + first + at, a, row - at);
    }
  }
}

/** Stores as much as is left of a row. */
@inline
function store(at: usize, value: v128, left: usize): void {
  if (left >= 16) v128.store(at, value);
  else storeFirst(at, value, left >> 2);
}
