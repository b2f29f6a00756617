// One step of a batch on a landscape that is a sum over coordinates, one environment after another:
// θ ← θ + Δt·u, cost = Δt·[(1/2η)‖u‖² + k·L(θ − μ)], and the next observation.
import { DOUBLE_WELL, QUADRATIC, share4, slope4 } from "./families";
import { firstLanes, nonFinite, storeFirst, sum4 } from "./lanes";
import { Plan } from "./plan";

/** Whether any cost is not finite. */
// @ts-ignore: decorator
@inline
export function stepRows(family: i32, plan: Plan): bool {
  const row = (<usize>plan.dimension) << 2;
  const whole = row & ~15;
  const rest = (row >> 2) & 3;
  const mask = firstLanes(rest);
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const first = family == DOUBLE_WELL ? firstLanes(1) : zero;
  const scale = f32x4.splat(plan.noiseScale);
  const isNoisy = plan.noise != 0;
  const isFisher = plan.isFisher != 0;
  let theta = plan.parameters;
  let next = plan.next;
  let mu = plan.minima;
  let actions = plan.actions;
  let h = plan.instances;
  let noise = plan.noise;
  let gradient = plan.shownGradients;
  let shown = plan.shownParameters;
  let bad = false;
  const count = (<usize>plan.count) << 2;
  for (let n: usize = 0; n < count; n += 4) {
    let effort = zero;
    let loss = zero;
    let special = first;
    for (let at: usize = 0; at < whole; at += 16) {
      const u = v128.load(actions + at);
      const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
      const z = f32x4.sub(x, v128.load(mu + at));
      const curvature = family == QUADRATIC ? v128.load(h + at) : zero;
      let slope = slope4(family, z, curvature, special, shape);
      effort = f32x4.add(effort, f32x4.mul(u, u));
      loss = f32x4.add(loss, share4(family, z, slope, special, shape));
      if (isNoisy) slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
      v128.store(next + at, x);
      v128.store(gradient + at, slope);
      v128.store(shown + at, x);
      special = zero;
    }
    if (rest) {
      const u = v128.and(mask, v128.load(actions + whole));
      const x = f32x4.add(v128.load(theta + whole), f32x4.mul(dt, u));
      const z = v128.and(mask, f32x4.sub(x, v128.load(mu + whole)));
      const curvature = family == QUADRATIC ? v128.load(h + whole) : zero;
      let slope = slope4(family, z, curvature, special, shape);
      effort = f32x4.add(effort, f32x4.mul(u, u));
      loss = f32x4.add(loss, v128.and(mask, share4(family, z, slope, special, shape)));
      if (isNoisy) slope = noisy(slope, v128.load(noise + whole), scale, curvature, isFisher);
      // What this writes beyond the row is overwritten by the next one.
      v128.store(next + whole, x);
      storeFirst(gradient + whole, slope, rest);
      storeFirst(shown + whole, x, rest);
    }
    const total = sum4(loss);
    const cost = plan.perMovement * sum4(effort) + plan.perLoss * total;
    store<f32>(plan.losses + n, total);
    store<f32>(plan.costs + n, cost);
    store<f32>(plan.rewards + n, -cost);
    bad = bad || nonFinite(cost);
    theta += row;
    next += row;
    mu += row;
    actions += row;
    if (isNoisy) noise += row;
    h += plan.instanceStride;
    gradient += plan.gradientStride;
    shown += plan.parametersStride;
  }
  return bad;
}

/** Slope + scale·normal, the normal times the root of the curvature where the noise is Fisher's. */
// @ts-ignore: decorator
@inline
export function noisy(slope: v128, normal: v128, scale: v128, curvature: v128, isFisher: bool): v128 {
  const sigma = isFisher ? f32x4.mul(scale, f32x4.sqrt(curvature)) : scale;
  return f32x4.add(slope, f32x4.mul(sigma, normal));
}
