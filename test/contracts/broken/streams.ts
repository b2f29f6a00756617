import type { Seed, VectorStepResult } from "../../../envs/index.js";
import { type Defect, replace, sound, withParts, withStep } from "./breaking.js";

let calls = 0;

export const streamDefects: readonly Defect[] = [
  {
    name: "noise from outside the seed",
    rule: "the same seed gives the same run",
    message: "the second run[1].rewards[0] is",
    make: withStep(({ rewards }) => ({ rewards: rewards.map((reward) => reward + 1e-9 * calls++) })),
  },
  {
    name: "a seed that reset ignores",
    rule: "a seed given to reset is as good as one given to make",
    message: "start every random stream anew in reset({ seed })",
    make: withParts((env) => ({ reset: ({ seed: _, ...rest } = {}) => env.reset(rest) })),
  },
  {
    name: "a word for a seed that reset ignores",
    rule: "a seed may be a word",
    message: 'the run after reset({ seed: "one" })[0]',
    make: withParts((env) => ({
      reset: ({ seed, ...rest } = {}) => env.reset(typeof seed === "string" ? rest : { seed, ...rest }),
    })),
  },
  {
    name: "words that are all the same seed",
    rule: "a seed may be a word",
    message: 'the runs of the seeds "one" and "two" are the same; make a key of every seed',
    make: ({ seed, ...options }) => {
      const numbered = (given: Seed) => (typeof given === "string" ? 0 : given);
      const env = sound({ ...options, seed: numbered(seed) });
      return replace(env, {
        reset: ({ seed: given, ...rest } = {}) =>
          env.reset(given === undefined ? rest : { seed: numbered(given), ...rest }),
      });
    },
  },
  {
    name: "the info of another environment",
    rule: "info(n) is row n of the infos",
    message: "next-step, reset: info(1).loss is",
    make: withParts((env) => ({ info: () => env.info(0) })),
  },
  {
    name: "a picture that takes a step",
    rule: "rendering changes nothing",
    message: 'step 1 after render() in mode "ansi".observations[0] is',
    make: withParts((env) => ({
      render() {
        if (env.renderMode) env.step(new Float64Array(env.actionSpace.size));
        return env.render();
      },
    })),
  },
  {
    name: "one array for all observations",
    rule: "results are the caller's",
    message: "return new arrays, or copies of those that are kept",
    make: (options) => {
      const env = sound(options);
      const kept = new Float64Array(env.observationSpace.size);
      return replace(env, {
        step(actions) {
          const result = env.step(actions);
          kept.set(result.observations);
          return { ...result, observations: kept };
        },
      });
    },
  },
  {
    name: "one array for the observations of all resets",
    rule: "results are the caller's",
    message: "an earlier result[0].observations[0] is",
    make: (options) => {
      const env = sound(options);
      const kept = new Float64Array(env.observationSpace.size);
      return replace(env, {
        reset(given) {
          const result = env.reset(given);
          kept.set(result.observations);
          return { ...result, observations: kept };
        },
      });
    },
  },
  {
    name: "actions that are clipped in place",
    rule: "what the caller does with arrays does not matter",
    message: "the action after the step[0] is 0.5 where",
    make: withParts((env) => ({
      step(actions) {
        (actions as Float64Array).forEach((value, i) => {
          (actions as Float64Array)[i] = Math.min(value, 0.5);
        });
        return env.step(actions);
      },
    })),
  },
  {
    name: "an action that is kept, not copied",
    rule: "what the caller does with arrays does not matter",
    message: "step 2.rewards[0] is",
    make: (options) => {
      const env = sound(options);
      let last: ArrayLike<number> = new Float64Array(env.actionSpace.size);
      return replace(env, {
        step(actions): VectorStepResult {
          const result = env.step(actions);
          const rewards = result.rewards.map((reward, n) => reward - Math.abs(last[n]));
          last = actions;
          return { ...result, rewards };
        },
      });
    },
  },
  {
    name: "another simulator behind stepInto",
    rule: "stepInto writes what step returns",
    message: "next-step, step 1: stepInto.rewards[0] is",
    make: withParts((env) => ({
      stepInto(actions, buffers) {
        env.stepInto(actions, buffers);
        buffers.rewards.forEach((reward, n) => {
          buffers.rewards[n] = 2 * reward;
        });
      },
    })),
  },
  {
    name: "last observations that stepInto forgets",
    rule: "stepInto writes what step returns",
    message: "copy the last observations too",
    make: withParts((env) => ({
      stepInto(actions, { finalObservations: _, ...buffers }) {
        env.stepInto(actions, buffers);
      },
    })),
  },
  {
    name: "draws that depend on the place in the batch",
    rule: "each environment is the only one of its own batch",
    message: "environment 1 at step 1: the observation[0] is",
    make: ({ firstIndex: _, ...options }) => sound(options),
  },
  {
    name: "a mode that is not told",
    rule: "spec and metadata tell how it was made",
    message: "metadata.autoresetMode is next-step where same-step was expected",
    make: withParts(({ metadata }) => ({ metadata: { ...metadata, autoresetMode: "next-step" } })),
  },
  {
    name: "a limit that is not told",
    rule: "spec and metadata tell how it was made",
    message: "spec.maxEpisodeSteps is null where 4 was expected",
    make: withParts(({ spec }) => ({ spec: spec && { ...spec, maxEpisodeSteps: null } })),
  },
  {
    name: "a mode that does not render",
    rule: "every render mode renders, and none renders nothing",
    message: 'render() in mode "ansi" gave null',
    make: withParts(() => ({ render: () => null })),
  },
  {
    name: "a picture that nobody asked for",
    rule: "every render mode renders, and none renders nothing",
    message: "render() without a mode",
    make: withParts((env) => ({ render: () => env.render() ?? ["a", "b"] })),
  },
];
