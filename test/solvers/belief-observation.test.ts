import { describe, expect, test } from "vitest";
import {
  defineProblem,
  type NavigationProblem,
  navigationEnv,
  navigationVectorEnv,
  type ProblemInput,
} from "../../envs/index.js";
import {
  type BeliefPart,
  bayesOptimalPolicy,
  beliefLayoutOf,
  beliefObservation,
  qmdpPolicy,
} from "../../solvers/index.js";

const covariance = [
  [1, 0.4],
  [0.4, 2],
];
const mean = [0.5, -1];
const dense = [
  [2, 0.5],
  [0.5, 1],
];
const noisy = { kind: "gradient", noise: 1.5 } as const;
const base = { objective: { discountRate: 0.2 } };

const problems: Record<string, ProblemInput> = {
  "a static minimum": {
    ...base,
    landscape: { kind: "quadratic", curvature: dense },
    task: { kind: "static", mean, covariance },
    observation: noisy,
  },
  "a drifting minimum": {
    ...base,
    landscape: { kind: "quadratic", curvature: [2, 1] },
    task: { kind: "drifting", relaxationRate: 0.5, mean, covariance },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
  },
  "a redrawn minimum": {
    ...base,
    landscape: { kind: "quadratic", curvature: dense },
    task: { kind: "redrawn", hazardRate: 0.7, mean, covariance },
    observation: noisy,
  },
  "a redrawn minimum, coordinates apart": {
    ...base,
    landscape: { kind: "quadratic", curvature: [2, 1] },
    task: {
      kind: "redrawn",
      hazardRate: 0.7,
      mean,
      covariance: [
        [1, 0],
        [0, 2],
      ],
    },
    observation: noisy,
  },
  "a hidden curvature": {
    ...base,
    landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.3, 3] } },
    task: {
      kind: "static",
      mean,
      covariance: [
        [1, 0],
        [0, 2],
      ],
    },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
  },
};

function reader(problem: NavigationProblem) {
  const layout = beliefLayoutOf(problem);
  const last = layout[layout.length - 1];
  const stride = last.offset + last.size;
  return (observations: Float64Array, n: number, part: BeliefPart) => {
    const found = layout.find((entry) => entry.part === part);
    if (!found) throw new Error(part);
    return observations.subarray(n * stride + found.offset, n * stride + found.offset + found.size);
  };
}

describe.each(Object.entries(problems))("%s", (_, input) => {
  const problem = defineProblem(input);
  const hidesCurvature =
    problem.landscape.kind === "quadratic" && "logUniform" in problem.landscape.curvature;

  test("is believed to be where the exact policy believes it to be", () => {
    const policy = hidesCurvature ? qmdpPolicy(problem) : bayesOptimalPolicy(problem);
    const plain = navigationVectorEnv(problem, { numEnvs: 3, seed: 2 });
    const env = beliefObservation(navigationVectorEnv(problem, { numEnvs: 3, seed: 2 }), problem);
    const read = reader(problem);
    let { observations } = plain.reset();
    let believed = env.reset().observations;
    let state = policy.init(3);
    const actions = new Float64Array(6);
    for (let t = 0; t < 25; t++) {
      state = policy.act(observations, state as never, actions);
      for (let n = 0; n < 3; n++) {
        const own = read(believed, n, "posteriorMean");
        own.forEach((value, j) => {
          expect(value).toBeCloseTo(state.posteriorMean[2 * n + j], 10);
        });
        expect(Array.from(read(believed, n, "parameters"))).toEqual(
          Array.from(observations.subarray(4 * n + 2, 4 * n + 4)),
        );
      }
      ({ observations } = plain.step(actions));
      believed = env.step(actions).observations;
    }
  });

  test("errs as much as the belief says", () => {
    const numEnvs = 4000;
    const env = beliefObservation(navigationVectorEnv(problem, { numEnvs, seed: 7 }), problem);
    const read = reader(problem);
    let { observations, infos } = env.reset();
    for (let t = 0; t < 12; t++)
      ({ observations, infos } = env.step(new Float64Array(2 * numEnvs).fill(0.3)));
    for (const j of [0, 1]) {
      let [squares, said] = [0, 0];
      for (let n = 0; n < numEnvs; n++) {
        squares +=
          ((infos.minimum as Float64Array)[2 * n + j] - read(observations, n, "posteriorMean")[j]) ** 2;
        said += read(observations, n, "posteriorVariance")[j];
      }
      expect(squares / said).toBeGreaterThan(0.87);
      expect(squares / said).toBeLessThan(1.13);
    }
  });

  test("is forgotten where an episode begins, and only there", () => {
    const env = beliefObservation(
      navigationVectorEnv(problem, { numEnvs: 2, seed: 3, autoresetMode: "same-step" }),
      problem,
    );
    const read = reader(problem);
    const variance = (observations: Float64Array, n: number) =>
      Array.from(read(observations, n, "posteriorVariance"));
    env.reset();
    const first = env.step([0, 0, 0, 0]);
    for (let t = 0; t < 5; t++) env.step([0, 0, 0, 0]);
    const { observations, terminated, infos } = env.step([1e300, 0, 0, 0]);
    expect(Array.from(terminated)).toEqual([1, 0]);
    expect(infos.finalObservation?.[0]?.length).toBe(env.singleObservationSpace.size);
    const after = env.step([0, 0, 0, 0]);
    if (problem.task.kind !== "redrawn" && !hidesCurvature)
      expect(variance(after.observations, 0)).toEqual(variance(first.observations, 0));
    expect(variance(after.observations, 0)).not.toEqual(variance(after.observations, 1));
    expect(observations.every(Number.isFinite)).toBe(true);
  });
});

