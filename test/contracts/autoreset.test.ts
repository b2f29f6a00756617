import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type AutoresetMode,
  Box,
  Episodes,
  SingleEnv,
  stepBuffers,
  type VectorInfos,
  type World,
} from "../../envs/index.js";

type CountingInfo = { readonly steps: number };

/** The environment of test/oracles/gymnasium-autoreset.py. */
class CountingWorld implements World<CountingInfo> {
  readonly observationSpace = new Box({ shape: [2] });
  readonly actionSpace = new Box({ shape: [1] });
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly received: number[][] = [];
  private readonly lengths: readonly number[];
  private readonly episodes: number[];
  private readonly steps: number[];

  constructor(lengths: readonly number[]) {
    this.lengths = lengths;
    this.rewards = new Float64Array(lengths.length);
    this.terminated = new Uint8Array(lengths.length);
    this.episodes = lengths.map(() => -1);
    this.steps = lengths.map(() => 0);
  }

  get numEnvs(): number {
    return this.lengths.length;
  }

  reset(seed?: number | string): void {
    if (seed !== undefined) this.episodes.fill(-1);
    for (let n = 0; n < this.numEnvs; n++) this.begin(n);
  }

  begin(n: number): void {
    this.episodes[n]++;
    this.steps[n] = 0;
  }

  advance(actions: Float64Array): void {
    this.received.push(Array.from(actions));
    this.rewards.set(actions);
    for (let n = 0; n < this.numEnvs; n++) this.terminated[n] = ++this.steps[n] >= this.lengths[n] ? 1 : 0;
  }

  observe(observations: Float64Array): void {
    for (let n = 0; n < this.numEnvs; n++) observations.set([this.episodes[n], this.steps[n]], 2 * n);
  }

  infos() {
    return { steps: Float64Array.from(this.steps) };
  }

  info(n: number): CountingInfo {
    return { steps: this.steps[n] };
  }

  describe(n: number): string {
    return `${this.episodes[n]}:${this.steps[n]}`;
  }
}

const lengths = [2, 9, 3];
const maxEpisodeSteps = 3;
const modes: AutoresetMode[] = ["next-step", "same-step", "disabled"];

interface SeenInfos {
  readonly steps: number[];
  readonly _steps: boolean[];
  readonly final_obs?: (number[] | null)[];
  readonly _final_obs?: boolean[];
  readonly final_info?: { readonly steps: number[] };
  readonly _final_info?: boolean[];
}

/** What Gymnasium's SyncVectorEnv did. */
interface Call {
  readonly call: "reset" | "step";
  readonly mask?: boolean[];
  readonly actions?: number[][];
  readonly observations: number[][];
  readonly rewards?: number[];
  readonly terminated?: boolean[];
  readonly truncated?: boolean[];
  readonly infos: SeenInfos;
}

const seen: Record<AutoresetMode, Call[]> & { readonly version: string } = JSON.parse(
  readFileSync(new URL("../oracles/vectors/gymnasium-autoreset.json", import.meta.url), "utf8"),
);

const numbersOf = (flags: readonly (boolean | number)[]) => flags.map(Number);

/** Gymnasium's infos in our spelling. */
function expectInfos(infos: VectorInfos<CountingInfo>, { infos: expected }: Call): void {
  // After a reset with a mask Gymnasium tells of the others nothing; here their infos go on.
  for (const [n, present] of expected._steps.entries())
    if (present) expect(infos.steps[n]).toBe(expected.steps[n]);
  expect(infos.finalObservation?.map((row) => row && Array.from(row))).toEqual(expected.final_obs);
  expect(infos.finalInfo && Array.from(infos.finalInfo.steps)).toEqual(expected.final_info?.steps);
  expect(infos._finalObservation && Array.from(infos._finalObservation)).toEqual(
    expected._final_obs && numbersOf(expected._final_obs),
  );
  expect(infos._finalInfo && Array.from(infos._finalInfo)).toEqual(
    expected._final_info && numbersOf(expected._final_info),
  );
}

