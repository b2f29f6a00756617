import type { NavigationProblem } from "./problem.js";
import { dimensionOf, hidesCurvature, hidesMinimum } from "./problem.js";

/** B examples, drawn anew for every observation. */
export interface Minibatch {
  readonly batchSize: number;
  /**
   * Whether the loss of the examples is charged too, in place of that of the whole table: that of those whose gradient is
   * seen after the step. They are drawn when θ has moved, so that the mean of the charge, and with it the expected
   * return of every policy, stays the same; and no step goes over the table. Default false.
   */
  readonly charged?: boolean | undefined;
}

/** Standard deviation of isotropic noise, noise with the covariance H/B of a batch of B examples, or real minibatches. */
export type GradientNoise =
  | number
  | { readonly fisher: { readonly batchSize: number } }
  | { readonly minibatch: Minibatch };

/**
 * One block of the observation vector. What the landscape tells: `gradient`, its `sign`, the `loss`, the `curvature`
 * (diagonal of the Hessian) and the `hessianVector` (the Hessian times the last update). What the learner knows by
 * itself: `parameters`, the `update` (the last movement of θ), the `time` (steps since the episode began). And
 * the `cue`, 1 in the step after a change of task, and the `minimum`.
 */
export type Channel =
  | "gradient"
  | "sign"
  | "loss"
  | "curvature"
  | "hessianVector"
  | "parameters"
  | "update"
  | "time"
  | "cue"
  | "minimum";

type Always = "loss" | "parameters" | "update" | "time" | "cue";

interface Lag {
  /** Steps by which what the landscape tells lags behind; until then the first of the episode is repeated. Default 0. */
  readonly delay?: number | undefined;
}

interface Slopes extends Lag {
  /** Noise of the gradient. Default 0: exact. */
  readonly noise: GradientNoise;
  /** The coordinates of which the landscape tells, in this order. Absent: all. */
  readonly coordinates?: readonly number[] | undefined;
}

export type Observation =
  /** Everything that can be known: θ, and the minimum and curvature where the problem hides them. */
  | { readonly kind: "state" }
  /** A gradient, exact by default, beside other channels. Default channels: gradient, parameters. */
  | (Slopes & {
      readonly kind: "gradient";
      readonly channels: readonly (Always | "gradient" | "curvature" | "hessianVector")[];
    })
  /** Only the sign of each entry of the noisy gradient. Default channels: sign, parameters. */
  | (Slopes & { readonly kind: "sign"; readonly channels: readonly (Always | "sign")[] })
  /** Only the loss, with noise of that standard deviation. Default channels: loss, parameters. */
  | (Lag & { readonly kind: "loss"; readonly noise: number; readonly channels: readonly Always[] });

/** Where each channel lies in the observation vector. */
export interface ChannelLayout {
  readonly channel: Channel;
  readonly offset: number;
  readonly size: number;
  /** The coordinate that each entry is about; absent where they are all there, in order, or it is about none. */
  readonly coordinates?: readonly number[];
}

/** The channels by which the landscape speaks; a delay and a choice of coordinates are about them. */
const told: ReadonlySet<Channel> = new Set(["gradient", "sign", "loss", "curvature", "hessianVector"]);
const scalars: ReadonlySet<Channel> = new Set(["loss", "time", "cue"]);

/** Steps by which a channel lags behind. */
export function delayOf({ observation }: NavigationProblem, channel: Channel): number {
  return observation.kind !== "state" && told.has(channel) ? (observation.delay ?? 0) : 0;
}

export function channelsOf(problem: NavigationProblem): readonly Channel[] {
  if (problem.observation.kind !== "state") return problem.observation.channels;
  return [
    "parameters",
    ...(hidesMinimum(problem) ? (["minimum"] as const) : []),
    ...(hidesCurvature(problem) ? (["curvature"] as const) : []),
  ];
}

export function layoutOf(problem: NavigationProblem): readonly ChannelLayout[] {
  const dimension = dimensionOf(problem);
  const { observation } = problem;
  const chosen = "coordinates" in observation ? observation.coordinates : undefined;
  let offset = 0;
  return channelsOf(problem).map((channel) => {
    const coordinates = told.has(channel) && !scalars.has(channel) ? chosen : undefined;
    const size = scalars.has(channel) ? 1 : (coordinates?.length ?? dimension);
    offset += size;
    return { channel, offset: offset - size, size, ...(coordinates && { coordinates }) };
  });
}

export function observationSizeOf(problem: NavigationProblem): number {
  return layoutOf(problem).reduce((total, { size }) => total + size, 0);
}

/**
 * Where a channel starts in the observation vector.
 *
 * @throws Error when the problem does not show it, or shows only some coordinates of it (see `layoutOf`)
 */
export function channelOffset(problem: NavigationProblem, channel: Channel): number {
  const found = layoutOf(problem).find((entry) => entry.channel === channel);
  if (!found)
    throw new Error(`observation: needs the channel "${channel}", got ${channelsOf(problem).join(", ")}`);
  if (found.coordinates)
    throw new Error(
      `observation.coordinates: must be absent where the whole channel "${channel}" is needed, got [${found.coordinates.join(", ")}]`,
    );
  return found.offset;
}
