import { firstLanes, sum4 } from "./lanes";
import { Plan } from "./plan";

/**
 * L = ½zᵀHz for environments from … to − 1 at θ: losses and slopes Hz. H is symmetric, `[dimension, stride]`, its
 * rows padded with zeros to a multiple of four.
 */
export function evaluateDense(plan: Plan, theta: usize, from: i32, to: i32): void {
  const row = (<usize>plan.dimension) << 2;
  const padded = (row + 15) & ~15;
  for (let n = <usize>from; n < <usize>to; n++) {
    const first = n * row;
    const h = plan.instances + n * plan.instanceStride;
    let loss = f32x4.splat(0);
    for (let at: usize = 0; at < row; at += 16) {
      let slope = f32x4.splat(0);
      let column = h + at;
      for (let j: usize = 0; j < row; j += 4, column += padded) {
        const z = load<f32>(theta + first + j) - load<f32>(plan.minima + first + j);
        slope = f32x4.add(slope, f32x4.mul(f32x4.splat(z), v128.load(column)));
      }
      const rest = min<usize>((row - at) >> 2, 4);
      const mask = rest == 4 ? i32x4.splat(-1) : firstLanes(rest);
      const z = f32x4.sub(v128.load(theta + first + at), v128.load(plan.minima + first + at));
      loss = f32x4.add(loss, v128.and(mask, f32x4.mul(z, slope)));
      v128.store(plan.slopes + first + at, slope);
    }
    store<f32>(plan.losses + (n << 2), <f32>0.5 * sum4(loss));
  }
}