describe.each(modes)("as Gymnasium does, %s", (autoresetMode) => {
  test("step", () => {
    const env = new Episodes(new CountingWorld(lengths), { autoresetMode, maxEpisodeSteps });
    expect(seen[autoresetMode].length).toBeGreaterThan(8);
    for (const [i, call] of seen[autoresetMode].entries()) {
      if (call.call === "reset") {
        const options = call.mask ? { options: { resetMask: call.mask } } : { seed: 0 };
        const { observations, infos } = env.reset(options);
        expect(Array.from(observations), `call ${i}`).toEqual(call.observations.flat());
        expectInfos(infos, call);
      } else {
        const result = env.step((call.actions ?? []).flat());
        expect(Array.from(result.observations), `call ${i}`).toEqual(call.observations.flat());
        expect(Array.from(result.rewards)).toEqual(call.rewards);
        expect(Array.from(result.terminated)).toEqual(numbersOf(call.terminated ?? []));
        expect(Array.from(result.truncated)).toEqual(numbersOf(call.truncated ?? []));
        expectInfos(result.infos, call);
      }
    }
  });

  test("stepInto", () => {
    const env = new Episodes(new CountingWorld(lengths), { autoresetMode, maxEpisodeSteps });
    const buffers = stepBuffers(env);
    for (const call of seen[autoresetMode]) {
      if (call.call === "reset") env.reset(call.mask ? { options: { resetMask: call.mask } } : { seed: 0 });
      else {
        buffers.finalObservations.fill(-7);
        env.stepInto(Float64Array.from((call.actions ?? []).flat()), buffers);
        expect(Array.from(buffers.observations)).toEqual(call.observations.flat());
        expect(Array.from(buffers.rewards)).toEqual(call.rewards);
        expect(Array.from(buffers.terminated)).toEqual(numbersOf(call.terminated ?? []));
        expect(Array.from(buffers.truncated)).toEqual(numbersOf(call.truncated ?? []));
        const final = call.infos.final_obs ?? lengths.map(() => null);
        expect(Array.from(buffers.finalObservations)).toEqual(final.flatMap((row) => row ?? [-7, -7]));
      }
    }
  });
});

test("the reference is Gymnasium 1", () => {
  expect(seen.version).toMatch(/^1\./);
});

test("in next-step mode the action of a resetting step is neither used nor checked", () => {
  const world = new CountingWorld([1, 3]);
  const env = new Episodes(world, { autoresetMode: "next-step" });
  env.reset();
  env.step([5, 6]);
  const { rewards } = env.step([Number.NaN, 7]);
  expect(Array.from(rewards)).toEqual([0, 7]);
  expect(world.received).toEqual([
    [5, 6],
    [0, 7],
  ]);
});

test("with autoreset disabled an ended episode has to be reset, and a refused step changes nothing", () => {
  const world = new CountingWorld([3, 1]);
  const env = new Episodes(world, { autoresetMode: "disabled" });
  env.reset();
  env.step([1, 1]);
  expect(() => env.step([1, 1])).toThrow("step: the episode of environment 1 has ended, call reset first");
  expect(world.received.length).toBe(1);
  env.reset({ options: { resetMask: [0, 1] } });
  expect(Array.from(env.step([1, 1]).observations)).toEqual([0, 2, 1, 1]);
});

test("a whole reset forgets the episodes that have ended", () => {
  for (const autoresetMode of modes) {
    const env = new Episodes(new CountingWorld([1, 3]), { autoresetMode, maxEpisodeSteps: 2 });
    env.reset();
    env.step([1, 1]);
    env.reset({ seed: 0 });
    const { observations, rewards, truncated } = env.step([2, 3]);
    expect(Array.from(rewards)).toEqual([2, 3]);
    expect(Array.from(truncated)).toEqual([0, 0]);
    expect(observations[3]).toBe(1);
  }
});

