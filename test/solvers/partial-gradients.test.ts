import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defineProblem,
  type NavigationProblem,
  navigationVectorEnv,
  type ProblemInput,
  rollout,
} from "../../envs/index.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import { beliefFeatures } from "../../solvers/belief-features.js";
import { unwhitenInto } from "../../solvers/beliefs/evidence.js";
import {
  type Belief,
  type BeliefPart,
  bayesOptimalPolicy,
  beliefLayoutOf,
  beliefObservation,
  expectedCost,
  informedPolicy,
  type KalmanState,
  kalman,
  predict,
  predictedMomentum,
  solve,
} from "../../solvers/index.js";
import { filteredPolicy } from "../../solvers/policies/filtered.js";
import { conditional, enumerateRedraws, type Looks } from "../oracles/filters.js";
import { expectClose } from "./close.js";
import { positiveDefinite } from "./random-problems.js";

type TaskKind = NavigationProblem["task"]["kind"];

function taskOf(kind: TaskKind, rate: number, mean: number[], covariance: number[][]) {
  const prior = { mean, covariance };
  return {
    static: { kind: "static", ...prior },
    redrawn: { kind: "redrawn", hazardRate: rate, ...prior },
    drifting: { kind: "drifting", relaxationRate: rate, ...prior },
  }[kind] as ProblemInput["task"] & object;
}

/** A random problem of 2 to 4 coordinates, some of which are seen, a record of four steps, and the same as looks. */
const randomRecord = (kind: TaskKind, noises: readonly ("isotropic" | "fisher" | "exact")[]) =>
  fc
    .record({
      d: fc.integer({ min: 2, max: 4 }),
      order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      entries: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 68, maxLength: 68 }),
      rate: fc.double({ min: 0.5, max: 8, noNaN: true }),
      kindOfNoise: fc.constantFrom(...noises),
    })
    .map(({ d, order, share, entries, rate, kindOfNoise }) => {
      const shown = order.filter((i) => i < d);
      const coordinates = shown.slice(0, 1 + Math.floor(share * d));
      const curvature = positiveDefinite(entries.slice(0, 16), d);
      const covariance = positiveDefinite(entries.slice(16, 32), d);
      const mean = entries.slice(32, 32 + d);
      const steps = [0, 1, 2, 3];
      const parameters = steps.map((t) => entries.slice(36 + 4 * t, 36 + 4 * t + d));
      const gradients = steps.map((t) => coordinates.map((_, i) => 2 * entries[52 + 4 * t + i]));
      const noise = { isotropic: 0.7, fisher: { fisher: { batchSize: 2 } }, exact: 0 }[kindOfNoise];
      const problem = defineProblem({
        landscape: { kind: "quadratic", curvature },
        objective: { discountRate: 0.5 },
        task: taskOf(kind, rate, mean, covariance),
        observation: { kind: "gradient", noise, coordinates },
      });
      const observation = coordinates.map((i) => curvature[i]);
      const ofNoise = (i: number, j: number) =>
        kindOfNoise === "fisher" ? curvature[i][j] / 2 : i === j ? (noise as number) ** 2 : 0;
      const looks = parameters.map((theta, t) =>
        observation.map((row, i) => row.reduce((sum, h, j) => sum + h * theta[j], -gradients[t][i])),
      );
      const all: Looks = {
        mean,
        covariance,
        observation,
        noise: coordinates.map((i) => coordinates.map((j) => ofNoise(i, j))),
        looks,
      };
      return { problem, parameters, gradients, all };
    });

/** Posterior means, [steps, d], and variances, [steps, d], of the exact belief. */
function replay(problem: NavigationProblem, parameters: number[][], gradients: number[][]) {
  const { belief, parts } = beliefFeatures(problem);
  const spread = parts.find(({ part }) => part === "posteriorVariance");
  let state = belief.init(1);
  const steps = parameters.map((theta, t) => {
    state = belief.update(Float64Array.from(gradients[t]), Float64Array.from(theta), state);
    const variance = new Float64Array(theta.length);
    spread?.write(state, variance, 0);
    return { mean: Array.from(state.posteriorMean), variance: Array.from(variance) };
  });
  return { means: steps.map(({ mean }) => mean), variances: steps.map(({ variance }) => variance) };
}

