import { Plan } from "./plan";
import { differenceAlong, dot } from "./products";

/**
 * L = ½zᵀRΛRz with the reflection R = I − 2wwᵀ, ‖w‖ = 1, for environments from … to − 1 at θ: losses and slopes in
 * O(d). An instance is the eigenvalues Λ, then w.
 */
export function evaluateReflected(plan: Plan, theta: usize, from: i32, to: i32): void {
  const row = (<usize>plan.dimension) << 2;
  for (let n = <usize>from; n < <usize>to; n++) {
    const first = n * row;
    const eigenvalues = plan.instances + n * plan.instanceStride;
    const w = eigenvalues + row;
    const slopes = plan.slopes + first;
    const along = <f32>2 * differenceAlong(w, theta + first, plan.minima + first, row);
    // In the eigenbasis: y = Rz, Λy and ½yᵀΛy.
    let loss: f32 = 0;
    for (let j: usize = 0; j < row; j += 4) {
      const z = load<f32>(theta + first + j) - load<f32>(plan.minima + first + j);
      const y = z - along * load<f32>(w + j);
      const steep = load<f32>(eigenvalues + j) * y;
      loss += steep * y;
      store<f32>(slopes + j, steep);
    }
    reflect(slopes, w, row);
    store<f32>(plan.losses + (n << 2), <f32>0.5 * loss);
  }
}

/** v ← v − 2w(w·v). */
@inline
function reflect(v: usize, w: usize, row: usize): void {
  const along = <f32>2 * dot(w, v, row);
  for (let j: usize = 0; j < row; j += 4) store<f32>(v + j, load<f32>(v + j) - along * load<f32>(w + j));
}
