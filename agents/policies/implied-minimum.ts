import type { HeadMaker } from "./coordinate-tape.js";
import { type CoordinateLayout, perLane } from "./coordinates.js";
import type { Skip } from "./network.js";

/**
 * For a known curvature h and a hidden minimum: every gradient y implies a minimum θ − y/h, with noise. Inputs
 * z = (θ − y/h − μ₀)/scale, |z| and p = (θ − μ₀)/scale; u = rate·scale·o. It starts as gradient descent,
 * o = z − p, and learns a linear pull on p and a linear part of z beside what its memory says.
 */
export interface ImpliedMinimum {
  readonly kind: "implied-minimum";
  /** h, one per coordinate or one for all, loss/θ². */
  readonly curvature: readonly number[];
  /** μ₀, one per coordinate or one for all, θ. Default: the mean of the task. */
  readonly center: readonly number[];
  /** Size of μ − μ₀, θ. Default: its standard deviation. */
  readonly scale: number;
  /** Rate at which the untrained policy goes to the implied minimum, per coordinate, 1/time. Default: the optimal one. */
  readonly rate: readonly number[];
}

export function impliedMinimumSkip(): Skip {
  return [[1, 0, -1]];
}

/** @throws when the observations do not show the parameters. */
export function impliedMinimumHead(
  { curvature, center, scale, rate }: ImpliedMinimum,
  { parametersOffset }: CoordinateLayout,
): HeadMaker {
  if (parametersOffset === null) {
    throw new Error('gru.inputs: the implied minimum needs the channel "parameters" among the observations');
  }
  return (lanes) => {
    const centers = perLane(center, lanes);
    const compliance = perLane(
      curvature.map((h) => 1 / (h * scale)),
      lanes,
    );
    const velocity = perLane(
      rate.map((value) => value * scale),
      lanes,
    );
    return {
      reset: () => {},
      scaleCarried: () => {},
      observe(_t, { gradient, parameters }, inputs) {
        for (let lane = 0; lane < lanes; lane++) {
          const p = (parameters[lane] - centers[lane]) / scale;
          const z = p - gradient[lane] * compliance[lane];
          inputs[lane] = z;
          inputs[lanes + lane] = Math.abs(z);
          inputs[2 * lanes + lane] = p;
        }
      },
      act(_t, _seen, outputs, actions) {
        for (let lane = 0; lane < lanes; lane++) actions[lane] = velocity[lane] * outputs[lane];
      },
      actBackward(_t, _seen, _outputs, actionGradients, outputGradient) {
        for (let lane = 0; lane < lanes; lane++)
          outputGradient[lane] = velocity[lane] * actionGradients[lane];
      },
      observeBackward(_t, { gradient, parameters }, inputGradient, seenGradient) {
        for (let lane = 0; lane < lanes; lane++) {
          const z = (parameters[lane] - centers[lane]) / scale - gradient[lane] * compliance[lane];
          const zGradient = inputGradient[lane] + Math.sign(z) * inputGradient[lanes + lane];
          seenGradient.gradient[lane] = -zGradient * compliance[lane];
          seenGradient.parameters[lane] = (zGradient + inputGradient[2 * lanes + lane]) / scale;
        }
      },
    };
  };
}
