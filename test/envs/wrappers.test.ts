import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type AutoresetMode,
  clipAction,
  type Env,
  Episodes,
  flattenObservation,
  frameStack,
  make,
  makeVec,
  normalizeObservation,
  normalizeReward,
  RunningMoments,
  recordEpisodeStatistics,
  rescaleAction,
  SingleEnv,
  stepBuffers,
  timeLimit,
  type VectorEnv,
  type VectorStepResult,
} from "../../envs/index.js";
import { CountingWorld } from "../oracles/counting-world.js";

interface Call {
  readonly action?: number[];
  readonly observation: number[];
  readonly reward?: number | number[];
  readonly terminated?: boolean | number[];
  readonly truncated?: boolean | number[];
  readonly episode?: { readonly r: number[]; readonly l: number[] } | null;
}

const seen: { version: string; single: Record<string, Call[]>; batch: Record<string, Call[]> } = JSON.parse(
  readFileSync(new URL("../oracles/vectors/gymnasium-wrappers.json", import.meta.url), "utf8"),
);
const lengths = [4, 9, 5];
const limit = 6;
const modes: AutoresetMode[] = ["next-step", "same-step", "disabled"];

function counting(autoresetMode: AutoresetMode = "next-step", maxEpisodeSteps: number | null = null) {
  return new Episodes(new CountingWorld(lengths), { autoresetMode, maxEpisodeSteps });
}

function countingOne(): Env {
  return new SingleEnv(new Episodes(new CountingWorld([lengths[1]]), { autoresetMode: "disabled" }));
}

/** Each wrapper as the script has it, around what the script has. */
const wrap: Record<string, <E extends Env | VectorEnv>(env: E) => E> = {
  timeLimit: (env) => timeLimit(env, limit),
  recordEpisodeStatistics: (env) => recordEpisodeStatistics(timeLimit(env, limit)),
  normalizeObservation: (env) => normalizeObservation(timeLimit(env, limit)),
  normalizeReward: (env) => normalizeReward(timeLimit(env, limit), { discount: 0.9 }),
  clipAction: (env) => clipAction("numEnvs" in env ? timeLimit(env, limit) : env),
  rescaleAction: (env) => rescaleAction("numEnvs" in env ? timeLimit(env, limit) : env, { low: -1, high: 1 }),
  flattenObservation: (env) => flattenObservation("numEnvs" in env ? timeLimit(env, limit) : env),
  frameStack: (env) => frameStack(timeLimit(env, limit), { stackSize: 3 }),
  frameStackZero: (env) => frameStack(timeLimit(env, limit), { stackSize: 3, padding: "zero" }),
};

/** Gymnasium keeps some statistics in float32. */
const digits = (name: string) => (name === "normalizeObservation" ? 4 : name === "normalizeReward" ? 6 : 10);

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, places: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i], places);
}

describe("as Gymnasium does", () => {
  test("of version 1", () => {
    expect(seen.version).toMatch(/^1\./);
  });

  test.each(Object.keys(seen.single))("%s, single", (name) => {
    const env = wrap[name](countingOne());
    for (const [i, call] of seen.single[name].entries()) {
      if (!call.action) {
        const { observation } = env.reset(i === 0 ? { seed: 0 } : {});
        expectNear(observation, call.observation, digits(name));
        continue;
      }
      const { observation, reward, terminated, truncated, info } = env.step(call.action);
      expectNear(observation, call.observation, digits(name));
      expect(reward).toBeCloseTo(call.reward as number, 10);
      expect([terminated, truncated]).toEqual([call.terminated, call.truncated]);
      expect(info.episodeReturn === undefined).toBe(!call.episode);
      if (call.episode) {
        expect(info.episodeReturn).toBeCloseTo(call.episode.r[0], 10);
        expect(info.episodeLength).toBe(call.episode.l[0]);
      }
    }
  });

  test.each(Object.keys(seen.batch))("%s, in a batch", (name) => {
    const env = wrap[name](counting() as VectorEnv);
    for (const [i, call] of seen.batch[name].entries()) {
      if (!call.action) {
        expectNear(env.reset(i === 0 ? { seed: 0 } : {}).observations, call.observation, digits(name));
        continue;
      }
      const { observations, rewards, terminated, truncated, infos } = env.step(call.action);
      expectNear(observations, call.observation, digits(name));
      expectNear(rewards, call.reward as number[], digits(name));
      expect([Array.from(terminated), Array.from(truncated)]).toEqual([call.terminated, call.truncated]);
      expect(infos.episodeReturn === undefined).toBe(!call.episode);
      if (call.episode) {
        expectNear(infos.episodeReturn, call.episode.r, 10);
        expect(Array.from(infos.episodeLength)).toEqual(call.episode.l);
      }
    }
  });
});

