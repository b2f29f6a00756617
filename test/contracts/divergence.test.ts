import { describe, expect, test } from "vitest";
import {
  type AutoresetMode,
  type Landscape,
  list,
  makeVec,
  type ProblemInput,
  registeredProblem,
  type VectorEnv,
} from "../../envs/index.js";

/** Steps from harmless to absurd, in a fixed disorder. */
const sizes = [0.1, 1e3, 1e10, 1e30, 1e77, 1e100, 1e154, 1e200, 1e300, Number.MAX_VALUE];
const actionAt = (t: number, i: number) => sizes[(7 * t + 3 * i) % sizes.length] * (i % 2 === 0 ? 1 : -1);

const modes: AutoresetMode[] = ["next-step", "same-step"];

function expectFinite(values: ArrayLike<number> | undefined): void {
  for (let i = 0; i < (values?.length ?? 0); i++)
    if (!Number.isFinite(values?.[i])) expect(values?.[i]).toBe("finite");
}

/** Whether any step diverged. */
function wander(env: VectorEnv): boolean {
  let diverged = false;
  env.reset();
  for (let t = 0; t < 60; t++) {
    const actions = Float64Array.from({ length: env.actionSpace.size }, (_, i) => actionAt(t, i));
    const { observations, rewards, terminated, infos } = env.step(actions);
    expectFinite(observations);
    expectFinite(rewards);
    for (const row of infos.finalObservation ?? []) expectFinite(row ?? []);
    for (const key of ["loss", "parameters", "minimum", "curvature"]) expectFinite(infos[key]);
    const flags = (infos.finalInfo ?? infos).diverged;
    flags.forEach((flag, n) => {
      if (flag === 0) return;
      diverged = true;
      if (!infos.finalInfo) expect(terminated[n]).toBe(1);
      expect(rewards[n]).toBe(-1e6);
    });
  }
  return diverged;
}

const always = ["loss", "parameters", "update", "time"] as const;
const observations: Record<string, ProblemInput["observation"] & object> = {
  state: { kind: "state" },
  gradient: { kind: "gradient", channels: ["gradient", ...always, "curvature", "hessianVector"] },
  noisy: { kind: "gradient", noise: 3, channels: ["gradient", ...always] },
  late: { kind: "gradient", channels: ["gradient", "loss"], delay: 2 },
  sign: { kind: "sign", channels: ["sign", ...always] },
  loss: { kind: "loss", noise: 2 },
};

/** Steep landscapes, whose gradient overflows where the loss does not, and the other way round. */
const steep: Record<string, ProblemInput["landscape"]> = {
  "a loss that is not defined everywhere": {
    kind: "custom",
    dimension: 2,
    loss: ([x, y]) => x * x + Math.sqrt(1 + y),
  },
  "a gradient that overflows first": {
    kind: "custom",
    dimension: 2,
    loss: ([x, y]) => x * x + Math.abs(y),
    gradient: ([x, y]) => [2 * x, Math.exp(y)],
  },
  "a loss that overflows first": {
    kind: "custom",
    dimension: 2,
    loss: ([x, y]) => Math.exp(x * x) + y * y,
    gradient: ([x, y]) => [x, 2 * y],
  },
};

describe("nothing that is not finite is ever observed", () => {
  describe.each(list())("%s", (id) => {
    test.each(Object.keys(observations))("%s", (name) => {
      for (const autoresetMode of modes) {
        const observation = observations[name];
        const env = makeVec(id, { numEnvs: 4, seed: 1, autoresetMode, observation });
        expect(wander(env)).toBe(true);
      }
    });

    test("by hyperparameters", () => {
      if (registeredProblem(id).geometry.control) return;
      for (const rule of ["gradient-descent", "heavy-ball", "adam"]) {
        const action = { kind: "hyperparameters", rule, per: "coordinate" };
        wander(makeVec(id, { numEnvs: 4, seed: 1, action }));
      }
    });
  });

  test.each(Object.keys(steep))("%s", (name) => {
    const landscape = steep[name];
    for (const observation of Object.values(observations))
      expect(
        wander(makeVec("lossgym/Quadratic-v0", { landscape, observation, numEnvs: 4, start: undefined })),
      ).toBe(true);
  });
});

describe("float32", () => {
  const rough = { kind: "random-double-well", dimension: 1, barrier: [5e37, 5e37] };
  const start = { kind: "point", parameters: [1.2] };

  test.each([...modes, "disabled"] as const)(
    "a gradient that overflows where the loss does not: %s",
    (autoresetMode) => {
      const env = makeVec("lossgym/RandomDoubleWell-v0", {
        landscape: rough,
        start,
        numEnvs: 3,
        seed: 1,
        autoresetMode,
        backend: "wasm",
      });
      env.reset();
      for (let round = 0; round < 3; round++) {
        // L(1.8) is 2.5e38, and its slope 8e38.
        const { observations, rewards, terminated, infos } = env.step([0, 6, 0]);
        expectFinite(observations);
        expectFinite(infos.finalObservation?.[1] ?? []);
        expect(Array.from(terminated)).toEqual([0, 1, 0]);
        expect(Array.from((infos.finalInfo ?? infos).diverged)).toEqual([0, 1, 0]);
        expect(rewards[1]).toBe(-1e6);
        if (autoresetMode === "next-step")
          expect(Array.from(env.step([0, 0, 0]).terminated)).toEqual([0, 0, 0]);
        if (autoresetMode === "disabled") env.reset({ options: { resetMask: terminated } });
      }
    },
  );

  test("a start without a finite slope is refused", () => {
    const options = { landscape: rough, start: { kind: "point", parameters: [1.8] }, backend: "wasm" };
    expect(() => makeVec("lossgym/RandomDoubleWell-v0", options)).toThrow(
      "landscape.gradient: must be finite at the start, got",
    );
  });

  test.each<[string, object, string]>([
    [
      "lossgym/Rastrigin-v0",
      { landscape: { amplitude: 1e38 } },
      "landscape: must hold no number beyond 1000000000000000000 in float32, got 1e+38",
    ],
    [
      "lossgym/Quadratic-v0",
      { observation: { kind: "gradient", noise: 1e39 } },
      "observation.noise: must be at most 1000000000000000000 in float32, got 1e+39",
    ],
  ])("%s with numbers too large for it has no kernel", (id, options, message) => {
    expect(() => makeVec(id, { ...options, backend: "wasm" })).toThrow(message);
    wander(makeVec(id, { ...options, backend: "auto", numEnvs: 2, seed: 1 }));
  });
});

test("the landscapes of the registry are all here", () => {
  const kinds = new Set<Landscape["kind"]>(list().map((id) => registeredProblem(id).landscape.kind));
  expect(kinds.size).toBeGreaterThanOrEqual(3);
});
