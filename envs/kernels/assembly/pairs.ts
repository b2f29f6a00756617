// The step of rows.ts for one or two coordinates an environment: four coordinates are four environments or two.
import { DOUBLE_WELL, QUADRATIC, share4, slope4 } from "./families";
import { Plan } from "./plan";
import { noisy } from "./rows";

/** Whether any cost is not finite. `dimension` is 1 or 2. */
// @ts-ignore: decorator
@inline
export function stepPairs(family: i32, dimension: i32, plan: Plan): bool {
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const ones = i32x4.splat(-1);
  const special = family == DOUBLE_WELL ? (dimension == 1 ? ones : i32x4(-1, 0, -1, 0)) : zero;
  const scale = f32x4.splat(plan.noiseScale);
  const perMovement = f32x4.splat(plan.perMovement);
  const perLoss = f32x4.splat(plan.perLoss);
  const isNoisy = plan.noise != 0;
  const isFisher = plan.isFisher != 0;
  const isShared = plan.instanceStride == 0;
  const shared = family != QUADRATIC ? zero : dimension == 1 ? v128.load32_splat(plan.instances) : v128.load64_splat(plan.instances);
  const size = (<usize>plan.count * <usize>dimension) << 2;
  const theta = plan.parameters;
  const next = plan.next;
  const mu = plan.minima;
  const actions = plan.actions;
  const h = plan.instances;
  const noise = plan.noise;
  const gradientStride = plan.gradientStride;
  const parametersStride = plan.parametersStride;
  let gradient = plan.shownGradients;
  let shown = plan.shownParameters;
  // The gradient and then the parameters, and nothing else: they are written together.
  const isPlain = gradientStride == <usize>(8 * dimension) && shown == gradient + <usize>(4 * dimension);
  let losses = plan.losses;
  let costs = plan.costs;
  let rewards = plan.rewards;
  let bad = zero;
  for (let at: usize = 0; at < size; at += 16) {
    const u = v128.load(actions + at);
    const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
    const z = f32x4.sub(x, v128.load(mu + at));
    const curvature = family == QUADRATIC && !isShared ? v128.load(h + at) : shared;
    let slope = slope4(family, z, curvature, special, shape);
    const share = share4(family, z, slope, special, shape);
    const effort = f32x4.mul(u, u);
    if (isNoisy) slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
    v128.store(next + at, x);
    if (dimension == 1) {
      const cost = f32x4.add(f32x4.mul(perMovement, effort), f32x4.mul(perLoss, share));
      v128.store(losses, share);
      v128.store(costs, cost);
      v128.store(rewards, f32x4.neg(cost));
      bad = v128.or(bad, f32x4.ne(f32x4.sub(cost, cost), zero));
      losses += 16;
      costs += 16;
      rewards += 16;
      if (isPlain) {
        v128.store(gradient, v128.shuffle<f32>(slope, x, 0, 4, 1, 5));
        v128.store(gradient, v128.shuffle<f32>(slope, x, 2, 6, 3, 7), 16);
        gradient += 32;
      } else {
        gradient = spreadOnes(gradient, gradientStride, slope);
        shown = spreadOnes(shown, parametersStride, x);
      }
    } else {
      const total = pairSums(share);
      const cost = f32x4.add(f32x4.mul(perMovement, pairSums(effort)), f32x4.mul(perLoss, total));
      v128.store64_lane(losses, total, 0);
      v128.store64_lane(costs, cost, 0);
      v128.store64_lane(rewards, f32x4.neg(cost), 0);
      bad = v128.or(bad, f32x4.ne(f32x4.sub(cost, cost), zero));
      losses += 8;
      costs += 8;
      rewards += 8;
      if (isPlain) {
        v128.store(gradient, v128.shuffle<f32>(slope, x, 0, 1, 4, 5));
        v128.store(gradient, v128.shuffle<f32>(slope, x, 2, 3, 6, 7), 16);
        gradient += 32;
      } else {
        gradient = spreadTwos(gradient, gradientStride, slope);
        shown = spreadTwos(shown, parametersStride, x);
      }
    }
  }
  return v128.any_true(bad);
}

/** (a + b, c + d, a + b, c + d). */
// @ts-ignore: decorator
@inline
function pairSums(v: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(v, v, 0, 2, 0, 2), v128.shuffle<f32>(v, v, 1, 3, 1, 3));
}

// @ts-ignore: decorator
@inline
function spreadOnes(to: usize, stride: usize, value: v128): usize {
  v128.store32_lane(to, value, 0);
  v128.store32_lane(to + stride, value, 1);
  const later = to + (stride << 1);
  v128.store32_lane(later, value, 2);
  v128.store32_lane(later + stride, value, 3);
  return later + (stride << 1);
}

// @ts-ignore: decorator
@inline
function spreadTwos(to: usize, stride: usize, value: v128): usize {
  v128.store64_lane(to, value, 0);
  v128.store64_lane(to + stride, value, 1);
  return to + (stride << 1);
}
