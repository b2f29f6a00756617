import { type StepBuffers, stepBuffers, type VectorEnv, type VectorStepResult } from "../vector-env.js";
import { actionsAt, copyOf, type EnvFactory, endedOf, modes, play, rowOf } from "./play.js";
import { type Rule, require, requireSame } from "./report.js";

const common = { autoresetMode: "next-step", seed: 5, maxEpisodeSteps: 4 } as const;

/** Randomness, aliasing, and that one environment is one whatever it is part of. */
export const streamRules: readonly Rule<EnvFactory>[] = [
  {
    rule: "the same seed gives the same run",
    hold(make) {
      const run = () => {
        const env = make({ ...common, numEnvs: 3 });
        return [env.reset(), ...play(env, 11)];
      };
      requireSame(
        "the second run",
        run(),
        run(),
        "draw from the seed alone, and keep no state between instances",
      );
    },
  },
  {
    rule: "a seed given to reset is as good as one given to make",
    hold(make) {
      const env = make({ ...common, numEnvs: 2 });
      env.reset();
      play(env, 3);
      const again = make({ ...common, numEnvs: 2, seed: 9 });
      const fix = "start every random stream anew in reset({ seed })";
      requireSame("reset({ seed: 9 })", env.reset({ seed: 9 }), again.reset(), fix);
      requireSame("the run after it", play(env, 6), play(again, 6), fix);
    },
  },
  {
    rule: "results are the caller's",
    hold(make) {
      const env = make({ ...common, numEnvs: 2, autoresetMode: "same-step", maxEpisodeSteps: 2 });
      const results = [env.reset(), ...play(env, 3)];
      const copies = copyOf(results);
      env.reset();
      play(env, 3);
      requireSame(
        "an earlier result",
        results,
        copies,
        "return new arrays, or copies of those that are kept",
      );
    },
  },
  {
    rule: "what the caller does with arrays does not matter",
    hold(make) {
      const [env, control] = [0, 1].map(() => make({ ...common, numEnvs: 2, autoresetMode: "same-step" }));
      scramble(env.reset());
      control.reset();
      for (let t = 0; t < 8; t++) {
        const [given, expected] = [actionsAt(env, t), actionsAt(env, t)];
        const result = env.step(given);
        requireSame("the action after the step", given, expected, "do not write to the actions");
        requireSame(
          `step ${t + 1}`,
          result,
          control.step(expected),
          "keep no array that was handed out or given",
        );
        given.fill(7);
        scramble(result);
      }
    },
  },
  {
    rule: "stepInto writes what step returns",
    hold(make) {
      for (const autoresetMode of modes) {
        const [one, two] = [0, 1].map(() => make({ ...common, numEnvs: 3, autoresetMode }));
        one.reset();
        two.reset();
        const written = playInto(two, 11);
        play(one, 11).forEach(({ infos: { finalObservation = [] }, ...result }, t) => {
          const { finalObservations, ...rest } = written[t];
          const fix = "step and stepInto must be one simulator";
          requireSame(`${autoresetMode}, step ${t + 1}: stepInto`, rest, result, fix);
          finalObservation.forEach((row, n) => {
            if (row)
              requireSame(
                "finalObservations",
                rowOf(finalObservations, n, row.length),
                row,
                "copy the last observations too",
              );
          });
        });
      }
    },
  },
  {
    rule: "each environment is the only one of its own batch",
    hold(make) {
      for (const autoresetMode of modes) {
        const env = make({ ...common, numEnvs: 3, autoresetMode });
        env.reset();
        const together = play(env, 11);
        for (let n = 0; n < 3; n++) {
          const alone = make({ ...common, numEnvs: 1, firstIndex: n, autoresetMode });
          compareAlone(alone, n, together, (t) => actionsAt(env, t));
        }
      }
    },
  },
  {
    rule: "spec and metadata tell how it was made",
    hold(make) {
      for (const autoresetMode of modes) {
        const { metadata, spec } = make({ ...common, numEnvs: 1, autoresetMode });
        requireSame(
          "metadata.autoresetMode",
          metadata.autoresetMode,
          autoresetMode,
          "say the mode that was asked for",
        );
        if (spec)
          requireSame("spec.maxEpisodeSteps", spec.maxEpisodeSteps, 4, "say the limit that was asked for");
      }
    },
  },
  {
    rule: "every render mode renders, and none renders nothing",
    hold(make) {
      const { metadata } = make({ ...common, numEnvs: 2 });
      for (const renderMode of metadata.renderModes) {
        const env = make({ ...common, numEnvs: 2, renderMode });
        env.reset();
        env.step(actionsAt(env, 0));
        const pictures = env.render();
        require(pictures?.length === 2 &&
          pictures.every(
            (picture) => picture.length > 0,
          ), `render() in mode "${renderMode}" gave ${JSON.stringify(pictures)?.slice(0, 60)}`, "return one text per environment, or take the mode out of metadata.renderModes");
      }
      const silent = make({ ...common, numEnvs: 2 });
      silent.reset();
      requireSame("render() without a mode", silent.render(), null, "return null");
    },
  },
];

function compareAlone(
  alone: VectorEnv,
  n: number,
  together: readonly VectorStepResult[],
  actions: (t: number) => Float64Array,
): void {
  const [observationSize, actionSize] = [alone.singleObservationSpace.size, alone.singleActionSpace.size];
  alone.reset();
  play(alone, together.length, (t) => rowOf(actions(t), n, actionSize)).forEach((result, t) => {
    const what = `environment ${n} at step ${t + 1}`;
    const fix = "let draws depend on the seed and on firstIndex + n, not on the size of the batch";
    const expected = rowOf(together[t].observations, n, observationSize);
    requireSame(`${what}: the observation`, result.observations, expected, fix);
    for (const key of ["rewards", "terminated", "truncated"] as const)
      requireSame(`${what}: ${key}`, result[key][0], together[t][key][n], fix);
  });
}

/** The same as `play`, through buffers. */
function playInto(env: VectorEnv, steps: number): Required<StepBuffers>[] {
  const buffers = stepBuffers(env);
  let ended: boolean[] = [];
  return Array.from({ length: steps }, (_, t) => {
    if (env.metadata.autoresetMode === "disabled" && ended.includes(true))
      env.reset({ options: { resetMask: ended } });
    env.stepInto(actionsAt(env, t), buffers);
    ended = endedOf(buffers);
    return copyOf(buffers);
  });
}

function scramble(value: unknown): void {
  if (value instanceof Float64Array || value instanceof Uint8Array) value.fill(7);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(scramble);
}