const action = (t: number) => Float64Array.from({ length: 3 }, (_, n) => 3 * Math.sin(t + 2 * n));

function play(env: VectorEnv, steps: number): VectorStepResult[] {
  let ended: boolean[] = [];
  return Array.from({ length: steps }, (_, t) => {
    if (env.metadata.autoresetMode === "disabled" && ended.includes(true))
      env.reset({ options: { resetMask: ended } });
    const result = env.step(action(t));
    ended = Array.from(result.terminated, (over, n) => over + result.truncated[n] > 0);
    return result;
  });
}

describe.each(modes)("%s", (autoresetMode) => {
  test("a time limit is the limit that an environment can have itself", () => {
    const [inside, outside] = [counting(autoresetMode, limit), timeLimit(counting(autoresetMode), limit)];
    expect(outside.reset({ seed: 0 })).toEqual(inside.reset({ seed: 0 }));
    expect(play(outside as VectorEnv, 30)).toEqual(play(inside as VectorEnv, 30));
  });

  test.each(Object.keys(wrap))("%s: stepInto writes what step returns, each in its own arrays", (name) => {
    const [one, two] = [0, 1].map(() => wrap[name](counting(autoresetMode) as VectorEnv));
    const buffers = stepBuffers(two);
    one.reset({ seed: 0 });
    two.reset({ seed: 0 });
    let ended: boolean[] = [];
    const results = Array.from({ length: 20 }, (_, t) => {
      if (autoresetMode === "disabled" && ended.includes(true))
        for (const env of [one, two]) env.reset({ options: { resetMask: ended } });
      const { infos, ...result } = one.step(action(t));
      two.stepInto(action(t), buffers);
      const { finalObservations, ...written } = buffers;
      expect(written).toEqual(result);
      const { size } = one.singleObservationSpace;
      infos.finalObservation?.forEach((row, n) => {
        if (row) expect(finalObservations.slice(n * size, (n + 1) * size)).toEqual(row);
      });
      ended = Array.from(result.terminated, (over, n) => over + result.truncated[n] > 0);
      return { result, copy: structuredClone(result) };
    });
    for (const { result, copy } of results) expect(result).toEqual(copy);
  });

  test("frames of one episode are never shown in another", () => {
    const env = frameStack(counting(autoresetMode), { stackSize: 3 });
    expect(env.singleObservationSpace.shape).toEqual([3, 2, 1]);
    env.reset({ seed: 0 });
    for (const { observations, infos } of play(env as VectorEnv, 25)) {
      const rows = [0, 1, 2].map((n) => observations.slice(6 * n, 6 * n + 6));
      for (const row of [...rows, ...(infos.finalObservation ?? [])]) {
        if (!row) continue;
        expect([row[0], row[2]]).toEqual([row[4], row[4]]);
        const steps = [row[1], row[3], row[5]].map(Math.sqrt);
        expect(steps).toEqual([2, 1, 0].map((ago) => Math.max(0, steps[2] - ago)));
      }
    }
  });

  test("returns and lengths are those of whole episodes", () => {
    const ended: number[][] = [];
    const env = recordEpisodeStatistics(counting(autoresetMode), {
      onEpisode: ({ episodeReturn, episodeLength }, n) => ended.push([n, episodeReturn, episodeLength]),
    });
    env.reset({ seed: 0 });
    for (let t = 0, over: boolean[] = []; t < 24; t++) {
      if (autoresetMode === "disabled" && over.includes(true)) env.reset({ options: { resetMask: over } });
      over = Array.from(env.step(new Float64Array(3).fill(2)).terminated, (value) => value === 1);
    }
    expect(ended.length).toBeGreaterThan(8);
    for (const [n, total, length] of ended) expect([total, length]).toEqual([2 * lengths[n], lengths[n]]);
  });
});

