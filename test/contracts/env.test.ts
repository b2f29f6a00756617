import { type HeapProfiler, Session } from "node:inspector/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AutoresetMode,
  Box,
  type Env,
  list,
  make,
  makeVec,
  type StepResult,
  stepBuffers,
  type VectorEnv,
  type VectorStepResult,
} from "../../envs/index.js";

/** What holds of every registered environment. */
const modes: AutoresetMode[] = ["next-step", "same-step", "disabled"];
const maxEpisodeSteps = 4;

const rowOf = (values: ArrayLike<number>, n: number, size: number) =>
  Array.from({ length: size }, (_, j) => values[n * size + j]);

/** Actions that move, and differ from step to step and from environment to environment. */
function actionOf(env: Env | VectorEnv, t: number): Float64Array {
  const space = "singleActionSpace" in env ? env.singleActionSpace : env.actionSpace;
  const count = "singleActionSpace" in env ? env.numEnvs : 1;
  return Float64Array.from({ length: count * space.size }, (_, i) => Math.sin(1 + t + 0.3 * i));
}

function play(env: Env, steps: number): StepResult[] {
  return Array.from({ length: steps }, (_, t) => env.step(actionOf(env, t)));
}

/** Steps a batch, resetting by hand what has ended where nobody else does it. */
function playBatch(env: VectorEnv, steps: number, actions: (t: number) => Float64Array): VectorStepResult[] {
  let ended: boolean[] = [];
  return Array.from({ length: steps }, (_, t) => {
    if (env.metadata.autoresetMode === "disabled" && ended.includes(true))
      env.reset({ options: { resetMask: ended } });
    const result = env.step(actions(t));
    ended = Array.from(result.terminated, (value, n) => value + result.truncated[n] > 0);
    return result;
  });
}

