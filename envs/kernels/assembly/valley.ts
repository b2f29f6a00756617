import { Plan } from "./plan";
import { differenceAlong } from "./products";

/**
 * L = barrier·(x² − 1)² − tilt·x + ‖z‖² − x² with x = w·z, for environments from … to − 1 at θ: losses and slopes.
 * An instance is the barrier, the tilt and w.
 */
export function evaluateValley(plan: Plan, theta: usize, from: i32, to: i32): void {
  const row = (<usize>plan.dimension) << 2;
  for (let n = <usize>from; n < <usize>to; n++) {
    const first = n * row;
    const own = plan.instances + n * plan.instanceStride;
    const barrier = load<f32>(own);
    const tilt = load<f32>(own, 4);
    const w = own + 8;
    const x = differenceAlong(w, theta + first, plan.minima + first, row);
    const well = x * x - <f32>1;
    const slope = <f32>4 * barrier * x * well - tilt - <f32>2 * x;
    let norm: f32 = 0;
    for (let j: usize = 0; j < row; j += 4) {
      const z = load<f32>(theta + first + j) - load<f32>(plan.minima + first + j);
      norm += z * z;
      store<f32>(plan.slopes + first + j, <f32>2 * z + slope * load<f32>(w + j));
    }
    store<f32>(plan.losses + (n << 2), barrier * well * well - tilt * x + norm - x * x);
  }
}