test("a limit that nobody tells the inner environment is enforced all the same", () => {
  const single = timeLimit(countingOne(), 2);
  single.reset();
  single.step([1]);
  expect(single.step([1]).truncated).toBe(true);
  expect(() => single.step([1])).toThrow("step: the episode of environment 0 has ended, call reset first");
  expect(timeLimit(make("lossgym/Quadratic-v0"), 7).spec?.maxEpisodeSteps).toBe(7);
});

test("a termination at the limit is both", () => {
  const env = timeLimit(countingOne(), lengths[1]);
  env.reset();
  const last = Array.from({ length: lengths[1] }, () => env.step([0])).at(-1);
  expect(last).toMatchObject({ terminated: true, truncated: true });
});

test("statistics can be frozen, shared and saved", () => {
  const moments = new RunningMoments(4);
  const training = normalizeObservation(makeVec("lossgym/Quadratic-v0", { numEnvs: 8, seed: 1 }), {
    moments,
  });
  training.reset();
  for (let t = 0; t < 50; t++) training.step(new Float64Array(16).fill(Math.sin(t)));
  const copy = RunningMoments.fromJSON(JSON.parse(JSON.stringify(moments)));
  copy.frozen = true;
  const evaluation = normalizeObservation(make("lossgym/Quadratic-v0"), { moments: copy });
  const raw = make("lossgym/Quadratic-v0").reset().observation;
  const { observation } = evaluation.reset();
  observation.forEach((value, j) => {
    expect(value).toBeCloseTo((raw[j] - moments.mean[j]) / Math.sqrt(moments.variance[j] + 1e-8), 10);
  });
  expect(copy.toJSON()).toEqual(moments.toJSON());
  expect(() =>
    normalizeObservation(makeVec("lossgym/DoubleWell-v0"), { moments: new RunningMoments(1) }),
  ).toThrow("normalizeObservation: moments must be of 4 numbers, got 1");
});

test("running moments are those of all rows together", () => {
  const moments = new RunningMoments(2);
  const rows = Array.from({ length: 3000 }, (_, i) => [5 + Math.sin(i), 1e6 + Math.cos(2 * i)]);
  for (let i = 0; i < rows.length; i += 30) moments.update(Float64Array.from(rows.slice(i, i + 30).flat()));
  for (const j of [0, 1]) {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / rows.length;
    expect(moments.mean[j] / mean).toBeCloseTo(1, 6);
  }
  expect(moments.variance[0]).toBeCloseTo(0.5, 2);
});

test("actions are clipped, or stretched to the range that they stand for", () => {
  const bounds = { low: -0.5, high: 0.5 };
  const stretched = rescaleAction(makeVec("lossgym/Quadratic-v0", { seed: 1, numEnvs: 2 }), {
    ...bounds,
    to: { low: [-3, 0], high: [3, 1] },
  });
  const plain = makeVec("lossgym/Quadratic-v0", { seed: 1, numEnvs: 2 });
  expect(stretched.singleActionSpace.toJSON()).toMatchObject(bounds);
  stretched.reset();
  plain.reset();
  expect(stretched.step([0.5, -0.5, 0, 0.25])).toEqual(plain.step([3, 0, 0, 0.75]));
  expect(() => stretched.step([1])).toThrow("step: actions must have length 4 (2 × 2), got 1");
  const clipped = clipAction(counting());
  expect(clipped.singleActionSpace.toJSON()).toMatchObject({ low: "-Infinity", high: "Infinity" });
  clipped.reset();
  expect(Array.from(clipped.step([-9, 3, 9]).rewards)).toEqual([-2, 3, 6]);
  expect(() => clipped.step([1])).toThrow("step: actions must have length 3 (3 × 1), got 1");
});

