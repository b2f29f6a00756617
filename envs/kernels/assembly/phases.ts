// A step in three phases, for landscapes that are not sums over coordinates: move, then a landscape's own kernel for
// losses and slopes, then costs and observations.
import { evaluateDense } from "./dense";
import { firstLanes, nonFinite, storeFirst, sum4 } from "./lanes";
import { Plan } from "./plan";
import { evaluateReflected } from "./reflected";
import { evaluateSoftmax, softmaxBatches } from "./softmax";
import { evaluateValley } from "./valley";

export const DENSE: i32 = 0;
export const REFLECTED: i32 = 1;
export const SOFTMAX: i32 = 2;
export const VALLEY: i32 = 3;

/** Whether any cost or slope is not finite. */
@inline
export function stepPhases(family: i32, plan: Plan): bool {
  plan.turn();
  move(plan);
  evaluate(family, plan, plan.parameters, 0, plan.count);
  const bad = charge(plan);
  if (family == SOFTMAX && plan.batchSize) softmaxBatches(plan, plan.parameters, 0, plan.count);
  return !show(plan, plan.parameters, 0, plan.count) || bad;
}

/**
 * Makes the observations of environments from … to − 1 where they are, and where `evaluates`, their losses. Returns
 * whether their losses and slopes are finite.
 */
@inline
export function observePhases(family: i32, plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  const losses = plan.losses;
  if (!evaluates) plan.losses = plan.spareLosses;
  evaluate(family, plan, plan.parameters, from, to);
  if (family == SOFTMAX && plan.batchSize) softmaxBatches(plan, plan.parameters, from, to);
  const good = show(plan, plan.parameters, from, to) && areFinite(plan.losses, from, to);
  plan.losses = losses;
  return good;
}

/** Losses and slopes of environments from … to − 1 at θ; where minibatches are shown, slopes are not needed. */
@inline
function evaluate(family: i32, plan: Plan, theta: usize, from: i32, to: i32): void {
  if (family == DENSE) evaluateDense(plan, theta, from, to);
  else if (family == REFLECTED) evaluateReflected(plan, theta, from, to);
  else if (family == VALLEY) evaluateValley(plan, theta, from, to);
  else evaluateSoftmax(plan, theta, from, to, plan.batchSize == 0);
}

function areFinite(losses: usize, from: i32, to: i32): bool {
  for (let n = from; n < to; n++) if (nonFinite(load<f32>(losses + ((<usize>n) << 2)))) return false;
  return true;
}

/** θ ← θ + Δt·u, and (Δt/2η)‖u‖² to the costs. */
function move(plan: Plan): void {
  const row = (<usize>plan.dimension) << 2;
  const dt = f32x4.splat(plan.timeStep);
  for (let n: usize = 0; n < <usize>plan.count; n++) {
    const first = n * row;
    let effort = f32x4.splat(0);
    for (let at: usize = 0; at < row; at += 16) {
      const rest = min<usize>((row - at) >> 2, 4);
      const mask = rest == 4 ? i32x4.splat(-1) : firstLanes(rest);
      const u = v128.and(mask, v128.load(plan.actions + first + at));
      effort = f32x4.add(effort, f32x4.mul(u, u));
      // What this writes beyond the row is overwritten by the next one.
      v128.store(
        plan.parameters + first + at,
        f32x4.add(v128.load(plan.before + first + at), f32x4.mul(dt, u)),
      );
    }
    store<f32>(plan.costs + (n << 2), plan.perMovement * sum4(effort));
  }
}

/** Adds the losses to the costs; whether any cost is not finite. */
function charge(plan: Plan): bool {
  let bad = false;
  for (let n: usize = 0; n < <usize>plan.count; n++) {
    const at = n << 2;
    const cost = load<f32>(plan.costs + at) + plan.perLoss * load<f32>(plan.losses + at);
    store<f32>(plan.costs + at, cost);
    store<f32>(plan.rewards + at, -cost);
    bad = bad || nonFinite(cost);
  }
  return bad;
}

/** Shows environments from … to − 1: their slopes with noise, and θ. Returns whether the slopes are finite. */
function show(plan: Plan, theta: usize, from: i32, to: i32): bool {
  const row = (<usize>plan.dimension) << 2;
  const scale = f32x4.splat(plan.noiseScale);
  const zero = f32x4.splat(0);
  let spoiled = zero;
  for (let n = <usize>from; n < <usize>to; n++) {
    const first = n * row;
    const gradient = plan.shownGradients + n * plan.gradientStride;
    const shown = plan.shownParameters + n * plan.parametersStride;
    for (let at: usize = 0; at < row; at += 16) {
      const rest = min<usize>((row - at) >> 2, 4);
      let slope = v128.load(plan.slopes + first + at);
      if (plan.noise) slope = f32x4.add(slope, f32x4.mul(scale, v128.load(plan.noise + first + at)));
      const x = v128.load(theta + first + at);
      const mask = rest == 4 ? i32x4.splat(-1) : firstLanes(rest);
      spoiled = f32x4.add(spoiled, v128.and(mask, f32x4.sub(slope, slope)));
      if (rest == 4) {
        v128.store(gradient + at, slope);
        v128.store(shown + at, x);
      } else {
        storeFirst(gradient + at, slope, rest);
        storeFirst(shown + at, x, rest);
      }
    }
  }
  return !v128.any_true(f32x4.ne(spoiled, zero));
}
