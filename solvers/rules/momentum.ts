import { type GradientTransform, requireRange } from "./transform.js";

export interface MomentumOptions {
  /** Whether to look ahead: g + βv in place of v. Default false. */
  readonly nesterov?: boolean;
}

/**
 * v ← βv + g, and v in place of g (Polyak's heavy ball, without dampening), or g + βv (Nesterov, in the form of
 * Sutskever et al., 2013, with θ standing for the point that looks ahead). The state is v.
 */
export function accumulateMomentum(
  momentum: number,
  { nesterov = false }: MomentumOptions = {},
): GradientTransform<Float64Array> {
  requireRange("momentum", momentum, momentum >= 0 && momentum < 1, "in [0, 1)");
  return {
    init: (batch, dimension) => new Float64Array(batch * dimension),
    update: (updates, velocity) => {
      for (let i = 0; i < updates.length; i++) {
        velocity[i] = momentum * velocity[i] + updates[i];
        updates[i] = nesterov ? updates[i] + momentum * velocity[i] : velocity[i];
      }
      return velocity;
    },
  };
}