const upTo = (all: Looks, t: number): Looks => ({ ...all, looks: all.looks.slice(0, t + 1) });

describe("agrees with conditioning on the whole history", () => {
  test.each(["static", "drifting"] as const)("%s", (kind) => {
    fc.assert(
      fc.property(randomRecord(kind, ["isotropic", "fisher"]), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) => conditional(upTo(all, t), survivalOf(problem)));
        const { means, variances } = replay(problem, parameters, gradients);
        expectClose(
          means,
          expected.map(({ mean }) => mean),
          1e-8,
        );
        expectClose(
          variances,
          expected.map(({ covariance }) => covariance.diagonal()),
          1e-8,
        );
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test("redrawn", () => {
    fc.assert(
      fc.property(
        randomRecord("redrawn", ["isotropic", "fisher"]),
        ({ problem, parameters, gradients, all }) => {
          const expected = all.looks.map((_, t) => enumerateRedraws(upTo(all, t), survivalOf(problem)));
          expectClose(replay(problem, parameters, gradients).means, expected, 1e-8);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  test("exact gradients, whose past adds nothing", () => {
    fc.assert(
      fc.property(randomRecord("drifting", ["exact"]), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) => conditional(upTo(all, t), survivalOf(problem)));
        const { means, variances } = replay(problem, parameters, gradients);
        expectClose([means.flat(), [1]], [expected.flatMap((each) => each.mean), [1]], 1e-8);
        if (all.noise.length < all.mean.length)
          expectClose(
            variances,
            expected.map((each) => each.covariance.diagonal()),
            1e-8,
          );
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});

const curvature = [
  [2, 0.8, 0.3],
  [0.8, 1, -0.4],
  [0.3, -0.4, 1.5],
];
const covariance = [
  [1, 0.5, 0.2],
  [0.5, 2, -0.6],
  [0.2, -0.6, 1.5],
];
const mean = [0.5, -1, 0.3];
const seeing = (kind: TaskKind, observation: object) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature },
    objective: { discountRate: 0.6, timeStep: 0.2 },
    task: taskOf(kind, 0.7, mean, covariance),
    observation: { kind: "gradient", noise: 1, coordinates: [2, 0], ...observation },
    start: { kind: "gaussian", mean, covariance },
  });

const average = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Mean in standard errors. */
function score(values: Float64Array, expected = 0): number {
  const center = average(values);
  const variance = average(values.map((value) => (value - center) ** 2));
  return (center - expected) / Math.sqrt(variance / values.length);
}

const difference = (costs: Float64Array, reference: Float64Array) =>
  costs.map((cost, n) => cost - reference[n]);

const told = (problem: NavigationProblem): NavigationProblem => ({
  ...problem,
  observation: { kind: "state" },
});

describe.each<[string, TaskKind, { noise?: 0 | { fisher: { batchSize: number } } }]>([
  ["a static minimum", "static", {}],
  ["a drifting minimum", "drifting", {}],
  ["a drifting minimum with Fisher noise", "drifting", { noise: { fisher: { batchSize: 2 } } }],
  ["a redrawn minimum", "redrawn", {}],
  ["a drifting minimum, exactly", "drifting", { noise: 0 }],
  ["a redrawn minimum, exactly", "redrawn", { noise: 0 }],
])("%s", (_, kind, observation) => {
  const problem = seeing(kind, observation);

  test("errs as much as the belief says", () => {
    const numEnvs = 2000;
    const env = beliefObservation(navigationVectorEnv(problem, { numEnvs, seed: 7 }), problem);
    const layout = beliefLayoutOf(problem);
    const at = (part: BeliefPart) => layout.find((entry) => entry.part === part)?.offset ?? Number.NaN;
    const stride = env.singleObservationSpace.size;
    let { observations, infos } = env.reset();
    for (let t = 0; t < 8; t++)
      ({ observations, infos } = env.step(new Float64Array(3 * numEnvs).fill(0.3 * t)));
    const minima = infos.minimum as Float64Array;
    for (const i of [0, 1, 2]) {
      const squares = Float64Array.from({ length: numEnvs }, (_, n) => {
        const [believed, variance] = [at("posteriorMean"), at("posteriorVariance")].map(
          (offset) => observations[n * stride + offset + i],
        );
        return (minima[3 * n + i] - believed) ** 2 / variance;
      });
      expect(Math.abs(score(squares, 1))).toBeLessThan(3);
    }
  });

  const options = { episodes: 1000, steps: 80, seed: "partial" };
  const optimal = rollout(problem, bayesOptimalPolicy(problem), options).costs;

  test("not knowing costs what theory says, on the same tasks", () => {
    const knowing = rollout(told(problem), informedPolicy(told(problem)), options).costs;
    const { informed, optimal: expected } = expectedCost(problem);
    expect(expected === null).toBe(kind === "redrawn" && observation.noise !== 0);
    if (expected === null) return;
    expect(Math.abs(score(difference(optimal, knowing), expected - informed))).toBeLessThan(3);
    expect(predict(problem).expectedCost?.optimal).toBe(expected);
  });

  test("is what solve acts on", () => {
    const { policy, status, rule } = solve(problem);
    expect(status).toBe("exact");
    expect(rule.comparisons).toEqual([]);
    const few = rollout(problem, policy, { ...options, episodes: 20 }).costs;
    expect(few).toEqual(optimal.subarray(0, 20));
  });

  if (kind === "redrawn" || observation.noise === 0) return;
  test.each([0.75, 1.25])("the gain of the filter ×%d costs more", (factor) => {
    const policy = filteredPolicy("perturbed", problem, perturbed(problem, factor));
    expect(score(difference(rollout(problem, policy, options).costs, optimal))).toBeGreaterThan(3);
  });
});

/** The Kalman filter that moves its means by another share of each surprise. */
function perturbed(problem: NavigationProblem, factor: number): Belief<KalmanState> {
  const belief = kalman(problem);
  const survival = survivalOf(problem);
  return {
    ...belief,
    update: (gradients, parameters, state) => {
      const aged = state.means.map((value) => survival * value);
      const next = belief.update(gradients, parameters, state);
      next.means.forEach((value, i) => {
        next.means[i] = aged[i] + factor * (value - aged[i]);
      });
      unwhitenInto(belief.evidence, next.means, next.batch, next.posteriorMean);
      return next;
    },
  };
}

test("what the prior already knows, a gradient cannot tell", () => {
  const flat = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 2] },
    task: {
      kind: "static",
      mean: [1, 2],
      covariance: [
        [0, 0],
        [0, 1],
      ],
    },
    observation: { kind: "gradient", noise: 0.5, coordinates: [0] },
  });
  const { means, variances } = replay(flat, [[0, 0]], [[3]]);
  expect(means).toEqual([[1, 2]]);
  expect(variances).toEqual([[0, 1]]);
  const exact = defineProblem({ ...flat, observation: { kind: "gradient", coordinates: [0] } });
  expect(() => bayesOptimalPolicy(exact)).toThrow(
    "task.covariance: must give variance to the coordinates [0] of the exact gradient that is seen",
  );
});

test("a momentum per coordinate needs all of them", () => {
  const problem = seeing("drifting", {});
  expect(predict(problem).momentum).toBeUndefined();
  expect(() => predictedMomentum(problem)).toThrow(
    "observation.coordinates: must be absent where the whole gradient is needed, got [2, 0]",
  );
});
