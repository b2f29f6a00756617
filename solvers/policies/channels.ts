import {
  type Channel,
  channelOffset,
  type NavigationProblem,
  observationSizeOf,
} from "../../envs/problem/problem.js";
import { requirePromptGradient } from "../modelled.js";

/** Copies one channel of every observation into a packed array `[n, size]`. */
export type ChannelReader = (observations: Float64Array, out: Float64Array) => void;

/** @throws Error when the problem does not show the channel, or not in time */
export function channelReader(problem: NavigationProblem, channel: Channel, size: number): ChannelReader {
  if (channel === "gradient") requirePromptGradient(problem);
  const stride = observationSizeOf(problem);
  const offset = channelOffset(problem, channel);
  return (observations, out) => {
    for (let i = 0, from = offset; i < out.length; from += stride) {
      for (let j = 0; j < size; j++) out[i++] = observations[from + j];
    }
  };
}
