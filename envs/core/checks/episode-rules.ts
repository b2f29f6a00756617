import type { Env } from "../env.js";
import { SingleEnv } from "../single-env.js";
import type { VectorStepResult } from "../vector-env.js";
import { actionsAt, type EnvFactory, endedOf, modes, play, rowOf } from "./play.js";
import { type Rule, require, requireSame, skip } from "./report.js";
import { requireThrows } from "./space-rules.js";

const limit = 3;
const common = { numEnvs: 2, seed: 5, maxEpisodeSteps: limit } as const;

/** Two equal batches in two modes, at the step in which the limit ends their first episodes. */
function atLimit(make: EnvFactory, mode: "next-step" | "same-step" | "disabled") {
  const env = make({ ...common, autoresetMode: mode });
  const reference = make({ ...common, autoresetMode: "disabled" });
  env.reset();
  reference.reset();
  let [result, expected]: VectorStepResult[] = [];
  for (let t = 0; t < limit; t++) {
    result = env.step(actionsAt(env, t));
    expected = reference.step(actionsAt(env, t));
    if (t + 1 < limit && endedOf(expected).includes(true)) skip("an episode ends by itself before the limit");
  }
  return { env, reference, result, expected };
}

/** Ends of episodes. */
export const episodeRules: readonly Rule<EnvFactory>[] = [
  {
    rule: "the limit truncates, at its step and not before, and does not terminate",
    hold(make) {
      for (const autoresetMode of modes) {
        const env = make({ ...common, autoresetMode });
        env.reset();
        for (let t = 1; t <= limit; t++) {
          const { truncated, terminated } = env.step(actionsAt(env, t));
          if (terminated.includes(1) && t < limit) skip("an episode ends by itself before the limit");
          const what = `${autoresetMode}, step ${t} of ${limit}:`;
          requireSame(
            `${what} truncated`,
            truncated[0],
            t === limit ? 1 : 0,
            "set it at maxEpisodeSteps, and only there",
          );
          requireSame(
            `${what} terminated`,
            terminated[0],
            0,
            "a limit of steps truncates; only the problem terminates",
          );
        }
      }
    },
  },
  {
    rule: "without a limit nothing is truncated",
    hold(make) {
      const env = make({ ...common, autoresetMode: "next-step", maxEpisodeSteps: null });
      env.reset();
      play(env, 25).forEach(({ truncated }, t) => {
        require(!truncated.includes(
          1,
        ), `step ${t + 1}: truncated is ${truncated.join(", ")}`, "truncate only at maxEpisodeSteps");
      });
    },
  },
  {
    rule: "next-step: the step after the last begins an episode, with reward 0",
    hold(make) {
      const { env } = atLimit(make, "next-step");
      const { rewards, terminated, truncated } = env.step(
        new Float64Array(env.actionSpace.size).fill(Number.NaN),
      );
      const fix = "ignore the action of a resetting step, and give it reward 0 and no flags";
      requireSame("the reward of a resetting step", Array.from(rewards), [0, 0], fix);
      requireSame("its terminated", Array.from(terminated), [0, 0], fix);
      requireSame("its truncated", Array.from(truncated), [0, 0], fix);
    },
  },
  {
    rule: "next-step: an environment is a single one that is reset when it has ended",
    hold(make) {
      const env = make({ ...common, autoresetMode: "next-step" });
      env.reset();
      const together = play(env, 3 * limit);
      for (let n = 0; n < common.numEnvs; n++) {
        const alone = make({ ...common, numEnvs: 1, firstIndex: n, autoresetMode: "disabled" });
        compareWithSingle(new SingleEnv(alone), n, together, (t) => actionsAt(env, t));
      }
    },
  },
  {
    rule: "same-step: the last observation and info of an episode are in the infos",
    hold(make) {
      const { result, expected, env } = atLimit(make, "same-step");
      const { size } = env.singleObservationSpace;
      const { infos } = result;
      const fix = "keep what was observed before the next episode begins";
      requireSame(
        "infos.finalObservation",
        infos.finalObservation?.map((row) => row && Array.from(row)),
        [0, 1].map((n) => Array.from(rowOf(expected.observations, n, size))),
        fix,
      );
      requireSame("infos._finalObservation", Array.from(infos._finalObservation ?? []), [1, 1], fix);
      requireSame("infos.finalInfo", infos.finalInfo, expected.infos, fix);
    },
  },
  {
    rule: "same-step: the step that ends an episode shows the first observation of the next",
    hold(make) {
      const { env, reference, result } = atLimit(make, "same-step");
      const { observations } = reference.reset({ options: { resetMask: [1, 1] } });
      const fix = "observe the new episode";
      requireSame("observations", result.observations, observations, fix);
      const next = [env, reference].map((each) => each.step(actionsAt(env, 9)).observations);
      requireSame("the observation after it", next[0], next[1], fix);
    },
  },
  {
    rule: "other steps hold no final observations",
    hold(make) {
      for (const autoresetMode of modes) {
        const env = make({ ...common, autoresetMode });
        env.reset();
        const { infos, ...step } = env.step(actionsAt(env, 0));
        if (endedOf(step).includes(true)) skip("an episode ends by itself before the limit");
        require(!("finalObservation" in infos) &&
          !(
            "finalInfo" in infos
          ), `${autoresetMode}: infos have final fields though no episode has ended`, 'add them only in mode "same-step", when an episode has ended');
      }
    },
  },
  {
    rule: "disabled: an episode that has ended has to be reset",
    hold(make) {
      const { env } = atLimit(make, "disabled");
      const fix = "throw until options.resetMask marks it";
      requireThrows(() => env.step(actionsAt(env, 0)), "a step of an episode that has ended", fix);
      env.reset({ options: { resetMask: [1, 0] } });
      requireThrows(() => env.step(actionsAt(env, 0)), "a step of an episode that has ended", fix);
      env.reset({ options: { resetMask: [0, 1] } });
      env.step(actionsAt(env, 0));
    },
  },
  {
    rule: "a reset with a mask leaves the others alone",
    hold(make) {
      const [env, control] = [0, 1].map(() =>
        make({ ...common, autoresetMode: "disabled", maxEpisodeSteps: null }),
      );
      for (const each of [env, control]) {
        each.reset();
        play(each, 2);
      }
      env.reset({ options: { resetMask: [1, 0] } });
      const { size } = env.singleObservationSpace;
      const [after, expected] = [env, control].map((each) => {
        const { observations, rewards } = each.step(actionsAt(env, 7));
        return [rowOf(observations, 1, size), rewards[1]];
      });
      requireSame(
        "environment 1 after a reset of environment 0",
        after,
        expected,
        "begin only what the mask marks",
      );
    },
  },
];

function compareWithSingle(
  single: Env,
  n: number,
  together: readonly VectorStepResult[],
  actions: (t: number) => Float64Array,
): void {
  single.reset();
  let ended = false;
  together.forEach((result, t) => {
    const action = rowOf(actions(t), n, single.actionSpace.size);
    const { observation, reward, ...flags } = ended
      ? { ...single.reset(), reward: 0, terminated: false, truncated: false }
      : single.step(action);
    ended = flags.terminated || flags.truncated;
    const what = `environment ${n} at step ${t + 1}`;
    const fix = "begin the next episode exactly as reset does";
    const expected = rowOf(result.observations, n, single.observationSpace.size);
    requireSame(`${what}: the observation`, expected, observation, fix);
    requireSame(`${what}: the reward`, result.rewards[n], reward, fix);
  });
}
