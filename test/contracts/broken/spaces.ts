import { Box, batchSpace } from "../../../envs/index.js";
import { type Defect, withParts, withStep } from "./breaking.js";

const inside = "observations lie in their space";
const types = "results are arrays of the right type and length";
const finite = "observations and rewards are finite";

export const spaceDefects: readonly Defect[] = [
  {
    name: "a batch space of one row",
    rule: "the spaces of a batch are those of its rows",
    message: "observationSpace has shape [2] and its rows [2]; use batchSpace(single, 3)",
    make: withParts(({ singleObservationSpace }) => ({ observationSpace: singleObservationSpace })),
  },
  {
    name: "fewer environments than were asked for",
    rule: "the spaces of a batch are those of its rows",
    message: "numEnvs is 2 where 3 were asked for",
    make: withParts((_, { numEnvs }) => ({ numEnvs: numEnvs - 1 })),
  },
  {
    name: "a space that is too narrow",
    rule: inside,
    message: "outside [0, 0]; widen observationSpace",
    make: withParts((_, { numEnvs }) => ({
      observationSpace: batchSpace(new Box({ shape: [2], low: 0, high: 0 }), numEnvs),
    })),
  },
  {
    name: "observations that are too short",
    rule: inside,
    message: "step 1: 5 numbers are observed where the space has 6",
    make: withStep(({ observations }) => ({ observations: observations.slice(1) })),
  },
  {
    name: "observations in single precision",
    rule: types,
    message: "observations is Float32Array where Float64Array was expected; return a Float64Array",
    make: withStep(({ observations }) => ({
      observations: new Float32Array(observations) as ArrayLike<number> as Float64Array,
    })),
  },
  {
    name: "flags that are numbers",
    rule: types,
    message: "terminated is Float64Array where Uint8Array was expected",
    make: withStep(({ terminated }) => ({
      terminated: Float64Array.from(terminated) as ArrayLike<number> as Uint8Array,
    })),
  },
  {
    name: "flags that count",
    rule: types,
    message: "truncated holds 2; use 0 and 1",
    make: withStep(({ truncated }) => ({ truncated: truncated.map((flag) => 2 * flag) })),
  },
  {
    name: "one reward for all",
    rule: types,
    message: "rewards has length 1 where 3 was expected",
    make: withStep(({ rewards }) => ({ rewards: rewards.slice(0, 1) })),
  },
  {
    name: "a reward that is no number",
    rule: finite,
    message: "step 2: rewards[0] is NaN; terminate the episode with a finite penalty",
    make: withStep(({ rewards }, _, t) => (t === 2 ? { rewards: rewards.map(() => Number.NaN) } : {})),
  },
  {
    name: "an observation that is not finite",
    rule: finite,
    message: "step 1: observations[0] is Infinity",
    make: withStep(({ observations }) => ({ observations: observations.map(() => Infinity) })),
  },
  {
    name: "an action of NaN taken for 0",
    rule: "actions that cannot be are refused",
    message: "an action with NaN was accepted",
    make: withParts((env) => ({
      step: (actions) => env.step(Float64Array.from(actions, (value) => value || 0)),
    })),
  },
  {
    name: "an action that is filled up",
    rule: "actions that cannot be are refused",
    message: "an action that is too short was accepted; check its length",
    make: withParts((env) => ({
      step: (actions) => {
        const all = new Float64Array(env.actionSpace.size);
        all.set(Array.from(actions));
        return env.step(all);
      },
    })),
  },
  {
    name: "a step before the first reset",
    rule: "nothing works before reset or after close",
    message: "a step before reset was accepted; throw before the first reset",
    make: withParts((env) => {
      env.reset();
      return {};
    }),
  },
  {
    name: "a step after the end",
    rule: "nothing works before reset or after close",
    message: "a step after close was accepted",
    make: withParts(() => ({ close() {} })),
  },
  {
    name: "a reset after the end",
    rule: "nothing works before reset or after close",
    message: "a reset after close was accepted",
    make: withParts((env) => {
      let closed = false;
      return {
        close() {
          closed = true;
        },
        step(actions) {
          if (closed) throw new Error("it is closed");
          return env.step(actions);
        },
      };
    }),
  },
  {
    name: "actions that are infinite",
    rule: "actions that cannot be are refused",
    message: "an action with Infinity was accepted",
    make: withParts((env) => ({
      step: (actions) =>
        env.step(Float64Array.from(actions, (x) => (x === Number.POSITIVE_INFINITY ? 0 : x))),
    })),
  },
  {
    name: "a crash",
    rule: finite,
    message: 'threw "out of paper"; a call that is allowed must not throw',
    make: withStep(() => {
      throw new Error("out of paper");
    }),
  },
];
