import { type Defect, replace, sound, withParts, withStep } from "./breaking.js";

const truncates = "the limit truncates, at its step and not before, and does not terminate";
const keepsLast = "same-step: the last observation and info of an episode are in the infos";
const resets = "next-step: the step after the last begins an episode, with reward 0";

export const episodeDefects: readonly Defect[] = [
  {
    name: "a limit that counts from 0",
    rule: truncates,
    message: "next-step, step 2 of 3: truncated is 1 where 0 was expected",
    make: ({ maxEpisodeSteps, ...options }) =>
      sound({ ...options, maxEpisodeSteps: maxEpisodeSteps && maxEpisodeSteps - 1 }),
  },
  {
    name: "a limit that terminates",
    rule: truncates,
    message: "terminated is 1 where 0 was expected; a limit of steps truncates; only the problem terminates",
    make: withStep(({ truncated }) => ({ terminated: truncated })),
  },
  {
    name: "a limit that nobody set",
    rule: "without a limit nothing is truncated",
    message: "step 20: truncated is 1, 1",
    make: ({ maxEpisodeSteps, ...options }) => sound({ ...options, maxEpisodeSteps: maxEpisodeSteps ?? 20 }),
  },
  {
    name: "a reward for being reset",
    rule: resets,
    message: "the reward of a resetting step[0] is -1 where 0 was expected",
    make: withStep(({ rewards }) => ({ rewards: rewards.map((reward) => reward || -1) })),
  },
  {
    name: "an action that is checked though it is not used",
    rule: resets,
    message: 'threw "actions must be finite"',
    make: withParts((env) => ({
      step(actions) {
        if (!Array.from(actions).every(Number.isFinite)) throw new Error("actions must be finite");
        return env.step(actions);
      },
    })),
  },
  {
    name: "another start after an episode than after reset",
    rule: "next-step: an environment is a single one that is reset when it has ended",
    message: "environment 0 at step 4: the observation[0] is",
    make: withStep(({ observations, rewards }, { metadata }) =>
      metadata.autoresetMode === "next-step" && rewards[0] === 0
        ? { observations: observations.map((value) => value + 1) }
        : {},
    ),
  },
  {
    name: "no last observation",
    rule: keepsLast,
    message: "infos.finalObservation is undefined where",
    make: withStep(({ infos: { finalObservation: _, ...infos } }) => ({ infos: infos as never })),
  },
  {
    name: "the first observation of the next episode for the last",
    rule: keepsLast,
    message: "infos.finalObservation[0][0] is",
    make: withStep(({ infos, observations }) => ({
      infos: {
        ...infos,
        ...(infos.finalObservation && {
          finalObservation: [observations.slice(0, 2), observations.slice(2)],
        }),
      } as never,
    })),
  },
  {
    name: "the last observation for the first of the next episode",
    rule: "same-step: the step that ends an episode shows the first observation of the next",
    message: "observe the new episode",
    make: withStep(({ infos: { finalObservation }, observations }) => ({
      observations: finalObservation
        ? Float64Array.from(finalObservation.flatMap((row) => Array.from(row ?? [])))
        : observations,
    })),
  },
  {
    name: "final fields in every step",
    rule: "other steps hold no final observations",
    message: "next-step: infos have final fields though no episode has ended",
    make: withStep(({ infos }) => ({ infos: { finalObservation: [null, null], ...infos } as never })),
  },
  {
    name: "an episode that goes on after its end",
    rule: "disabled: an episode that has ended has to be reset",
    message: "a step of an episode that has ended was accepted; throw until options.resetMask marks it",
    make: ({ autoresetMode, ...options }) =>
      sound({ ...options, autoresetMode: autoresetMode === "disabled" ? "next-step" : autoresetMode }),
  },
  {
    name: "a mask that is ignored",
    rule: "a reset with a mask leaves the others alone",
    message: "begin only what the mask marks",
    make: (options) => {
      const env = sound(options);
      return replace(env, {
        reset: ({ options: given, ...rest } = {}) =>
          env.reset(given?.resetMask ? {} : { ...rest, options: given }),
      });
    },
  },
];
