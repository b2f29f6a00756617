import type { Info } from "../env.js";
import type { Seed } from "../random.js";
import {
  type StepBuffers,
  stepBuffers,
  type VectorEnv,
  type VectorInfos,
  type VectorResetResult,
  type VectorStepResult,
} from "../vector-env.js";
import { actionsAt, copyOf, type EnvFactory, endedOf, modes, play, rowOf } from "./play.js";
import { isSame, type Rule, require, requireSame, skip } from "./report.js";

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
    rule: "a seed may be a word",
    hold(make) {
      const runOf = (seed: Seed) => {
        const env = make({ ...common, numEnvs: 2, seed });
        return [env.reset(), ...play(env, 6)];
      };
      const env = make({ ...common, numEnvs: 2 });
      env.reset();
      play(env, 3);
      const fix = "make a key of every seed, number or string";
      requireSame(
        'the run after reset({ seed: "one" })',
        [env.reset({ seed: "one" }), ...play(env, 6)],
        runOf("one"),
        fix,
      );
      if (isSame(runOf(5), runOf(9))) skip("nothing depends on the seed");
      require(!isSame(runOf("one"), runOf("two")), 'the runs of the seeds "one" and "two" are the same', fix);
    },
  },
  {
    rule: "info(n) is row n of the infos",
    hold(make) {
      for (const autoresetMode of modes) {
        const env = make({ ...common, numEnvs: 3, autoresetMode });
        const rows = [0, 1, 2];
        const compare = ({ infos }: VectorResetResult, when: string) => {
          for (const n of rows)
            requireSame(
              `${autoresetMode}, ${when}: info(${n})`,
              env.info(n),
              rowOfInfos(infos, n, env.info(n)),
              "tell of environment n",
            );
        };
        compare(env.reset(), "reset");
        for (let t = 0; t < 3; t++) compare(env.step(actionsAt(env, t)), `step ${t + 1}`);
      }
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
  {
    rule: "rendering changes nothing",
    hold(make) {
      const { metadata } = make({ ...common, numEnvs: 2 });
      for (const renderMode of metadata.renderModes) {
        const [env, control] = [0, 1].map(() => make({ ...common, numEnvs: 2, renderMode }));
        env.reset();
        control.reset();
        for (let t = 0; t < 6; t++) {
          env.render();
          requireSame(
            `step ${t + 1} after render() in mode "${renderMode}"`,
            env.step(actionsAt(env, t)),
            control.step(actionsAt(env, t)),
            "draw the present state without moving on",
          );
        }
        requireSame(
          `render() in mode "${renderMode}", again`,
          env.render(),
          env.render(),
          "draw the present state only",
        );
      }
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

/** What the infos tell of environment n; a field that `own` lacks may be 0 there, or be the batch's. */
function rowOfInfos(infos: VectorInfos, n: number, own: Info): Info {
  const { finalObservation: _, finalInfo: __, ...columns } = infos;
  const row: Record<string, Info[string]> = {};
  for (const [key, column] of Object.entries<ArrayLike<number>>(columns)) {
    const values = rowOf(column, n, column.length / 3);
    if (key in own) row[key] = likeThat(own[key], values);
    else if (!key.startsWith("_") && values.some((value) => value !== 0)) row[key] = values;
  }
  return row;
}

function likeThat(own: Info[string], values: Float64Array): Info[string] {
  if (typeof own === "boolean") return values[0] === 1;
  return typeof own === "number" ? values[0] : values;
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