test("an exact gradient tells the minimum, single too", () => {
  const problem = defineProblem({ ...problems["a redrawn minimum"], observation: { kind: "gradient" } });
  const env = beliefObservation(navigationEnv(problem, { seed: 1 }), problem);
  expect(beliefLayoutOf(problem)).toEqual([
    { part: "parameters", offset: 0, size: 2 },
    { part: "posteriorMean", offset: 2, size: 2 },
  ]);
  let { observation, info } = env.reset();
  for (let t = 0; t < 10; t++) {
    Array.from(info.minimum ?? []).forEach((value, j) => {
      expect(observation[2 + j]).toBeCloseTo(value, 10);
    });
    ({ observation, info } = env.step([1, -1]));
  }
});

test("the expected run length is the actual one on average", () => {
  const problem = defineProblem(problems["a redrawn minimum"]);
  const numEnvs = 2000;
  const env = beliefObservation(navigationVectorEnv(problem, { numEnvs, seed: 5 }), problem);
  const read = reader(problem);
  let { observations, infos } = env.reset();
  const looks = new Array<number>(numEnvs).fill(1);
  for (let t = 0; t < 30; t++) {
    const before = infos.minimum as Float64Array;
    ({ observations, infos } = env.step(new Float64Array(2 * numEnvs)));
    for (let n = 0; n < numEnvs; n++)
      looks[n] = (infos.minimum as Float64Array)[2 * n] === before[2 * n] ? looks[n] + 1 : 1;
  }
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const said = looks.map((__, n) => read(observations, n, "runLength")[0]);
  expect(total(said) / total(looks)).toBeCloseTo(1, 1);
});

test("the grid of a hidden curvature is there whole", () => {
  const problem = defineProblem(problems["a hidden curvature"]);
  const layout = beliefLayoutOf(problem, { curvatureGrid: 5 });
  expect(layout.map(({ part, size }) => [part, size])).toEqual([
    ["parameters", 2],
    ["posteriorMean", 2],
    ["posteriorVariance", 2],
    ["posteriorLogCurvature", 2],
    ["weights", 10],
    ["means", 10],
  ]);
  const env = beliefObservation(navigationEnv(problem, { seed: 1 }), problem, { curvatureGrid: 5 });
  const { observation } = env.reset();
  const weights = observation.subarray(8, 13);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});

describe("refusals", () => {
  const belief = (input: ProblemInput) => {
    const problem = defineProblem(input);
    return () => beliefObservation(navigationEnv(problem), problem);
  };
  const redrawn = problems["a redrawn minimum"];

  test.each<[string, ProblemInput]>([
    [
      "beliefObservation: needs a problem that hides something, and this one shows everything",
      { landscape: { kind: "quadratic", curvature: [1] } },
    ],
    [
      'observation.channels: must not include "loss", which the belief does not use',
      {
        ...redrawn,
        observation: { kind: "gradient", noise: 1, channels: ["gradient", "parameters", "cue", "loss"] },
      },
    ],
    [
      'observation.kind: must be "gradient", of all or some coordinates, for an exact belief, or "state", got "sign"',
      { ...redrawn, observation: { kind: "sign", noise: 1 } },
    ],
    [
      'observation: needs the channel "parameters", got gradient',
      { ...redrawn, observation: { kind: "gradient", noise: 1, channels: ["gradient"] } },
    ],
    [
      'landscape.kind: must be "quadratic" for a belief, got "double-well"',
      { ...redrawn, landscape: { kind: "double-well", dimension: 2 } },
    ],
  ])("%s", (message, input) => {
    expect(belief(input)).toThrow(new Error(message));
  });

  test("an environment about something else", () => {
    const other = navigationEnv(defineProblem({ landscape: { kind: "double-well" } }));
    expect(() => beliefObservation(other, defineProblem(redrawn))).toThrow(
      "beliefObservation: the environment must show the 4 numbers of the problem, got 2",
    );
  });
});
