// The step of rows.ts for one or two coordinates an environment: four environments at a time.
import { loss4, particular4, share4, slope4 } from "./families";
import { Plan } from "./plan";
import { noisy } from "./rows";
import { neighbourSums } from "./whole-rows";

/** Eight numbers. */
const repeated = memory.data(32, 16);

/** Whether gradient and parameters are shown one after the other, and nothing else. */
@inline
export function isPlain(plan: Plan): bool {
  const row = (<usize>plan.dimension) << 2;
  return plan.gradientStride == row << 1 && plan.shownParameters == plan.shownGradients + row;
}

/**
 * Whether some cost or slope may not be finite. `dimension` is 1 or 2; what is shown plainly is written together. What this
 * writes beyond the last environment stays in the slack of the arrays, where all is 0.
 */
@inline
export function stepPairs(family: i32, dimension: i32, isNoisy: bool, isPlain: bool, plan: Plan): bool {
  plan.turn();
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const scale = f32x4.splat(plan.noiseScale);
  const perMovement = f32x4.splat(plan.perMovement);
  const perLoss = f32x4.splat(plan.perLoss);
  const isFisher = plan.isFisher != 0;
  const sign = f32x4.splat(-0.0);
  const end = (<usize>plan.count) << 2;
  // From the bytes of one number for each environment to those of `dimension`, in a shift that is part of an address.
  const shift: usize = dimension - 1;
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
  const shownTogether = plan.shownGradients;
  let gradient = plan.shownGradients;
  let shown = plan.shownParameters;
  const losses = plan.losses;
  const costs = plan.costs;
  const rewards = plan.rewards;
  // A sum that is finite has only finite parts.
  let doubt = zero;
  let n: usize = 0;
  do {
    const at = n << shift;
    const u = v128.load(actions + at);
    const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
    const z = f32x4.sub(x, v128.load(mu + at));
    const curvature = particular4(family, h + (at & own));
    let slope = slope4(family, z, curvature, shape);
    let share = share4(family, z, slope, curvature, shape);
    let effort = f32x4.mul(u, u);
    if (isNoisy) {
      slope = noisy(slope, v128.load(noise + at), scale, curvature, isFisher);
      doubt = f32x4.add(doubt, slope);
    }
    v128.store(next + at, x);
    const together = shownTogether + (n << (shift + 1));
    if (dimension == 1) {
      if (isPlain) {
        v128.store(together, v128.shuffle<f32>(slope, x, 0, 4, 1, 5));
        v128.store(together, v128.shuffle<f32>(slope, x, 2, 6, 3, 7), 16);
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
      share = neighbourSums(share, share4(family, w, rise, bend, shape));
      effort = neighbourSums(effort, f32x4.mul(v, v));
      if (isNoisy) {
        rise = noisy(rise, v128.load(noise + at, 16), scale, bend, isFisher);
        doubt = f32x4.add(doubt, rise);
      }
      v128.store(next + at, y, 16);
      if (isPlain) {
        v128.store(together, v128.shuffle<f32>(slope, x, 0, 1, 4, 5));
        v128.store(together, v128.shuffle<f32>(slope, x, 2, 3, 6, 7), 16);
        v128.store(together, v128.shuffle<f32>(rise, y, 0, 1, 4, 5), 32);
        v128.store(together, v128.shuffle<f32>(rise, y, 2, 3, 6, 7), 48);
      } else {
        gradient = spreadTwos(spreadTwos(gradient, gradientStride, slope), gradientStride, rise);
        shown = spreadTwos(spreadTwos(shown, parametersStride, x), parametersStride, y);
      }
    }
    const loss = loss4(family, share);
    const cost = f32x4.add(f32x4.mul(perMovement, effort), f32x4.mul(perLoss, loss));
    v128.store(losses + n, loss);
    v128.store(costs + n, cost);
    v128.store(rewards + n, v128.xor(sign, cost));
    doubt = f32x4.add(doubt, cost);
    n += 16;
  } while (n < end);
  return v128.any_true(f32x4.ne(f32x4.sub(doubt, doubt), zero));
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
