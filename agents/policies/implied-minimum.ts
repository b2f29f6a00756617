import type { Numbers } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { type CoordinateLayout, setPerLane } from "./coordinates.js";
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
  minimum: ImpliedMinimum,
  { parametersOffset }: CoordinateLayout,
): HeadModel {
  const { scale } = minimum;
  if (parametersOffset === null) {
    throw new Error(
      'policy.inputs: the implied minimum needs the channel "parameters" among the observations',
    );
  }
  return {
    lengths: (lanes) => [lanes, lanes, lanes],
    instantiate(_lanes, network, [centers, compliance, velocity]) {
      const { operations, slotOf, inputs, outputs, inputGradient, outputGradient } = network;
      writeUnits(minimum, centers, compliance, velocity);
      return {
        reset: () => {},
        scaleCarried: () => {},
        observe(t, { gradient, parameters }) {
          operations.impliedMinimum(scale, centers, compliance, gradient, parameters, inputs[slotOf(t)]);
        },
        act(t, _seen, actions) {
          operations.product(1, velocity, outputs[slotOf(t)], actions, false);
        },
        actBackward(_t, _seen, actionGradient) {
          operations.product(1, velocity, actionGradient, outputGradient, false);
        },
        observeBackward(t, _seen, { gradient, parameters }) {
          const from = inputs[slotOf(t)];
          operations.impliedMinimumGradient(scale, compliance, from, inputGradient, gradient, parameters);
        },
      };
    },
  };
}

/** Per lane: μ₀, what a gradient moves z by, and the velocity of an output of 1. */
export function writeUnits(
  { curvature, center, scale, rate }: ImpliedMinimum,
  centers: Numbers,
  compliance: Numbers,
  velocity: Numbers,
): void {
  setPerLane(center, centers);
  setPerLane(
    curvature.map((h) => 1 / (h * scale)),
    compliance,
  );
  setPerLane(
    rate.map((value) => value * scale),
    velocity,
  );
}
