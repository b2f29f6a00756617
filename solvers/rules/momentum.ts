import { type GradientTransform, requireRange } from "./transform.js";

/** v ← βv + g, and v in place of g (Polyak's heavy ball, without dampening). The state is v. */
export function accumulateMomentum(momentum: number): GradientTransform<Float64Array> {
  requireRange("momentum", momentum, momentum >= 0 && momentum < 1, "in [0, 1)");
  return {
    init: (size) => new Float64Array(size),
    update: (updates, velocity) => {
      for (let i = 0; i < updates.length; i++) {
        velocity[i] = momentum * velocity[i] + updates[i];
        updates[i] = velocity[i];
      }
      return velocity;
    },
  };
}
