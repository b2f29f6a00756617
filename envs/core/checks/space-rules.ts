import { type Box, batchSpace } from "../spaces.js";
import type { VectorEnv, VectorStepResult } from "../vector-env.js";
import { actionsAt, type EnvFactory, play } from "./play.js";
import { type Rule, require, show } from "./report.js";

const numEnvs = 3;

function begun(make: EnvFactory): { readonly env: VectorEnv; readonly observations: Float64Array } {
  const env = make({ numEnvs, autoresetMode: "next-step", seed: 1, maxEpisodeSteps: 5 });
  return { env, observations: env.reset().observations };
}

function requireInside(space: Box, observations: Float64Array, when: string): void {
  require(observations.length ===
    space.size, `${when}: ${observations.length} numbers are observed where the space has ${space.size}`, "return [numEnvs, observationSize], row-major");
  observations.forEach((value, i) => {
    require(value >= space.low[i] &&
      value <=
        space.high[
          i
        ], `${when}: observations[${i}] is ${value}, outside [${space.low[i]}, ${space.high[i]}]`, "widen observationSpace, or keep the observation inside");
  });
}

/** Spaces, element types, and numbers that are numbers. */
export const spaceRules: readonly Rule<EnvFactory>[] = [
  {
    rule: "the spaces of a batch are those of its rows",
    hold(make) {
      const { env } = begun(make);
      require(env.numEnvs ===
        numEnvs, `numEnvs is ${env.numEnvs} where ${numEnvs} were asked for`, "make as many");
      for (const [name, single, all] of [
        ["observationSpace", env.singleObservationSpace, env.observationSpace],
        ["actionSpace", env.singleActionSpace, env.actionSpace],
      ] as const)
        require(all.equals(
          batchSpace(single, numEnvs),
        ), `${name} has shape [${all.shape.join(", ")}] and its rows [${single.shape.join(", ")}]`, `use batchSpace(single, ${numEnvs})`);
    },
  },
  {
    rule: "observations lie in their space",
    hold(make) {
      const { env, observations } = begun(make);
      requireInside(env.observationSpace, observations, "reset");
      play(env, 12).forEach((step, t) => {
        requireInside(env.observationSpace, step.observations, `step ${t + 1}`);
      });
    },
  },
  {
    rule: "results are arrays of the right type and length",
    hold(make) {
      const { env, observations } = begun(make);
      requireType("observations of reset", observations, Float64Array, env.observationSpace.size);
      for (const step of play(env, 12)) requireTypes(step, env);
    },
  },
  {
    rule: "observations and rewards are finite",
    hold(make) {
      const { env, observations } = begun(make);
      requireFinite("observations of reset", observations);
      play(env, 12).forEach((step, t) => {
        requireFinite(`step ${t + 1}: observations`, step.observations);
        requireFinite(`step ${t + 1}: rewards`, step.rewards);
      });
    },
  },
  {
    rule: "actions that cannot be are refused",
    hold(make) {
      const { env } = begun(make);
      const good = actionsAt(env, 0);
      requireThrows(() => env.step(good.subarray(1)), "an action that is too short", "check its length");
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const i of [0, good.length - 1]) {
          const bad = good.slice();
          bad[i] = value;
          requireThrows(() => env.step(bad), `an action with ${value}`, "check that actions are finite");
        }
      }
    },
  },
  {
    rule: "nothing works before reset or after close",
    hold(make) {
      const fresh = make({ numEnvs, autoresetMode: "next-step", seed: 1, maxEpisodeSteps: 5 });
      requireThrows(
        () => fresh.step(actionsAt(fresh, 0)),
        "a step before reset",
        "throw before the first reset",
      );
      const { env } = begun(make);
      env.close();
      requireThrows(() => env.step(actionsAt(env, 0)), "a step after close", "throw once it is closed");
      requireThrows(() => env.reset(), "a reset after close", "throw once it is closed");
    },
  },
];

function requireTypes(step: VectorStepResult, env: VectorEnv): void {
  requireType("observations", step.observations, Float64Array, env.observationSpace.size);
  requireType("rewards", step.rewards, Float64Array, numEnvs);
  for (const name of ["terminated", "truncated"] as const) {
    requireType(name, step[name], Uint8Array, numEnvs);
    const wrong = step[name].find((value) => value > 1);
    require(wrong === undefined, `${name} holds ${wrong}`, "use 0 and 1");
  }
}

function requireType(
  name: string,
  values: unknown,
  type: typeof Float64Array | typeof Uint8Array,
  length: number,
): void {
  const found = (values as object | undefined)?.constructor?.name ?? show(values);
  require(values instanceof
    type, `${name} is ${found} where ${type.name} was expected`, `return a ${type.name}`);
  const { length: actual } = values as Float64Array;
  require(actual ===
    length, `${name} has length ${actual} where ${length} was expected`, "return one row per environment");
}

function requireFinite(name: string, values: Float64Array): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  require(wrong <
    0, `${name}[${wrong}] is ${values[wrong]}`, "terminate the episode with a finite penalty, and observe finite numbers");
}

export function requireThrows(call: () => unknown, what: string, fix: string): void {
  let threw = false;
  try {
    call();
  } catch {
    threw = true;
  }
  require(threw, `${what} was accepted`, fix);
}
