import { describe, expect, test } from "vitest";
import {
  checkEnv,
  checkLandscape,
  checkNavigation,
  createLandscape,
  Dynamics,
  defineProblem,
  type EnvFactory,
  type LandscapeInput,
  navigationVectorEnv,
  type Policy,
  ProblemError,
  type ProblemInput,
  rollout,
  type VectorEnv,
} from "../../envs/index.js";
import { replace } from "../contracts/broken/breaking.js";

const features = [[1], [2], [-1], [0.5], [-2], [0.3]];
const labels = [0, 1, 1, 2, 0, 2];
const regression = { kind: "regression", features, labels, ridge: 0.1 } as const;
const stream = { kind: "stream", base: regression, classesPerTask: 2 } as const;
const targets = [1, 3, -1, 0, -2, 0.5];

/** ½·mean (θ − y)², whose whole table is out of bounds. */
const unread: LandscapeInput = {
  kind: "custom",
  dimension: 1,
  loss: () => {
    throw new Error("the whole table was read");
  },
  exampleCount: targets.length,
  minibatchGradient: ([theta], examples) => [mean(examples, (y) => theta - y)],
  minibatchLoss: ([theta], examples) => mean(examples, (y) => (theta - y) ** 2 / 2),
};

function mean(examples: Int32Array, of: (target: number) => number): number {
  return examples.reduce((sum, e) => sum + of(targets[e]), 0) / examples.length;
}

const landscapes: Record<string, LandscapeInput> = {
  regression,
  "linear regression": { kind: "linear-regression", features, targets, ridge: 0.1 },
  network: { kind: "network", features, labels, hidden: [3], ridge: 0.1 },
  "permuted labels": { ...stream, variation: "permuted-labels", change: { period: 3 } },
  "new classes": { ...stream, variation: "class-incremental", change: { hazard: 0.5 } },
  custom: {
    ...unread,
    loss: ([theta]: Float64Array) => mean(Int32Array.from(targets.keys()), (y) => (theta - y) ** 2 / 2),
  } as LandscapeInput,
};

function problemOf(landscape: LandscapeInput, charged = true, parts: Partial<ProblemInput> = {}) {
  const noise = { minibatch: { batchSize: 2, charged } };
  return defineProblem({ landscape, observation: { kind: "gradient", noise }, ...parts });
}

const failures = ({ checks }: ReturnType<typeof checkEnv>) =>
  checks.filter(({ status }) => status === "failed").map(({ rule, message }) => `${rule}: ${message}`);

describe.each(Object.keys(landscapes))("%s", (name) => {
  const landscape = landscapes[name];

  test("keeps every rule", () => {
    const noise = { minibatch: { batchSize: 2, charged: true } };
    const observation =
      {
        "linear regression": { kind: "sign", delay: 1, noise } as const,
      }[name] ?? ({ kind: "gradient", channels: ["gradient", "loss"], noise } as const);
    const problem = problemOf(landscape, true, { observation });
    const make: EnvFactory = (options) => navigationVectorEnv(problem, options);
    expect(failures(checkEnv(make))).toEqual([]);
    const report = checkNavigation(problem, make);
    expect(failures(report)).toEqual([]);
    const passed = report.checks.filter(({ status }) => status === "passed").map(({ rule }) => rule);
    expect(passed).toContain("the reward is the objective");
    expect(passed).toContain("the minibatch that is charged is the one that is seen, and is drawn anew");
    expect(failures(checkLandscape(createLandscape(problemOf(landscape).landscape)))).toEqual([]);
  });

  test("gives every policy the expected return of the whole table", () => {
    const descent: Policy<null> = {
      name: "descent",
      init: () => null,
      act(observations, _, actions) {
        // An observation is the gradient, and then θ.
        for (let i = 0; i < actions.length; i++)
          actions[i] = -2 * observations[i + Math.floor(i / dimension) * dimension];
        return null;
      },
    };
    const { dimension } = createLandscape(problemOf(landscape).landscape);
    const options = { episodes: 1500, steps: 5, seed: 4 };
    const [charged, whole] = [true, false].map((each) =>
      rollout(problemOf(landscape, each), descent, options),
    );
    const differences = charged.costs.map((cost, n) => cost - whole.costs[n]);
    const average = differences.reduce((sum, x) => sum + x, 0) / differences.length;
    const variance = differences.reduce((sum, x) => sum + (x - average) ** 2, 0) / differences.length;
    expect(variance).toBeGreaterThan(0);
    expect(Math.abs(average)).toBeLessThan(3 * Math.sqrt(variance / differences.length));
  });

  test("is the same whether or not the gradient is evaluated along with the loss", () => {
    const traces = [true, false].map((keepsWorld) => {
      const dynamics = new Dynamics(problemOf(landscape), { count: 3, seed: 2 });
      const seen = new Float64Array(3 * dynamics.observationSize);
      return Array.from({ length: 8 }, (_, t) => {
        dynamics.step(new Float64Array(3 * dynamics.dimension).fill(Math.sin(t)), keepsWorld);
        dynamics.observe(seen);
        if (t === 4) dynamics.begin(1);
        return [seen.slice(), dynamics.costs.slice(), dynamics.examples.slice()];
      });
    });
    expect(traces[0]).toEqual(traces[1]);
  });
});

