import { channelOffset, type NavigationProblem, type Policy, type Seed } from "../../envs/index.js";
import { hold, mapGradients, recordStream, respond, type Stream } from "./streams.js";

export interface CueMemory {
  /**
   * Mean change of the action per unit by which all gradients before the cue were shifted, `before` steps before the
   * cue, …, and at it (index `before`), and after it, relative to the last one before it. 0 where all is forgotten.
   */
  readonly response: readonly number[];
  /** The sum of the responses from the cue on, in units of what it is without a cue: 0 resets, 1 does not heed it. */
  readonly kept: number;
}

export interface CueMemoryOptions {
  readonly seed: Seed;
  /** Stationary streams to average over. Default 512. */
  readonly episodes?: number;
  /** Steps with one task before the cue. Default 80. */
  readonly exposure?: number;
  /** Steps before the cue that are told of. Default 10. */
  readonly before?: number;
  /** Steps from the cue on. Default 20. */
  readonly after?: number;
  /** Shift of the gradients before the cue, with both signs. Default 1.5. */
  readonly amplitude?: number;
}

/**
 * What is left, after a cue, of what was learned before it. All gradients up to the cue are shifted, as if the old task
 * had been another, with both signs; the half difference of the actions is what the learner makes of the old task. The
 * learner is held still, so that only its memory can tell the two apart.
 *
 * @throws Error when the problem shows no cue or no gradient
 */
export function cueMemory(
  problem: NavigationProblem,
  policy: Policy,
  { seed, episodes = 512, exposure = 80, before = 10, after = 20, amplitude = 1.5 }: CueMemoryOptions,
): CueMemory {
  const { mean, covariance } = problem.task;
  const lasting: NavigationProblem = {
    ...problem,
    task: { kind: "static", ...(mean && { mean }), ...(covariance && { covariance }) },
  };
  const stream = recordStream(lasting, hold, { episodes, steps: exposure + after, seed });
  const responseTo = (seen: Stream) => {
    const [above, below] = [amplitude, -amplitude].map((shift) =>
      respond(
        policy,
        mapGradients(problem, seen, (gradient, t) => gradient + (t < exposure ? shift : 0)),
      ),
    );
    return above
      .slice(exposure - before)
      .map((actions, n) => meanDifference(actions, below[exposure - before + n]));
  };
  const cued = responseTo(withCue(problem, stream, exposure));
  const uncued = responseTo(stream);
  const fromCue = (response: readonly number[]) =>
    response.slice(before).reduce((sum, value) => sum + value, 0);
  return {
    response: cued.map((value) => value / cued[before - 1]),
    kept: fromCue(cued) / fromCue(uncued),
  };
}

function withCue(problem: NavigationProblem, stream: Stream, step: number): Stream {
  const offset = channelOffset(problem, "cue");
  const cued = stream.observations[step].slice();
  for (let i = offset; i < cued.length; i += stream.observationSize) cued[i] = 1;
  return { ...stream, observations: stream.observations.map((seen, t) => (t === step ? cued : seen)) };
}

function meanDifference(above: Float64Array, below: Float64Array): number {
  let total = 0;
  for (let i = 0; i < above.length; i++) total += above[i] - below[i];
  return total / above.length;
}
