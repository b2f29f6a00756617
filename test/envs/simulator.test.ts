import { describe, expect, test } from "vitest";
import {
  defineProblem,
  make,
  navigationEnv,
  navigationVectorEnv,
  type ProblemInput,
  simulation,
} from "../../envs/index.js";
import { kernelMemory } from "../../envs/kernels/memory.js";
import { wasmBase64 } from "../../envs/kernels/wasm-module.js";

const parabola = defineProblem({
  landscape: { kind: "quadratic", curvature: [2], minimum: [1] },
  objective: { mobility: 0.5, lossWeight: 3, timeStep: 0.2 },
  geometry: { metric: [[4]] },
});

test("the reward is −Δt·[(1/2η)uᵀGu + k·L(θ′)]", () => {
  const env = navigationEnv(parabola);
  const { observation, info } = env.reset();
  expect(Array.from(observation)).toEqual([-2, 0]);
  expect(info.loss).toBe(1);
  const step = env.step([1.5]);
  // θ′ = 0.3, L = (0.3 − 1)², effort 4·1.5².
  expect(step.reward).toBeCloseTo(-0.2 * (9 + 3 * 0.49), 14);
  expect(step.info.loss).toBeCloseTo(0.49, 14);
  expect(Array.from(step.observation)).toEqual([2 * (0.3 - 1), 0.3].map((x) => expect.closeTo(x, 14)));
});

describe("info", () => {
  const infoOf = (input: ProblemInput) => navigationEnv(defineProblem(input), { seed: 1 }).reset().info;
  const gaussian = {
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  };

  test("tells the minimum where there is one", () => {
    expect(Array.from(navigationEnv(parabola).reset().info.minimum ?? [])).toEqual([1]);
    expect("minimum" in infoOf({ landscape: { kind: "double-well" } })).toBe(false);
    const hidden = infoOf({
      landscape: { kind: "double-well", dimension: 2 },
      task: { kind: "static", ...gaussian },
    });
    expect(hidden.minimum?.length).toBe(2);
  });

  test("tells the curvature where it is hidden", () => {
    const { curvature } = infoOf({
      landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [3, 4] } },
    });
    expect(curvature?.length).toBe(2);
    expect(curvature?.every((h) => h > 3 && h < 4)).toBe(true);
    expect("curvature" in navigationEnv(parabola).reset().info).toBe(false);
  });

  test("follows the task as it changes, while the loss is that before the change", () => {
    const env = navigationEnv(
      defineProblem({
        landscape: { kind: "quadratic", curvature: [2, 2] },
        task: { kind: "redrawn", hazardRate: 1e9, ...gaussian },
        observation: { kind: "state" },
      }),
      { seed: 1 },
    );
    let { minimum } = env.reset().info;
    for (let t = 0; t < 5; t++) {
      const { info, observation } = env.step([1, 2]);
      const [x, y] = info.parameters;
      const [before, now] = [minimum as Float64Array, info.minimum as Float64Array];
      expect(info.loss).toBeCloseTo((x - before[0]) ** 2 + (y - before[1]) ** 2, 12);
      expect(now).not.toEqual(before);
      expect(Array.from(observation)).toEqual([x, y, ...now]);
      minimum = now;
    }
  });
});

