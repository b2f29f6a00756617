import { describe, expect, test } from "vitest";
import {
  type CheckReport,
  checkEnv,
  checkLandscape,
  checkNavigation,
  createLandscape,
  defineProblem,
  type EnvFactory,
  list,
  make,
  makeVec,
  navigationVectorEnv,
  type ProblemInput,
  recordEpisodeStatistics,
  registeredProblem,
  timeLimit,
} from "../../envs/index.js";
import { sound } from "./broken/breaking.js";
import { episodeDefects } from "./broken/episodes.js";
import { kinked, landscapeDefects } from "./broken/landscapes.js";
import { familyDefects, navigationDefects } from "./broken/navigation.js";
import { spaceDefects } from "./broken/spaces.js";
import { streamDefects } from "./broken/streams.js";

const failures = ({ checks }: CheckReport) =>
  checks.filter(({ status }) => status === "failed").map(({ rule, message }) => `${rule}: ${message}`);

function expectCaught(report: CheckReport, rule: string, message: string): void {
  expect(report.passed).toBe(false);
  const result = report.checks.find((check) => check.rule === rule);
  expect(result, `no rule "${rule}"`).toBeDefined();
  expect(result).toMatchObject({ status: "failed", message: expect.stringContaining(message) });
  // Every message tells what was found, and after a semicolon how to mend it.
  expect(result?.message).toMatch(/.; ./);
}

test.each(list())("%s passes", (id) => {
  const problem = registeredProblem(id);
  const factory: EnvFactory = (options) => makeVec(id, options);
  expect(failures(checkEnv(factory, (options) => make(id, options)))).toEqual([]);
  expect(failures(checkLandscape(createLandscape(problem.landscape)))).toEqual([]);
  const navigation = checkNavigation(problem, factory);
  expect(failures(navigation)).toEqual([]);
  const applied = navigation.checks.filter(({ status }) => status === "passed").map(({ rule }) => rule);
  expect(applied).toContain("the parameters move by the action");
  expect(applied).toContain("the reward is the objective");
});

describe("problems of every kind pass", () => {
  const gaussian = {
    mean: [0, 1],
    covariance: [
      [1, 0],
      [0, 2],
    ],
  };
  const redrawn = { kind: "redrawn", hazardRate: 2, ...gaussian } as const;
  const landscape = { kind: "quadratic", curvature: [3, 1] } as const;
  const observations: ProblemInput["observation"][] = [
    { kind: "state" },
    { kind: "sign", noise: 0.5, channels: ["sign", "cue", "time"] },
    { kind: "loss", noise: 0.5, delay: 2 },
    {
      kind: "gradient",
      channels: ["gradient", "curvature", "hessianVector", "update"],
      coordinates: [1],
      delay: 1,
    },
    { kind: "gradient", channels: ["gradient", "loss"], coordinates: [1] },
  ];
  const problems: [string, ProblemInput][] = [
    ...observations.map((observation): [string, ProblemInput] => [
      JSON.stringify(observation),
      { landscape, task: redrawn, observation: observation as ProblemInput["observation"] & object },
    ]),
    ...(["gradient-descent", "heavy-ball", "adam"] as const).map((rule): [string, ProblemInput] => [
      `hyperparameters of ${rule}`,
      {
        landscape,
        action: { kind: "hyperparameters", rule, per: "coordinate" },
        geometry: {
          metric: [
            [2, 0.5],
            [0.5, 1],
          ],
          drift: {
            matrix: [
              [-1, 0],
              [0.5, 0],
            ],
            offset: [0.1, 0],
          },
        },
      },
    ]),
    ...([{ period: 2 }, { hazard: 0.5 }] as const).map((change): [string, ProblemInput] => [
      `tasks that change, ${JSON.stringify(change)}, and exact gradients`,
      {
        landscape: {
          kind: "stream",
          base: { kind: "regression", features: [[1], [2], [-1]], labels: [0, 1, 2], ridge: 0.1 },
          variation: "permuted-labels",
          change,
        },
      },
    ]),
    [
      "a control, a drift and a metric",
      {
        landscape: { kind: "double-well", dimension: 2 },
        geometry: {
          metric: [[2]],
          control: [[0], [1]],
          drift: {
            matrix: [
              [0, 1],
              [0, -0.5],
            ],
            offset: [0, 0],
          },
        },
      },
    ],
  ];

  test.each(problems)("%s", (_, input) => {
    const problem = defineProblem(input);
    const factory: EnvFactory = (options) => navigationVectorEnv(problem, options);
    expect(failures(checkEnv(factory))).toEqual([]);
    expect(failures(checkNavigation(problem, factory))).toEqual([]);
  });
});

test("an environment with a wrapped limit passes", () => {
  const factory: EnvFactory = ({ maxEpisodeSteps, ...options }) => {
    const env = sound({ ...options, maxEpisodeSteps: null });
    return maxEpisodeSteps === null ? env : timeLimit(env, maxEpisodeSteps);
  };
  expect(failures(checkEnv(factory))).toEqual([]);
});

test.each([
  ["inside", false],
  ["around a wrapped limit", true],
])("an environment that records statistics passes, %s", (_, isAround) => {
  const factory: EnvFactory = ({ maxEpisodeSteps, ...options }) => {
    const env = sound({ ...options, maxEpisodeSteps: isAround ? null : maxEpisodeSteps });
    const limited = isAround && maxEpisodeSteps !== null ? timeLimit(env, maxEpisodeSteps) : env;
    return recordEpisodeStatistics(limited);
  };
  expect(failures(checkEnv(factory))).toEqual([]);
});

describe("caught:", () => {
  test.each([...spaceDefects, ...streamDefects, ...episodeDefects])("$name", ({ make, rule, message }) => {
    expectCaught(checkEnv(make), rule, message);
  });

  test.each(navigationDefects)("$name", ({ make, rule, message }) => {
    expectCaught(checkNavigation(registeredProblem("lossgym/Quadratic-v0"), make), rule, message);
  });

  test.each(familyDefects)("$name", ({ problem, make, rule, message }) => {
    expectCaught(checkNavigation(problem, make), rule, message);
  });

  test.each(landscapeDefects)("$name", ({ landscape, minima = [], rule, message }) => {
    expectCaught(checkLandscape(landscape, { minima }), rule, message);
  });

  test("single environments from another simulator", () => {
    const report = checkEnv(sound, (options) => make("lossgym/HiddenMinimum-v0", options));
    expectCaught(report, "a single environment is a batch of one", "make both from one simulator");
  });
});

test("kinks near the points where it is checked do no harm to a sound landscape", () => {
  expect(failures(checkLandscape(kinked))).toEqual([]);
});

test("a rule that does not apply says why", () => {
  const { checks, passed } = checkLandscape(
    createLandscape(registeredProblem("lossgym/DoubleWell-v0").landscape),
  );
  expect(passed).toBe(true);
  expect(checks.filter(({ status }) => status === "skipped").map(({ message }) => message)).toEqual([
    "the landscape defines no Fisher noise",
    "the landscape averages over no examples",
  ]);
});

test("points and minima of the caller's own", () => {
  const landscape = createLandscape(
    defineProblem({ landscape: { kind: "custom", dimension: 1, loss: ([x]) => Math.log(x) ** 2 } }).landscape,
  );
  expect(checkLandscape(landscape).passed).toBe(false);
  expect(failures(checkLandscape(landscape, { points: [[0.5], [3]], minima: [[1]] }))).toEqual([]);
});