describe("refusals", () => {
  const make = (options = {}) => new Episodes(new CountingWorld([3, 3]), options);
  const ready = () => {
    const env = make();
    env.reset();
    return env;
  };

  test.each<[string, () => unknown]>([
    ["step: call reset first", () => make().step([1, 1])],
    ["step: call reset first", () => make().stepInto(new Float64Array(2), stepBuffers(make()))],
    ["render: call reset first", () => make().render()],
    ["reset: call reset without resetMask first", () => make().reset({ options: { resetMask: [1, 1] } })],
    [
      "reset: options.resetMask must have length 2, got 1",
      () => ready().reset({ options: { resetMask: [1] } }),
    ],
    [
      "reset: options.resetMask must mark an environment",
      () => ready().reset({ options: { resetMask: [0, 0] } }),
    ],
    [
      "reset: a seed starts the streams of every environment anew, leave out resetMask or the seed",
      () => ready().reset({ seed: 1, options: { resetMask: [1, 0] } }),
    ],
    ["step: actions must have length 2 (2 × 1), got 3", () => ready().step([1, 2, 3])],
    ['step: actions must be an array of numbers, got "12"', () => ready().step("12" as never)],
    ["step: actions must be an array of numbers, got null", () => ready().step(null as never)],
    ["step: actions must be an array of numbers, got a Set", () => ready().step(new Set([1, 2]) as never)],
    ["step: actions[0] must be a number, got [1, 2]", () => ready().step([[1, 2], [3]] as never)],
    ["step: actions[1] must be a number, got null", () => ready().step([1, null] as never)],
    [
      "step: actions must be an array of numbers, got a BigInt64Array",
      () => ready().step(BigInt64Array.of(1n, 2n) as never),
    ],
    [
      "stepInto: actions must be a Float64Array or Float32Array, got [1, 1]",
      () => ready().stepInto([1, 1] as never, stepBuffers(ready())),
    ],
    [
      "stepInto: actions must have length 2 (2 × 1), got 1",
      () => ready().stepInto(new Float64Array(1), stepBuffers(ready())),
    ],
    [
      "stepInto: rewards must be a Float64Array or Float32Array, got a Int32Array",
      () =>
        ready().stepInto(new Float64Array(2), {
          ...stepBuffers(ready()),
          rewards: new Int32Array(2) as never,
        }),
    ],
    [
      "stepInto: truncated must be a Uint8Array, got undefined",
      () => ready().stepInto(new Float64Array(2), { ...stepBuffers(ready()), truncated: undefined as never }),
    ],
    [
      'reset: options.resetMask must be an array of flags, got "10"',
      () => ready().reset({ options: { resetMask: "10" as never } }),
    ],
    ['reset: has no option "sed", only seed, options', () => ready().reset({ sed: 1 } as never)],
    ["reset: must be told { seed, options }, got 1", () => ready().reset(1 as never)],
    ["info: n must be a whole number from 0 to 1, got 2", () => ready().info(2)],
    [
      'environment: has no option "limit", only autoresetMode, maxEpisodeSteps, renderMode, spec',
      () => make({ limit: 3 }),
    ],
    ["step: actions[1] must be a finite number, got NaN", () => ready().step([1, Number.NaN])],
    [
      "step: actions[0] must be a finite number, got -Infinity",
      () => ready().step([Number.NEGATIVE_INFINITY, 0]),
    ],
    [
      "stepInto: rewards must have length 2, got 1",
      () => ready().stepInto(new Float64Array(2), { ...stepBuffers(ready()), rewards: new Float64Array(1) }),
    ],
    [
      "stepInto: finalObservations must have length 4 (2 × 2), got 2",
      () =>
        ready().stepInto(new Float64Array(2), {
          ...stepBuffers(ready()),
          finalObservations: new Float64Array(2),
        }),
    ],
    ["maxEpisodeSteps: must be a whole number >= 1 or null, got 0", () => make({ maxEpisodeSteps: 0 })],
    [
      'autoresetMode: must be one of "next-step", "same-step", "disabled", got "later"',
      () => make({ autoresetMode: "later" }),
    ],
    [
      'SingleEnv: needs one environment and autoresetMode "disabled", got 2 and "next-step"',
      () => new SingleEnv(make()),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(new Error(message));
  });

  test("nothing happens after close, and closing twice is no error", () => {
    const env = ready();
    env.close();
    env.close();
    expect(() => env.step([1, 1])).toThrow("step: the environment is closed");
    expect(() => env.reset()).toThrow("reset: the environment is closed");
    expect(() => env.render()).toThrow("render: the environment is closed");
  });
});

test("render gives one text per environment, or nothing without a render mode", () => {
  const env = new Episodes(new CountingWorld([3, 1]), { renderMode: "ansi" });
  env.reset();
  env.step([1, 1]);
  env.step([1, 1]);
  expect(env.render()).toEqual(["0:2", "1:0"]);
  const silent = new Episodes(new CountingWorld([3]));
  silent.reset();
  expect(silent.render()).toBeNull();
});