test("the whole table is never read", () => {
  const env = navigationVectorEnv(problemOf(unread), { numEnvs: 2, seed: 1, maxEpisodeSteps: 3 });
  env.reset();
  for (let t = 0; t < 8; t++) {
    const { infos } = env.step([1, -1]);
    const examples = infos.examples as Float64Array;
    infos.parameters.forEach((theta, n) => {
      const chosen = Int32Array.from(examples.subarray(2 * n, 2 * n + 2));
      expect(infos.loss[n]).toBe(mean(chosen, (y) => (theta - y) ** 2 / 2));
    });
  }
});

describe("caught:", () => {
  const rule = "the minibatch that is charged is the one that is seen, and is drawn anew";
  const problem = problemOf(regression);
  const withExamples =
    (change: (examples: Float64Array) => Float64Array): EnvFactory =>
    (options) => {
      const env: VectorEnv = navigationVectorEnv(problem, options);
      return replace(env, {
        info: (n) => ({ ...env.info(n), examples: change(env.info(n).examples as Float64Array) }),
      });
    };

  test.each<[string, string, EnvFactory, string]>([
    [
      "other examples than were charged",
      "the reward is the objective",
      withExamples((examples) => examples.map((e) => (e + 1) % 6)),
      "step 1: the reward is",
    ],
    [
      "other examples than were seen",
      rule,
      withExamples((examples) => examples.map((e) => (e + 1) % 6)),
      "step 1: gradient[0] is",
    ],
    [
      "examples that are not told",
      rule,
      withExamples(() => new Float64Array(0)),
      "tell 2 numbers below 6 in info.examples",
    ],
    [
      "the whole table",
      rule,
      (options) => navigationVectorEnv(problemOf(regression, false), options),
      "the infos tell the examples []",
    ],
  ])("%s", (_, broken, make, message) => {
    const found = checkNavigation(problem, make).checks.find((check) => check.rule === broken);
    expect(found).toMatchObject({ status: "failed", message: expect.stringContaining(message) });
  });

  test("one minibatch for all steps", () => {
    const frozen = { ...unread, exampleCount: 1 } as LandscapeInput;
    const one = problemOf(frozen);
    const report = checkNavigation(one, (options) => navigationVectorEnv(one, options));
    expect(report.checks.find((check) => check.rule === rule)?.message).toContain("in every step");
  });

  test("a loss that is not the examples' mean", () => {
    const landscape = createLandscape(
      problemOf({ ...landscapes.custom, minibatchLoss: () => 7 } as LandscapeInput).landscape,
    );
    expect(failures(checkLandscape(landscape)).join()).toContain("7.0");
  });
});

test.each<[string, () => unknown]>([
  [
    "observation.noise.minibatch.charged: needs landscape.minibatchLoss, got nothing",
    () => problemOf({ ...landscapes.custom, minibatchLoss: undefined } as LandscapeInput),
  ],
  [
    "landscape.minibatchLoss: needs minibatchGradient, got nothing",
    () =>
      defineProblem({ landscape: { kind: "custom", dimension: 1, loss: () => 0, minibatchLoss: () => 0 } }),
  ],
  [
    "observation.noise.minibatch.charged: must be true or false, got 1",
    () => problemOf(regression, 1 as never),
  ],
])("%s", (message, call) => {
  expect(call).toThrow(new ProblemError(message));
});

test("there is no kernel that charges a minibatch", () => {
  expect(() => navigationVectorEnv(problemOf(regression), { backend: "wasm" })).toThrow(
    "observation.noise.minibatch.charged: has no kernel",
  );
  expect(navigationVectorEnv(problemOf(regression), { backend: "auto" }).backend).toBe("reference");
});
