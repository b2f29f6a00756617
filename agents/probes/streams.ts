import {
  type Channel,
  type ChannelLayout,
  Dynamics,
  layoutOf,
  type NavigationProblem,
  type Policy,
  type Seed,
} from "../../envs/index.js";

/** What a batch of learners saw, step by step. Probes feed the same streams to every policy. */
export interface Stream {
  readonly episodes: number;
  readonly observationSize: number;
  readonly actionSize: number;
  /** One `[episodes, observationSize]` array a step. */
  readonly observations: readonly Float64Array[];
}

export interface StreamOptions {
  readonly episodes: number;
  readonly steps: number;
  readonly seed: Seed;
}

/** Records what a policy sees as it navigates. */
export function recordStream(
  problem: NavigationProblem,
  policy: Policy,
  { episodes, steps, seed }: StreamOptions,
): Stream {
  const dynamics = new Dynamics(problem, { count: episodes, seed });
  const { observationSize, actionSize } = dynamics;
  const actions = new Float64Array(episodes * actionSize);
  const observations: Float64Array[] = [];
  let state = policy.init(episodes);
  for (let t = 0; t < steps; t++) {
    const seen = new Float64Array(episodes * observationSize);
    dynamics.observe(seen);
    observations.push(seen);
    state = policy.act(seen, state, actions);
    dynamics.step(actions);
  }
  return { episodes, observationSize, actionSize, observations };
}

/** A policy that never moves: its stream is stationary. */
export const hold: Policy<null> = {
  name: "hold",
  init: () => null,
  act(_observations, state, actions) {
    actions.fill(0);
    return state;
  },
};

/** What a policy would do on a stream that does not react to it: one `[episodes, actionSize]` array a step. */
export function respond(policy: Policy, { episodes, actionSize, observations }: Stream): Float64Array[] {
  let state = policy.init(episodes);
  return observations.map((seen) => {
    const actions = new Float64Array(episodes * actionSize);
    state = policy.act(seen, state, actions);
    return actions;
  });
}

/** The stream with its gradients changed: `change(g, t)` replaces every number of the gradient channel. */
export function mapGradients(
  problem: NavigationProblem,
  stream: Stream,
  change: (gradient: number, step: number) => number,
): Stream {
  const { offset, size } = gradientLayout(problem);
  const observations = stream.observations.map((seen, t) => {
    const changed = seen.slice();
    for (let first = offset; first < changed.length; first += stream.observationSize) {
      for (let i = first; i < first + size; i++) changed[i] = change(changed[i], t);
    }
    return changed;
  });
  return { ...stream, observations };
}

/** How each channel scales when the unit of θ grows by c: ∂L/∂θ by c, lengths by 1/c, losses not at all. */
const POWERS: Partial<Record<Channel, number>> = { gradient: 1, parameters: -1, update: -1 };

/** The stream of the same landscape with θ measured in a unit c times as large. */
export function inOtherUnits(problem: NavigationProblem, stream: Stream, unit: number): Stream {
  const factors = layoutOf(problem).flatMap(({ channel, size }) =>
    new Array<number>(size).fill(unit ** (POWERS[channel] ?? 0)),
  );
  return {
    ...stream,
    observations: stream.observations.map((seen) =>
      seen.map((value, i) => value * factors[i % factors.length]),
    ),
  };
}

/** The gradients that a stream shows at one step, `[episodes, dimension]`. */
export function gradientsAt(problem: NavigationProblem, stream: Stream, step: number): Float64Array {
  const { offset, size } = gradientLayout(problem);
  const gradients = new Float64Array(stream.episodes * size);
  for (let n = 0; n < stream.episodes; n++) {
    const from = n * stream.observationSize + offset;
    gradients.set(stream.observations[step].subarray(from, from + size), n * size);
  }
  return gradients;
}

export function gradientLayout(problem: NavigationProblem): ChannelLayout {
  const found = layoutOf(problem).find(({ channel }) => channel === "gradient");
  if (!found)
    throw new Error(`observation: must show the "gradient" to be probed, got ${problem.observation.kind}`);
  return found;
}
