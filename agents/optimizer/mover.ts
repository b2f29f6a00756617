import {
  actionOf,
  delayOf,
  dimensionOf,
  layoutOf,
  type NavigationProblem,
  observationSizeOf,
  type Policy,
} from "../../envs/index.js";
import { placesOf } from "./policy-memory.js";

/** How the units of a model's loss and parameters relate to those that the policy was made for. */
export interface Units {
  /** The policy's θ that is 0: where the model's parameters were at the first step, or 0 itself. Default "initial". */
  readonly origin?: "initial" | "zero";
  /** s > 0: how much of the model's parameters 1 of the policy's θ is. Default 1. */
  readonly parameterScale?: number;
  /** c > 0: how much of the policy's loss 1 of the model's loss is. Default 1. */
  readonly lossScale?: number;
}

/** Moves a number of coordinates by a policy. */
export interface Mover {
  /** Adds s·Δt·u to the parameters; both arrays of that number. */
  move(gradients: ArrayLike<number>, parameters: Float64Array): void;
  /** Copies of all that it remembers, and back. */
  save(): Float32Array[];
  restore(saved: readonly ArrayLike<number>[]): void;
}

/**
 * A policy made for d coordinates moves any number of them, d at a time, as so many environments of one batch.
 * The last are filled up with coordinates without gradient, which a per-coordinate policy does not heed.
 */
export function createMover<State>(
  policy: Policy<State>,
  problem: NavigationProblem,
  count: number,
  { origin = "initial", parameterScale = 1, lossScale = 1 }: Units,
): Mover {
  const dimension = dimensionOf(problem);
  const rowSize = observationSizeOf(problem);
  const batch = Math.ceil(count / dimension);
  const { timeStep } = problem.objective;
  const layout = layoutOf(problem);
  const observations = new Float64Array(batch * rowSize);
  const actions = new Float64Array(batch * dimension);
  const initial = new Float64Array(count);
  const previous = new Float64Array(count);
  let step = 0;
  let state = policy.init(batch);

  const write = (offset: number, value: (i: number) => number) => {
    for (let i = 0; i < count; i++) {
      const row = Math.floor(i / dimension);
      observations[row * rowSize + offset + (i - row * dimension)] = value(i);
    }
  };
  const observe = (gradients: ArrayLike<number>, parameters: Float64Array) => {
    for (const { channel, offset } of layout) {
      if (channel === "gradient") write(offset, (i) => lossScale * parameterScale * gradients[i]);
      if (channel === "parameters") write(offset, (i) => (parameters[i] - initial[i]) / parameterScale);
      if (channel === "update") write(offset, (i) => (parameters[i] - previous[i]) / parameterScale);
      if (channel === "time") for (let n = 0; n < batch; n++) observations[n * rowSize + offset] = step;
    }
  };

  return {
    move(gradients, parameters) {
      if (step === 0 && origin === "initial") initial.set(parameters);
      if (step === 0) previous.set(parameters);
      observe(gradients, parameters);
      previous.set(parameters);
      state = policy.act(observations, state, actions);
      for (let i = 0; i < count; i++) parameters[i] += parameterScale * timeStep * actions[i];
      step++;
    },
    save: () => [
      Float32Array.of(step),
      ...[initial, previous, ...placesOf(state).map((place) => place.read())].map((of) =>
        Float32Array.from(of),
      ),
    ],
    restore([savedStep, savedInitial, savedPrevious, ...memory]) {
      const places = placesOf(state);
      const fits = memory.length === places.length && savedInitial?.length === count;
      if (!fits || places.some((place, i) => place.read().length !== memory[i].length))
        throw new Error(`weights: must be those of ${policy.name} on ${count} parameters`);
      step = savedStep[0];
      initial.set(savedInitial);
      previous.set(savedPrevious);
      for (const [i, place] of places.entries()) place.write(memory[i]);
    },
  };
}

const shown: ReadonlySet<string> = new Set(["gradient", "parameters", "update", "time"]);

/** @throws Error when a policy for this problem needs what a model in training does not have, or a unit is not > 0 */
export function checkMoves(
  problem: NavigationProblem,
  { parameterScale = 1, lossScale = 1, origin }: Units,
): void {
  const require = (path: string, isMet: boolean, accepted: string, got: unknown) => {
    if (!isMet) throw new Error(`toOptimizer: ${path}: must be ${accepted}, got ${got}`);
  };
  const layout = layoutOf(problem);
  const foreign = layout.find(({ channel }) => !shown.has(channel))?.channel;
  const partial = layout.find(({ coordinates }) => coordinates);
  const { kind } = actionOf(problem);
  require("problem.observation.channels", foreign === undefined, `among ${[...shown].join(", ")}`, foreign);
  require("problem.observation.coordinates", !partial, "absent", partial?.coordinates);
  require("problem.observation.delay", delayOf(problem, "gradient") === 0, "0", delayOf(problem, "gradient"));
  require("problem.action.kind", kind === "velocity", '"velocity"', `"${kind}"`);
  require("problem.geometry.control", !problem.geometry.control, "absent", "a control");
  require("problem.geometry.drift", !problem.geometry
    .drift, "absent: a model does not move by itself", "a drift");
  for (const [name, value] of Object.entries({ parameterScale, lossScale }))
    require(name, value > 0 && Number.isFinite(value), "> 0", value);
  require("origin", origin === undefined ||
    origin === "initial" ||
    origin === "zero", '"initial" or "zero"', origin);
}
