import type { NavigationProblem, Policy } from "../../envs/index.js";
import { linearFit } from "./statistics.js";
import { gradientLayout, gradientsAt, respond, type Stream } from "./streams.js";

export interface HorizonExponents {
  /** Slope of log|u| on log|m|, m the average gradient: 1 for gradient descent. */
  readonly gradient: number;
  /** Slope of log|u| on log v, v the average squared gradient: 0 for gradient descent, −½ for Adam, −1 for Newton. */
  readonly secondMoment: number;
}

export interface HorizonExponentOptions {
  /** Step at which the action is looked at. Default: the stream's last. */
  readonly step?: number;
  /** Decay of m. Default 0.9. */
  readonly beta1?: number;
  /** Decay of v. Default 0.98. */
  readonly beta2?: number;
}

/**
 * How the size of the action scales with the size of the gradient and with the curvature, read off a fixed
 * stream: the regression of log|u| on log|m| and log v over all coordinates (theory: the phase diagram of
 * learning rules). The features are the same for every policy, so learned and exact ones can be compared.
 */
export function horizonExponents(
  problem: NavigationProblem,
  policy: Policy,
  stream: Stream,
  { step = stream.observations.length - 1, beta1 = 0.9, beta2 = 0.98 }: HorizonExponentOptions = {},
): HorizonExponents {
  const { size } = gradientLayout(problem);
  const average = new Float64Array(stream.episodes * size);
  const square = new Float64Array(average.length);
  for (let t = 0; t <= step; t++) {
    const gradients = gradientsAt(problem, stream, t);
    for (let i = 0; i < gradients.length; i++) {
      average[i] += (1 - beta1) * (gradients[i] - average[i]);
      square[i] += (1 - beta2) * (gradients[i] ** 2 - square[i]);
    }
  }
  const actions = respond(policy, stream)[step];
  const logAbs = (values: Float64Array) =>
    values.map((value) => Math.log(Math.abs(value) + Number.MIN_VALUE));
  const [gradient, secondMoment] = linearFit([logAbs(average), square.map(Math.log)], logAbs(actions));
  return { gradient, secondMoment };
}