describe("divergence", () => {
  test("of one environment ends its episode alone, with a finite penalty", () => {
    const env = navigationVectorEnv(parabola, {
      numEnvs: 2,
      divergencePenalty: 77,
      autoresetMode: "same-step",
    });
    env.reset();
    env.step([1, 1]);
    const { observations, rewards, terminated, truncated, infos } = env.step([1e200, 1]);
    expect(Array.from(terminated)).toEqual([1, 0]);
    expect(Array.from(truncated)).toEqual([0, 0]);
    expect(rewards[0]).toBe(-77);
    expect(observations.every(Number.isFinite)).toBe(true);
    expect(Array.from(infos.diverged)).toEqual([0, 0]);
    expect(Array.from(infos.finalInfo?.diverged ?? [])).toEqual([1, 0]);
    expect(Array.from(infos.finalInfo?.parameters ?? [])).toEqual([0.2, 0]);
    expect(Array.from(infos.parameters)).toEqual([0, expect.closeTo(0.4, 14)]);
  });

  test("of the gradient alone is divergence too", () => {
    const problem = defineProblem({
      landscape: {
        kind: "custom",
        dimension: 2,
        loss: ([x]) => x,
        gradient: ([x]) => [x > 0.5 ? Number.NaN : 1, 2],
      },
    });
    const env = navigationEnv(problem, { divergencePenalty: 5 });
    env.reset();
    expect(env.step([3, 0])).toMatchObject({ terminated: false, info: { diverged: false } });
    const { observation, reward, terminated, info } = env.step([3, 0]);
    expect([reward, terminated, info.diverged]).toEqual([-5, true, true]);
    expect(Array.from(observation)).toEqual([0, 2, expect.closeTo(0.6, 14), 0]);
  });
});

describe.each(["reference", "wasm"] as const)("beyond float32, %s", (backend) => {
  const plain = defineProblem({ landscape: { kind: "quadratic", curvature: [2], minimum: [1] } });

  test("actions are accepted, and what they do is divergence or finite", () => {
    for (const size of [1e39, 1e300]) {
      const env = navigationVectorEnv(plain, { numEnvs: 3, backend });
      env.reset();
      const { observations, rewards, terminated } = env.step([size, 0, -1]);
      expect(observations.every(Number.isFinite)).toBe(true);
      if (backend === "wasm") expect([rewards[0], terminated[0]]).toEqual([-1e6, 1]);
      expect(Array.from(terminated).slice(1)).toEqual([0, 0]);
      expect(env.step([0, 0, 0]).observations.every(Number.isFinite)).toBe(true);
    }
  });

  test("there is nothing to step where an episode could not begin", () => {
    const env = navigationVectorEnv(plain, { numEnvs: 2, backend });
    for (const resetMask of [undefined, [1, 0]]) {
      env.reset();
      expect(() => env.reset({ options: { parameters: [1e200], ...(resetMask && { resetMask }) } })).toThrow(
        "must be finite at the start",
      );
      expect(() => env.step([0, 0])).toThrow(new Error("step: call reset first"));
    }
    env.reset({ seed: 1 });
    expect(env.step([0, 0]).observations.every(Number.isFinite)).toBe(true);
  });
});

describe("the horizon", () => {
  test("terminates at the first step that reaches it", () => {
    const problem = defineProblem({
      landscape: { kind: "double-well" },
      objective: { horizon: 0.25, timeStep: 0.1 },
    });
    const env = navigationVectorEnv(problem, { numEnvs: 2 });
    env.reset();
    const ended = Array.from({ length: 8 }, () => Array.from(env.step([0, 0]).terminated));
    expect(ended.map(([first]) => first)).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
  });
});

describe("reset options", () => {
  const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [2, 2] } });

  test("a start of the caller's, for all or for those of the mask", () => {
    const env = navigationVectorEnv(problem, { numEnvs: 2 });
    const { observations, infos } = env.reset({ options: { parameters: [3, 4] } });
    expect(Array.from(observations)).toEqual([6, 8, 3, 4, 6, 8, 3, 4]);
    expect(Array.from(infos.loss)).toEqual([25, 25]);
    const masked = env.reset({ options: { parameters: [1, 0], resetMask: [false, true] } });
    expect(Array.from(masked.infos.loss)).toEqual([25, 1]);
    expect(Array.from(env.reset().infos.loss)).toEqual([0, 0]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["reset: options.parameters must be 2 finite numbers, got [1]", { parameters: [1] }],
    ["reset: options.parameters must be 2 finite numbers, got [1, NaN]", { parameters: [1, Number.NaN] }],
    ["reset: options.parameters must be 2 finite numbers, got [1, x]", { parameters: [1, "x"] }],
    ['reset: options has no field "start", only parameters and resetMask', { start: [1, 2] }],
  ])("%s", (message, options) => {
    expect(() => navigationVectorEnv(problem).reset({ options })).toThrow(new Error(message));
  });
});

