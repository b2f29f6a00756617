// The step of rows.ts for one or two coordinates an environment: four environments at a time.
import { particular4, share4, slope4 } from "./families";
import { Plan } from "./plan";
import { noisy } from "./rows";

/** Eight numbers. */
const repeated = memory.data(32, 16);

/**
 * Whether any cost or slope is not finite. `dimension` is 1 or 2. What this writes beyond the last environment stays in the
 * slack of the arrays, where all is 0.
 */
@inline
export function stepPairs(family: i32, dimension: i32, isNoisy: bool, plan: Plan): bool {
  plan.turn();
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const scale = f32x4.splat(plan.noiseScale);
  const perMovement = f32x4.splat(plan.perMovement);
  const perLoss = f32x4.splat(plan.perLoss);
  const isFisher = plan.isFisher != 0;
  const sign = f32x4.splat(-0.0);
  const size = (<usize>plan.count * <usize>dimension) << 2;
  const theta = plan.before;
  const next = plan.parameters;
  const mu = plan.minima;
  const actions = plan.actions;
  // Where all environments share an instance, it is read again and again.
  const isShared = plan.instanceStride == 0;
  const h = isShared ? repeated : plan.instances;
  const own: usize = isShared ? 0 : -1;
  if (isShared) {
    const shared = dimension == 1 ? v128.load32_splat(plan.instances) : v128.load64_splat(plan.instances);
    v128.store(repeated, shared);
    v128.store(repeated, shared, 16);
  }
  const noise = plan.noise;
  const gradientStride = plan.gradientStride;
  const parametersStride = plan.parametersStride;
  let gradient = plan.shownGradients;
  let shown = plan.shownParameters;
  // The gradient and then the parameters, and nothing else: they are written together.
  const isPlain = gradientStride == <usize>(8 * dimension) && shown == gradient + <usize>(4 * dimension);
  const losses = plan.losses;
  const costs = plan.costs;
  const rewards = plan.rewards;
  let bad = zero;
  let n: usize = 0;
  let at: usize = 0;
  do {
    const u = v128.load(actions + at);
    const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
    const z = f32x4.sub(x, v128.load(mu + at));
    const curvature = particular4(family, h + (at & own));
    let slope = slope4(family, z, curvature, shape);
    let share = share4(family, z, slope, curvature, shape);
    let effort = f32x4.mul(u, u);
    if (isNoisy) {
      slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
      bad = v128.or(bad, f32x4.sub(slope, slope));
    }
    v128.store(next + at, x);
    if (dimension == 1) {
      if (isPlain) {
        v128.store(gradient, v128.shuffle<f32>(slope, x, 0, 4, 1, 5));
        v128.store(gradient, v128.shuffle<f32>(slope, x, 2, 6, 3, 7), 16);
        gradient += 32;
      } else {
        gradient = spreadOnes(gradient, gradientStride, slope);
        shown = spreadOnes(shown, parametersStride, x);
      }
    } else {
      const v = v128.load(actions + at, 16);
      const y = f32x4.add(v128.load(theta + at, 16), f32x4.mul(dt, v));
      const w = f32x4.sub(y, v128.load(mu + at, 16));
      const bend = particular4(family, h + (at & own) + 16);
      let rise = slope4(family, w, bend, shape);
      share = pairSums(share, share4(family, w, rise, bend, shape));
      effort = pairSums(effort, f32x4.mul(v, v));
      if (isNoisy) {
        rise = noisy(rise, v128.load(noise + at, 16), scale, bend, isFisher);
        bad = v128.or(bad, f32x4.sub(rise, rise));
      }
      v128.store(next + at, y, 16);
      if (isPlain) {
        v128.store(gradient, v128.shuffle<f32>(slope, x, 0, 1, 4, 5));
        v128.store(gradient, v128.shuffle<f32>(slope, x, 2, 3, 6, 7), 16);
        v128.store(gradient, v128.shuffle<f32>(rise, y, 0, 1, 4, 5), 32);
        v128.store(gradient, v128.shuffle<f32>(rise, y, 2, 3, 6, 7), 48);
        gradient += 64;
      } else {
        gradient = spreadTwos(spreadTwos(gradient, gradientStride, slope), gradientStride, rise);
        shown = spreadTwos(spreadTwos(shown, parametersStride, x), parametersStride, y);
      }
    }
    const cost = f32x4.add(f32x4.mul(perMovement, effort), f32x4.mul(perLoss, share));
    v128.store(losses + n, share);
    v128.store(costs + n, cost);
    v128.store(rewards + n, v128.xor(sign, cost));
    bad = v128.or(bad, f32x4.sub(cost, cost));
    n += 16;
    at += 16 * dimension;
  } while (at < size);
  return v128.any_true(f32x4.ne(bad, zero));
}

/** The sums of neighbours: of a, and then of b. */
@inline
function pairSums(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
}

@inline
function spreadOnes(to: usize, stride: usize, value: v128): usize {
  v128.store32_lane(to, value, 0);
  v128.store32_lane(to + stride, value, 1);
  const later = to + (stride << 1);
  v128.store32_lane(later, value, 2);
  v128.store32_lane(later + stride, value, 3);
  return later + (stride << 1);
}

@inline
function spreadTwos(to: usize, stride: usize, value: v128): usize {
  v128.store64_lane(to, value, 0);
  v128.store64_lane(to + stride, value, 1);
  return to + (stride << 1);
}
