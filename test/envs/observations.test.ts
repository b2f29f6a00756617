import { describe, expect, test } from "vitest";
import {
  channelOffset,
  Dynamics,
  defineProblem,
  layoutOf,
  navigationEnv,
  type ProblemInput,
} from "../../envs/index.js";

const landscape = { kind: "quadratic", curvature: [1, 2, 4] } as const;
const start = { kind: "point", parameters: [1, -1, 0] } as const;

function observe(dynamics: Dynamics): number[] {
  const observations = new Float64Array(dynamics.count * dynamics.observationSize);
  dynamics.observe(observations);
  return Array.from(observations);
}

describe("layout", () => {
  test("tells which channel and which coordinate an entry is about", () => {
    const problem = defineProblem({
      landscape,
      observation: {
        kind: "gradient",
        channels: ["time", "gradient", "parameters", "loss", "curvature", "hessianVector", "cue"],
        coordinates: [2, 0],
      },
    });
    expect(layoutOf(problem)).toEqual([
      { channel: "time", offset: 0, size: 1 },
      { channel: "gradient", offset: 1, size: 2, coordinates: [2, 0] },
      { channel: "parameters", offset: 3, size: 3 },
      { channel: "loss", offset: 6, size: 1 },
      { channel: "curvature", offset: 7, size: 2, coordinates: [2, 0] },
      { channel: "hessianVector", offset: 9, size: 2, coordinates: [2, 0] },
      { channel: "cue", offset: 11, size: 1 },
    ]);
    expect(channelOffset(problem, "parameters")).toBe(3);
    expect(() => channelOffset(problem, "gradient")).toThrow(
      'observation.coordinates: must be absent where the whole channel "gradient" is needed, got [2, 0]',
    );
  });

  test.each<[ProblemInput["observation"] & object, string[]]>([
    [{ kind: "gradient" }, ["gradient", "parameters"]],
    [{ kind: "sign" }, ["sign", "parameters"]],
    [{ kind: "loss" }, ["loss", "parameters"]],
  ])("defaults of %j", (observation, channels) => {
    const problem = defineProblem({ landscape, observation });
    expect(problem.observation).toEqual({ ...observation, noise: 0, channels });
    expect(layoutOf(problem).map(({ channel }) => channel)).toEqual(channels);
  });
});

test("signs, losses and curvatures are those of the present", () => {
  const see = (observation: ProblemInput["observation"] & object) =>
    observe(new Dynamics(defineProblem({ landscape, start, observation })));
  expect(see({ kind: "sign", channels: ["sign"] })).toEqual([1, -1, 0]);
  expect(see({ kind: "loss", channels: ["loss"] })).toEqual([1.5]);
  expect(see({ kind: "gradient", channels: ["gradient"], coordinates: [1] })).toEqual([-2]);
  expect(see({ kind: "gradient", channels: ["curvature"] })).toEqual([1, 2, 4]);
});

test("the Hessian times the last update is what that update did to the gradient of a parabola", () => {
  const dynamics = new Dynamics(
    defineProblem({
      landscape: {
        kind: "quadratic",
        curvature: [
          [2, 1],
          [1, 3],
        ],
      },
      observation: { kind: "gradient", channels: ["gradient", "hessianVector"] },
    }),
  );
  const before = observe(dynamics);
  dynamics.step(Float64Array.of(3, -5));
  const after = observe(dynamics);
  expect(before.slice(2)).toEqual([0, 0]);
  expect(after[2]).toBeCloseTo(after[0] - before[0], 14);
  expect(after[3]).toBeCloseTo(after[1] - before[1], 14);
});

describe("a delay", () => {
  const problem = (delay: number) =>
    defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      objective: { timeStep: 1 },
      observation: { kind: "gradient", channels: ["gradient", "parameters", "time"], delay },
    });

  test("shows the past of the landscape, first of all its first, beside the present of the learner", () => {
    const dynamics = new Dynamics(problem(2));
    const seen = [observe(dynamics)];
    for (let t = 0; t < 4; t++) {
      dynamics.step(Float64Array.of(1));
      if (t !== 1) seen.push(observe(dynamics));
    }
    // Nobody looked at step 2, and still it is seen at step 4.
    expect(seen).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [1, 3, 3],
      [2, 4, 4],
    ]);
  });

  test("does not reach back beyond the start of an episode", () => {
    const env = navigationEnv(problem(2));
    env.reset({ options: { parameters: [10] } });
    env.step([1]);
    const { observation } = env.reset({ options: { parameters: [5] } });
    expect(Array.from(observation)).toEqual([5, 5, 0]);
    expect(Array.from(env.step([1]).observation)).toEqual([5, 6, 1]);
  });
});

test("the cue is 1 in the step after a change of task, and 0 where an episode begins", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { timeStep: 1 },
    task: { kind: "redrawn", hazardRate: 0.5, mean: [0], covariance: [[1]] },
    observation: { kind: "gradient", channels: ["cue"] },
  });
  const dynamics = new Dynamics(problem, { count: 50, seed: 1 });
  expect(observe(dynamics)).toEqual(new Array(50).fill(0));
  const cued = [0, 0];
  for (let t = 0; t < 20; t++) {
    const before = dynamics.minima.slice();
    dynamics.step(new Float64Array(50));
    const cues = observe(dynamics);
    cues.forEach((cue, n) => {
      expect(cue).toBe(dynamics.minima[n] === before[n] ? 0 : 1);
      cued[cue]++;
    });
    dynamics.begin(0);
    expect(observe(dynamics)[0]).toBe(0);
  }
  // Survival of a step is e^−½.
  expect(Math.abs(cued[1] / 1000 - (1 - Math.exp(-0.5)))).toBeLessThan(0.05);
});

test("noise of the loss has the deviation that is asked for", () => {
  const count = 4000;
  const problem = defineProblem({
    landscape,
    start,
    observation: { kind: "loss", noise: 3, channels: ["loss"] },
  });
  const losses = observe(new Dynamics(problem, { count, seed: 1 }));
  const mean = losses.reduce((sum, x) => sum + x, 0) / count;
  const variance = losses.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  expect(Math.abs(mean - 1.5)).toBeLessThan(0.2);
  expect(Math.abs(variance - 9)).toBeLessThan(1);
});