test.each<[string, object]>([
  ["numEnvs: must be a whole number >= 1, got 0", { numEnvs: 0 }],
  ["firstIndex: must be a whole number >= 0, got -1", { firstIndex: -1 }],
  [
    "firstIndex: must be at most 4294967294 for 2 environments of 1 numbers each, got 4294967295",
    { numEnvs: 2, firstIndex: 2 ** 32 - 1 },
  ],
  [
    "divergencePenalty: must be a number from 0 to 3.4e38, got Infinity",
    { divergencePenalty: Number.POSITIVE_INFINITY },
  ],
  ["divergencePenalty: must be a number from 0 to 3.4e38, got -1", { divergencePenalty: -1 }],
  ["divergencePenalty: must be a number from 0 to 3.4e38, got 1e+39", { divergencePenalty: 1e39 }],
  ["seed: must be a number or a string, got NaN", { seed: Number.NaN }],
  ["seed: must be a number or a string, got [object Object]", { seed: {} }],
])("%s", (message, options) => {
  expect(() => navigationVectorEnv(parabola, options)).toThrow(new Error(message));
});

test.each(["reference", "wasm"] as const)("no two environments share a number of a stream: %s", (backend) => {
  const plane = defineProblem({ landscape: { kind: "random-quadratic", dimension: 2 } });
  const last = Math.floor(2 ** 32 / 6) - 2;
  const made = (firstIndex: number) =>
    navigationVectorEnv(plane, { numEnvs: 2, seed: 1, firstIndex, backend });
  expect(made(last).reset().observations).not.toEqual(made(0).reset().observations);
  expect(() => made(last + 1)).toThrow(
    `firstIndex: must be at most ${last} for 2 environments of 6 numbers each, got ${last + 1}`,
  );
});

test.each<[string, () => unknown]>([
  ['environment: has no option "foo"', () => navigationVectorEnv(parabola, { foo: 1 } as object)],
  [
    'navigationEnv: has no option "numEnvs", a batch is made by navigationVectorEnv',
    () => navigationEnv(parabola, { numEnvs: 2 } as object),
  ],
  [
    'make: has no option "autoresetMode", a batch is made by makeVec',
    () => make("lossgym/Quadratic-v0", { autoresetMode: "same-step" }),
  ],
  ['simulation: has no option "seeds"', () => simulation(parabola, { seeds: 1 } as object)],
  ["count: must be a whole number >= 1, got 1.5", () => simulation(parabola, { count: 1.5 })],
  [
    "divergencePenalty: must be a finite number >= 0, got NaN",
    () => simulation(parabola, { divergencePenalty: Number.NaN }),
  ],
])("%s", (message, call) => {
  expect(call).toThrow(message);
});

test("a batch that WebAssembly has no room for is refused", () => {
  expect(() => kernelMemory(wasmBase64, { parameters: 2 ** 30 })).toThrow("memory: must be at most 4 GiB");
});

test("a long θ is cut when it is rendered", () => {
  const curvature = new Array<number>(12).fill(1);
  const env = navigationEnv(defineProblem({ landscape: { kind: "quadratic", curvature } }), {
    renderMode: "ansi",
  });
  env.reset();
  expect(env.render()).toBe(`step 0  loss 0.000  θ = [${new Array(8).fill("0.000").join(", ")}, … (12)]`);
  env.step(curvature.map(() => 1e300));
  expect(env.render()).toMatch(/ {2}diverged$/);
});

test("a state that is shown is told apart by its bounds", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [3, 4] } },
    observation: { kind: "state" },
  });
  const { observationSpace } = navigationEnv(problem);
  expect(observationSpace.toJSON()).toMatchObject({ low: ["-Infinity", 3], high: ["Infinity", 4] });
  const timed = defineProblem({
    landscape: { kind: "double-well" },
    observation: { kind: "gradient", channels: ["time"] },
  });
  expect(navigationEnv(timed).observationSpace.toJSON().low).toBe(0);
});
