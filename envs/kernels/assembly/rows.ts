// One step of a batch on a landscape that is a sum over coordinates, one environment after another:
// θ ← θ + Δt·u, cost = Δt·[(1/2η)‖u‖² + k·L(θ − μ)], and the next observation.
import { loss4, particular4, share4, slope4 } from "./families";
import { firstLanes, nonFinite, storeFirst, sum4 } from "./lanes";
import { Plan } from "./plan";
import { stepWholeRows } from "./whole-rows";

/** Whether some cost or slope may not be finite. Where a slope without noise is not, nor is the cost, which grows faster. */
@inline
export function stepRows(family: i32, isNoisy: bool, plan: Plan): bool {
  plan.turn();
  const row = (<usize>plan.dimension) << 2;
  const whole = row & ~15;
  const rest = (row >> 2) & 3;
  const mask = firstLanes(rest);
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const sign = f32x4.splat(-0.0);
  const scale = f32x4.splat(plan.noiseScale);
  const isFisher = plan.isFisher != 0;
  const theta = plan.before;
  const next = plan.parameters;
  const mu = plan.minima;
  const actions = plan.actions;
  const noise = plan.noise;
  const losses = plan.losses;
  const costs = plan.costs;
  const rewards = plan.rewards;
  const perMovement = f32x4.splat(plan.perMovement);
  const perLoss = f32x4.splat(plan.perLoss);
  const count = (<usize>plan.count) << 2;
  const instanceSkip = plan.instanceStride - row;
  const gradientSkip = plan.gradientStride - row;
  const parametersSkip = plan.parametersStride - row;
  // Those that four environments at a time leave over, or all.
  let n: usize = isNoisy || rest ? 0 : count & ~15;
  // A sum that is finite has only finite parts.
  let doubt = n ? stepWholeRows(family, plan, n) : zero;
  const done = n >> 2;
  let at = done * row;
  // Where these would begin if the rows before had been as long in them as in θ.
  let h = plan.instances + done * instanceSkip;
  let gradient = plan.shownGradients + done * gradientSkip;
  let shown = plan.shownParameters + done * parametersSkip;
  if (n < count) do {
    let effort = zero;
    let shares = zero;
    for (const end = at + whole; at < end; at += 16) {
      const u = v128.load(actions + at);
      const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
      const z = f32x4.sub(x, v128.load(mu + at));
      const curvature = particular4(family, h + at);
      let slope = slope4(family, z, curvature, shape);
      effort = f32x4.add(effort, f32x4.mul(u, u));
      shares = f32x4.add(shares, share4(family, z, slope, curvature, shape));
      if (isNoisy) {
        slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
        doubt = f32x4.add(doubt, slope);
      }
      v128.store(next + at, x);
      v128.store(gradient + at, slope);
      v128.store(shown + at, x);
    }
    if (rest) {
      const u = v128.and(mask, v128.load(actions + at));
      const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
      const z = v128.and(mask, f32x4.sub(x, v128.load(mu + at)));
      const curvature = particular4(family, h + at);
      let slope = slope4(family, z, curvature, shape);
      effort = f32x4.add(effort, f32x4.mul(u, u));
      shares = f32x4.add(shares, v128.and(mask, share4(family, z, slope, curvature, shape)));
      if (isNoisy) {
        slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
        doubt = f32x4.add(doubt, v128.and(mask, slope));
      }
      // What this writes beyond the row is overwritten by the next one.
      v128.store(next + at, x);
      storeFirst(gradient + at, slope, rest);
      storeFirst(shown + at, x, rest);
      at += rest << 2;
    }
    const loss = loss4(family, shares);
    const cost = f32x4.add(f32x4.mul(perMovement, effort), f32x4.mul(perLoss, loss));
    const totals = sums(loss, cost);
    v128.store32_lane(losses + n, totals, 0);
    v128.store32_lane(costs + n, totals, 2);
    v128.store32_lane(rewards + n, v128.xor(sign, totals), 2);
    doubt = f32x4.add(doubt, totals);
    h += instanceSkip;
    gradient += gradientSkip;
    shown += parametersSkip;
    n += 4;
  } while (n < count);
  return v128.any_true(f32x4.ne(f32x4.sub(doubt, doubt), zero));
}

/** (Σa, Σa, Σb, Σb). */
@inline
function sums(a: v128, b: v128): v128 {
  const pairs = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}

/** Slope + scale·normal, the normal times the root of the curvature where the noise is Fisher's. */
@inline
export function noisy(slope: v128, normal: v128, scale: v128, curvature: v128, isFisher: bool): v128 {
  const sigma = isFisher ? f32x4.mul(scale, f32x4.sqrt(curvature)) : scale;
  return f32x4.add(slope, f32x4.mul(sigma, normal));
}
