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

test("the landscapes of the registry are all here", () => {
  const kinds = new Set<Landscape["kind"]>(list().map((id) => registeredProblem(id).landscape.kind));
  expect(kinds.size).toBeGreaterThanOrEqual(3);
});