test.each<[string, () => unknown]>([
  [
    "rescaleAction: the action space (options.to replaces its bounds) must have finite low < high, got -Infinity and Infinity at 0",
    () => rescaleAction(make("lossgym/Quadratic-v0"), { low: -1, high: 1 }),
  ],
  [
    "rescaleAction: options must have finite low < high, got 1 and 1 at 0",
    () => rescaleAction(countingOne(), { low: 1, high: 1 }),
  ],
  ["timeLimit: maxEpisodeSteps must be a whole number >= 1, got 0", () => timeLimit(countingOne(), 0)],
  [
    "frameStack: stackSize must be a whole number >= 1, got 1.5",
    () => frameStack(countingOne(), { stackSize: 1.5 }),
  ],
  [
    'frameStack: padding must be "reset" or "zero", got "mean"',
    () => frameStack(countingOne(), { stackSize: 2, padding: "mean" as "zero" }),
  ],
])("%s", (message, call) => {
  expect(call).toThrow(new Error(message));
});

test.each<[string, (env: VectorEnv) => VectorEnv]>([
  ["frameStack", (env) => frameStack(env, { stackSize: 2 })],
  ["timeLimit", (env) => timeLimit(env, 3)],
  ["normalizeReward", (env) => normalizeReward(env)],
  ["clipAction", clipAction],
])("%s refuses buffers and actions before anything happens", (_, wrap) => {
  const inner = new Episodes(new CountingWorld([3, 3]));
  const env = wrap(inner);
  env.reset();
  const [good, bad] = [stepBuffers(env), { ...stepBuffers(env), rewards: new Float64Array(1) }];
  const actions = new Float64Array(env.actionSpace.size);
  expect(() => env.stepInto(actions, bad)).toThrow("stepInto: rewards must have length 2, got 1");
  expect(() => env.stepInto(actions.subarray(1), good)).toThrow("stepInto: actions must have length 2");
  expect(() => env.step("12" as never)).toThrow('step: actions must be an array of numbers, got "12"');
  const untouched = wrap(new Episodes(new CountingWorld([3, 3])));
  untouched.reset();
  expect(env.step(actions)).toEqual(untouched.step(actions));
});

test.each<[string, (env: Env) => Env]>([
  ["frameStack", (env) => frameStack(env, { stackSize: 2, foo: 1 } as never)],
  ["normalizeObservation", (env) => normalizeObservation(env, { foo: 1 } as never)],
  ["normalizeReward", (env) => normalizeReward(env, { foo: 1 } as never)],
  ["recordEpisodeStatistics", (env) => recordEpisodeStatistics(env, { foo: 1 } as never)],
  ["rescaleAction", (env) => rescaleAction(env, { low: -1, high: 1, foo: 1 } as never)],
])("%s has no option foo", (name, wrap) => {
  expect(() => wrap(countingOne())).toThrow(`${name}: has no option "foo"`);
});

test("wrappers stack, render, and close what they wrap", () => {
  const inner = make("lossgym/HiddenTask-v0", { renderMode: "ansi", seed: 1 });
  const env = normalizeReward(frameStack(recordEpisodeStatistics(inner, { now: () => 3 }), { stackSize: 2 }));
  env.reset();
  const { observation, info } = env.step([1]);
  expect(observation.length).toBe(4);
  expect(info.parameters).toBeInstanceOf(Float64Array);
  expect(env.render()).toMatch(/^step 1/);
  expect(env.renderMode).toBe("ansi");
  env.close();
  expect(() => inner.reset()).toThrow("closed");
});
