import {
  type Channel,
  channelOffset,
  layoutOf,
  type NavigationProblem,
  observationSizeOf,
} from "../../envs/problem/problem.js";
import { requireWholeGradient } from "../modelled.js";

/** Copies one channel of every observation into a packed array `[n, size]`. */
export type ChannelReader = (observations: Float64Array, out: Float64Array) => void;

/** @throws Error when the problem does not show the channel, or only a part of it, or not in time */
export function channelReader(problem: NavigationProblem, channel: Channel, size: number): ChannelReader {
  if (channel === "gradient") requireWholeGradient(problem);
  return reader(channelOffset(problem, channel), size, observationSizeOf(problem));
}

/**
 * Of the gradient as far as it is shown, `size` entries of it, whenever it was measured.
 *
 * @throws Error when the problem shows none
 */
export function gradientReader(problem: NavigationProblem): { size: number; read: ChannelReader } {
  const found = layoutOf(problem).find(({ channel }) => channel === "gradient");
  const { offset, size } = found ?? { offset: channelOffset(problem, "gradient"), size: 0 };
  return { size, read: reader(offset, size, observationSizeOf(problem)) };
}

function reader(offset: number, size: number, stride: number): ChannelReader {
  return (observations, out) => {
    for (let i = 0, from = offset; i < out.length; from += stride) {
      for (let j = 0; j < size; j++) out[i++] = observations[from + j];
    }
  };
}
