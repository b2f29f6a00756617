import { loss4, particular4, share4, slope4 } from "./families";
import { firstLanes, nonFinite, storeFirst, sum4 } from "./lanes";
import { Plan } from "./plan";
import { noisy } from "./rows";

/**
 * Makes the observations of environments `from` … `to − 1` where they are, and where `evaluates`, their losses.
 * Returns whether all losses and slopes are finite.
 */
@inline
export function observeRows(family: i32, plan: Plan, from: i32, to: i32, evaluates: bool): bool {
  const row = (<usize>plan.dimension) << 2;
  const shape = f32x4.splat(plan.shape);
  const zero = f32x4.splat(0);
  const scale = f32x4.splat(plan.noiseScale);
  let good = true;
  for (let n = <usize>from; n < <usize>to; n++) {
    const theta = plan.parameters + n * row;
    const mu = plan.minima + n * row;
    const h = plan.instances + n * plan.instanceStride;
    const noise = plan.noise + n * row;
    const gradient = plan.shownGradients + n * plan.gradientStride;
    const shown = plan.shownParameters + n * plan.parametersStride;
    let loss = zero;
    let spoiled = zero;
    for (let at: usize = 0; at < row; at += 16) {
      const rest = min<usize>((row - at) >> 2, 4);
      const mask = rest == 4 ? i32x4.splat(-1) : firstLanes(rest);
      const x = v128.load(theta + at);
      const z = v128.and(mask, f32x4.sub(x, v128.load(mu + at)));
      const curvature = particular4(family, h + at);
      let slope = slope4(family, z, curvature, shape);
      loss = f32x4.add(loss, v128.and(mask, share4(family, z, slope, curvature, shape)));
      if (plan.noise)
        slope = noisy(slope, v128.load(noise + at), scale, curvature, plan.isFisher != 0);
      spoiled = f32x4.add(spoiled, v128.and(mask, f32x4.sub(slope, slope)));
      if (rest == 4) {
        v128.store(gradient + at, slope);
        v128.store(shown + at, x);
      } else {
        storeFirst(gradient + at, slope, rest);
        storeFirst(shown + at, x, rest);
      }
    }
    const total = sum4(loss4(family, loss));
    if (nonFinite(total) || v128.any_true(f32x4.ne(spoiled, zero))) good = false;
    if (evaluates) store<f32>(plan.losses + (n << 2), total);
  }
  return good;
}