describe.each(list())("%s", (id) => {
  test("describes its spaces truly", () => {
    const env = make(id, { seed: 1 });
    const { observation } = env.reset();
    expect(observation.length).toBe(env.observationSpace.size);
    for (const seen of [observation, ...play(env, 20).map((step) => step.observation)])
      expect(env.observationSpace.contains(seen)).toBe(true);
    expect(env.actionSpace.contains(env.actionSpace.sample(1))).toBe(true);
    expect(Box.fromJSON(env.observationSpace.toJSON()).equals(env.observationSpace)).toBe(true);
    const batch = makeVec(id, { numEnvs: 3 });
    expect(batch.singleObservationSpace.equals(env.observationSpace)).toBe(true);
    expect(batch.singleActionSpace.equals(env.actionSpace)).toBe(true);
    expect(batch.observationSpace.shape).toEqual([3, ...env.observationSpace.shape]);
    expect(batch.observationSpace.contains(batch.reset().observations)).toBe(true);
    expect(batch.actionSpace.shape).toEqual([3, ...env.actionSpace.shape]);
  });

  test("says how it was made", () => {
    const env = make(id);
    expect(env.spec?.id).toBe(id);
    expect(env.metadata).toEqual({ renderModes: ["ansi", "svg"] });
    expect(makeVec(id).metadata).toEqual({ renderModes: ["ansi", "svg"], autoresetMode: "next-step" });
    expect(makeVec(id).numEnvs).toBe(1);
  });

  test("is a function of its seed", () => {
    const run = (seed: number) => {
      const env = make(id, { seed });
      return [env.reset(), ...play(env, 5)];
    };
    expect(run(1)).toEqual(run(1));
    if (/Hidden|Regression/.test(id)) expect(run(1)).not.toEqual(run(2));
  });

  test("starts over with a seed, and goes on without one", () => {
    const env = make(id, { seed: 1 });
    const first = env.reset();
    const again = env.reset();
    play(env, 3);
    expect(env.reset({ seed: 1 })).toEqual(first);
    expect(env.reset()).toEqual(again);
    if (/Hidden|Regression/.test(id)) expect(again).not.toEqual(first);
  });

  test("a seed given to reset is as good as one given to make", () => {
    const env = make(id, { seed: 2 });
    env.reset();
    play(env, 2);
    const reset = env.reset({ seed: 9 });
    const other = make(id, { seed: 9 });
    expect(other.reset()).toEqual(reset);
    expect(play(other, 3)).toEqual(play(env, 3));
  });

  test("ends at the limit, and not before", () => {
    const env = make(id, { maxEpisodeSteps });
    env.reset();
    const steps = play(env, maxEpisodeSteps);
    expect(steps.map(({ truncated }) => truncated)).toEqual([false, false, false, true]);
    expect(steps.some(({ terminated }) => terminated)).toBe(false);
    expect(() => env.step(actionOf(env, 0))).toThrow(
      "the episode of environment 0 has ended, call reset first",
    );
    env.reset();
    expect(play(env, maxEpisodeSteps).at(-1)?.truncated).toBe(true);
  });

  test("terminates at the horizon of its problem", () => {
    const env = make(id, { objective: { horizon: 0.3, timeStep: 0.1 }, maxEpisodeSteps: 3 });
    env.reset();
    const steps = play(env, 3);
    expect(steps.map(({ terminated }) => terminated)).toEqual([false, false, true]);
    expect(steps.map(({ truncated }) => truncated)).toEqual([false, false, true]);
  });

  test("terminates finitely when it diverges", () => {
    const env = make(id, { seed: 1 });
    env.reset();
    const { observation, reward, terminated, truncated, info } = env.step(actionOf(env, 0).fill(1e300));
    expect([reward, terminated, truncated, info.diverged]).toEqual([-1e6, true, false, true]);
    expect(observation.every(Number.isFinite)).toBe(true);
    expect(env.reset().info.diverged).toBe(false);
  });

  test("rewards and infos are finite, and the loss is told", () => {
    const env = make(id, { seed: 1 });
    expect(Number.isFinite(env.reset().info.loss)).toBe(true);
    for (const { reward, info } of play(env, 10)) {
      expect(Number.isFinite(reward)).toBe(true);
      expect(Number.isFinite(info.loss)).toBe(true);
      expect(reward).toBeLessThanOrEqual(-0.1 * Math.min(info.loss as number, 0));
    }
  });

  test("hands out arrays that it never touches again, and keeps none that it is given", () => {
    const env = makeVec(id, { numEnvs: 2, seed: 1, autoresetMode: "same-step", maxEpisodeSteps: 2 });
    const control = makeVec(id, { numEnvs: 2, seed: 1, autoresetMode: "same-step", maxEpisodeSteps: 2 });
    const given = actionOf(env, 0);
    const results = [env.reset(), env.step(given), env.step(given)];
    const copies = structuredClone(results);
    control.reset();
    control.step(actionOf(env, 0));
    control.step(actionOf(env, 0));
    given.fill(1e9);
    const next = env.step(actionOf(env, 1));
    expect(results).toEqual(copies);
    expect(next).toEqual(control.step(actionOf(env, 1)));
    const scramble = (value: unknown): void => {
      if (value instanceof Float64Array || value instanceof Uint8Array) value.fill(7);
      else if (typeof value === "object" && value !== null) Object.values(value).forEach(scramble);
    };
    results.forEach(scramble);
    scramble(next);
    expect(env.step(actionOf(env, 2))).toEqual(control.step(actionOf(env, 2)));
  });

  describe.each(modes)("in a batch, %s", (autoresetMode) => {
    const options = { seed: 5, autoresetMode, maxEpisodeSteps };

    test("each environment is the only one of its own batch, step for step", () => {
      const env = makeVec(id, { ...options, numEnvs: 3 });
      const { observations } = env.reset();
      const [observationSize, actionSize] = [env.singleObservationSpace.size, env.singleActionSpace.size];
      const together = playBatch(env, 11, (t) => actionOf(env, t));
      for (let n = 0; n < 3; n++) {
        const alone = makeVec(id, { ...options, firstIndex: n });
        expect(Array.from(alone.reset().observations)).toEqual(rowOf(observations, n, observationSize));
        const results = playBatch(alone, 11, (t) =>
          Float64Array.from(rowOf(actionOf(env, t), n, actionSize)),
        );
        results.forEach((result, t) => {
          expect(Array.from(result.observations)).toEqual(
            rowOf(together[t].observations, n, observationSize),
          );
          for (const key of ["rewards", "terminated", "truncated"] as const)
            expect(result[key][0]).toBe(together[t][key][n]);
          expect(result.infos.loss[0]).toBe(together[t].infos.loss[n]);
          expect(result.infos.finalObservation?.[0]).toEqual(together[t].infos.finalObservation?.[n]);
        });
      }
    });

    test("stepInto writes what step returns", () => {
      const [one, two] = [0, 1].map(() => makeVec(id, { ...options, numEnvs: 3 }));
      one.reset();
      two.reset();
      const buffers = stepBuffers(two);
      let ended = new Array<boolean>(3).fill(false);
      playBatch(one, 11, (t) => actionOf(one, t)).forEach((expected, t) => {
        if (autoresetMode === "disabled" && ended.includes(true))
          two.reset({ options: { resetMask: ended } });
        two.stepInto(actionOf(two, t), buffers);
        const { finalObservations, ...written } = buffers;
        const { infos, ...returned } = expected;
        expect(written).toEqual(returned);
        infos.finalObservation?.forEach((row, n) => {
          if (row) expect(rowOf(finalObservations, n, row.length)).toEqual(Array.from(row));
        });
        ended = Array.from(written.terminated, (value, n) => value + written.truncated[n] > 0);
      });
    });
  });

  test("in next-step mode each environment of a batch is a single one that is reset when it has ended", () => {
    const env = makeVec(id, { seed: 5, numEnvs: 2, maxEpisodeSteps });
    const { observations } = env.reset();
    const size = env.singleObservationSpace.size;
    const together = Array.from({ length: 12 }, (_, t) => env.step(actionOf(env, t)));
    for (let n = 0; n < 2; n++) {
      const single = make(id, { seed: 5, firstIndex: n, maxEpisodeSteps });
      expect(Array.from(single.reset().observation)).toEqual(rowOf(observations, n, size));
      let ended = false;
      together.forEach((result, t) => {
        const begins = ended;
        const action = rowOf(actionOf(env, t), n, single.actionSpace.size);
        const { observation, reward, terminated, truncated } = begins
          ? { ...single.reset(), reward: 0, terminated: false, truncated: false }
          : single.step(action);
        expect(Array.from(observation)).toEqual(rowOf(result.observations, n, size));
        expect([reward, terminated, truncated]).toEqual([
          result.rewards[n],
          result.terminated[n] === 1,
          result.truncated[n] === 1,
        ]);
        ended = terminated || truncated;
      });
    }
  });

  test("in same-step mode the last observation and info are those of the episode that ended", () => {
    const [same, other] = (["same-step", "disabled"] as const).map((autoresetMode) =>
      makeVec(id, { seed: 5, numEnvs: 2, maxEpisodeSteps, autoresetMode }),
    );
    same.reset();
    other.reset();
    for (let t = 0; t < maxEpisodeSteps; t++) {
      const [{ infos, rewards }, expected] = [same.step(actionOf(same, t)), other.step(actionOf(other, t))];
      expect(rewards).toEqual(expected.rewards);
      const last = t === maxEpisodeSteps - 1;
      const size = same.singleObservationSpace.size;
      expect(infos.finalObservation?.map((row) => Array.from(row ?? []))).toEqual(
        last ? [0, 1].map((n) => rowOf(expected.observations, n, size)) : undefined,
      );
      expect(infos.finalInfo).toEqual(last ? expected.infos : undefined);
    }
  });

  test("renders its state as text", () => {
    const env = make(id, { renderMode: "ansi" });
    env.reset();
    env.step(actionOf(env, 0));
    expect(env.render()).toMatch(/^step 1 {2}loss -?\d.*θ = \[-?\d/);
    const silent = make(id);
    silent.reset();
    expect(silent.render()).toBeNull();
  });

  test("refuses an action of the wrong length", () => {
    const env = make(id);
    const { size } = env.actionSpace;
    env.reset();
    expect(() => env.step(new Float64Array(size + 1))).toThrow(
      `step: actions must have length ${size} (1 × ${size}), got ${size + 1}`,
    );
  });
});

describe("stepInto", () => {
  const [numEnvs, calls] = [64, 500];
  const session = new Session();
  beforeAll(() => session.connect());
  afterAll(() => session.disconnect());

  const bytesOf = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
    children.reduce((sum, child) => sum + bytesOf(child), selfSize);

  /** Bytes that a call allocates for one environment; what was collected in the meantime counts too. */
  async function bytesPerEnvironment(call: () => void): Promise<number> {
    await session.post("HeapProfiler.startSampling", {
      samplingInterval: 64,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    for (let i = 0; i < calls; i++) call();
    const { profile } = await session.post("HeapProfiler.stopSampling");
    return bytesOf(profile.head) / (calls * numEnvs);
  }

  /** Code that is not compiled yet keeps its numbers on the heap; so several runs, until one takes little. */
  async function settledBytes(call: () => void, little: number): Promise<number> {
    let bytes = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 20 && bytes >= little; run++) bytes = await bytesPerEnvironment(call);
    return bytes;
  }

  test.each(list())("allocates nothing, %s", async (id) => {
    const env = makeVec(id, { numEnvs, seed: 1, maxEpisodeSteps: null });
    env.reset();
    const buffers = stepBuffers(env);
    const actions = new Float64Array(env.actionSpace.size);
    // A quarter of a byte is one number on the heap in a whole call; an array has 8 bytes for every environment.
    expect(await settledBytes(() => env.stepInto(actions, buffers), 0.25)).toBeLessThan(0.25);
    expect(await bytesPerEnvironment(() => env.step(actions))).toBeGreaterThan(8);
  });
});
