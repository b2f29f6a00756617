import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepBuffers } from "../../envs/core/vector-env.js";
import { createLandscape } from "../../envs/landscapes/create-landscape.js";
import {
  discountOf,
  type GradientNoise,
  horizonStepsOf,
  type NavigationProblem,
  type Task,
} from "../../envs/problem/problem.js";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { navigationVectorEnv } from "../../envs/simulator.js";
import { type Solution, solve } from "../../solvers/solve.js";
import { kolmogorovSmirnov, mean, normalDistribution } from "../oracles/statistics.js";
import { expectClose } from "./close.js";
import { positiveDefinite } from "./random-problems.js";

const EPISODES = 600;
/** Standard errors. Seeds are fixed, so that chance does not come back; of 120 such means one in three sets has one beyond. */
const MOST_ERRORS = 3;

/**
 * Discounted costs of the episodes of an environment, −Σρᵗ·reward, until the rest weighs less than `tail`; and what
 * they are worth at their start to a learner that is told everything.
 */
function simulate(
  problem: NavigationProblem,
  { policy, value }: Pick<Solution, "policy" | "value">,
  { episodes, tail }: { readonly episodes: number; readonly tail: number },
) {
  const env = navigationVectorEnv(problem, { numEnvs: episodes, seed: "value", maxEpisodeSteps: null });
  const buffers = stepBuffers(env);
  const actions = new Float64Array(env.actionSpace.size);
  const costs = new Float64Array(episodes);
  const discount = discountOf(problem);
  const steps = Math.min(horizonStepsOf(problem), Math.ceil(Math.log(tail) / Math.log(discount)));
  let { observations, infos } = env.reset();
  const values = Float64Array.from({ length: episodes }, (_, n) => {
    const [parameters, minimum, curvature] = [infos.parameters, infos.minimum, infos.curvature].map(
      (rows) =>
        rows && Array.from(rows.subarray((n * rows.length) / episodes, ((n + 1) * rows.length) / episodes)),
    );
    return value(parameters as number[], minimum, curvature);
  });
  let state = policy.init(episodes);
  for (let t = 0; t < steps; t++) {
    state = policy.act(observations, state, actions);
    env.stepInto(actions, buffers);
    ({ observations } = buffers);
    for (let n = 0; n < episodes; n++) costs[n] -= discount ** t * buffers.rewards[n];
  }
  return { costs, values };
}

/** How far the mean lies from what is expected, in standard errors; null where nothing is random. */
function deviationOf(samples: Float64Array, expected: number, scale: number): number | null {
  const centre = mean(samples);
  const variance = mean(samples.map((sample) => (sample - centre) ** 2));
  if (variance > 1e-6 * scale * scale) return (centre - expected) / Math.sqrt(variance / EPISODES);
  expect(Math.abs(centre - expected)).toBeLessThan(1e-4 * scale);
  return null;
}

/** Of the mean cost from its expectation, and of what is paid beyond the informed value, which depends less on chance. */
function deviationsOf(problem: NavigationProblem): number[] {
  const solution = solve(problem);
  expect(solution.status).toBe("exact");
  const { informed, optimal } = solution.expectedCost;
  const expected = optimal ?? informed;
  const { costs, values } = simulate(problem, solution, { episodes: EPISODES, tail: 1e-6 });
  const excess = costs.map((cost, n) => cost - values[n]);
  return [deviationOf(costs, expected, informed), deviationOf(excess, expected - informed, informed)].filter(
    (deviation) => deviation !== null,
  );
}

const unit = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

interface Numbers {
  readonly size: number;
  /** Enough of them for all the parts. */
  readonly entries: number[];
  readonly objective: Record<"mobility" | "lossWeight" | "discountRate" | "timeStep", number>;
}

const numbers: fc.Arbitrary<Numbers> = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  entries: fc.array(unit, { minLength: 120, maxLength: 120 }),
  objective: fc.record({
    mobility: between(0.3, 3),
    lossWeight: between(0.3, 3),
    discountRate: between(0.8, 4),
    timeStep: between(0.1, 0.3),
  }),
});

const rows = (entries: number[], height: number, width: number) =>
  Array.from({ length: height }, (_, i) => entries.slice(i * width, (i + 1) * width));

/** Parts of a problem, each from entries of its own. */
function partsOf({ size, entries, objective }: Numbers) {
  const gaussian = (from: number) => ({
    mean: entries.slice(from, from + size),
    covariance: positiveDefinite(entries.slice(from + 4, from + 20), size),
  });
  return {
    landscape: {
      kind: "quadratic",
      curvature: positiveDefinite(entries.slice(0, 16), size),
      minimum: entries.slice(16, 16 + size),
    },
    objective,
    prior: gaussian(20),
    start: { kind: "gaussian", ...gaussian(40) },
    metric: positiveDefinite(entries.slice(60, 76), size),
    drift: { matrix: rows(entries.slice(76, 92), size, size), offset: entries.slice(92, 92 + size) },
  } as const;
}

type Parts = ReturnType<typeof partsOf>;

/** A control of one direction fewer, and what it costs to push; a drift that damps the rest. */
function pushedInPart({ size, entries }: Numbers, { drift }: Parts): NonNullable<ProblemInput["geometry"]> {
  const pushes = Math.max(1, size - 1);
  const damped = drift.matrix.map((row, i) => row.map((value, j) => value / 4 - (i === j ? 1 : 0)));
  return {
    control: rows(entries.slice(96), size, pushes).map((row, i) => row.map((b, j) => b + (i === j ? 1 : 0))),
    metric: positiveDefinite(entries.slice(60, 76), pushes),
    drift: { ...drift, matrix: damped },
  };
}

const geometries: Record<string, (numbers: Numbers, parts: Parts) => ProblemInput["geometry"]> = {
  "free to move": () => ({}),
  "in a metric": (_, { metric }) => ({ metric }),
  "in a drift": (_, { drift }) => ({ drift }),
  "pushed in part": pushedInPart,
};

const gradient = (noise: GradientNoise) => ({ kind: "gradient", noise }) as const;
const looks: Record<string, ProblemInput["observation"] & object> = {
  "shown the state": { kind: "state" },
  "shown the gradient": gradient(0),
  "shown the gradient with noise": gradient(0.7),
  "shown the gradient of examples": gradient({ fisher: { batchSize: 2 } }),
};

const tasks: Record<string, (prior: Parts["prior"]) => Task> = {
  "a known minimum": () => ({ kind: "static" }),
  "a hidden minimum": (prior) => ({ kind: "static", ...prior }),
  "a drifting minimum": (prior) => ({ kind: "drifting", relaxationRate: 0.9, ...prior }),
  "a minimum that is redrawn": (prior) => ({ kind: "redrawn", hazardRate: 0.6, ...prior }),
};

interface Kind {
  readonly name: string;
  readonly define: (drawn: Numbers) => NavigationProblem;
}

/** Every task × look × geometry, but for redrawn tasks in noise, of whose optimum no closed form is known. */
const combined: Kind[] = Object.entries(tasks).flatMap(([taskName, task]) =>
  Object.entries(looks)
    .filter(([look]) => !taskName.includes("redrawn") || !look.includes("gradient "))
    .flatMap(([look, observation]) =>
      Object.entries(geometries).map(([place, geometry]) => ({
        name: `${taskName}, ${look}, ${place}`,
        define: (drawn: Numbers): NavigationProblem => {
          const parts = partsOf(drawn);
          return defineProblem({
            landscape: parts.landscape,
            objective: parts.objective,
            start: parts.start,
            task: task(parts.prior),
            observation,
            geometry: geometry(drawn, parts) ?? {},
          });
        },
      })),
    ),
);

const special: Kind[] = [
  ...Object.entries(geometries).map(([place, geometry]) => ({
    name: `an end, ${place}`,
    define: (drawn: Numbers) => {
      const parts = partsOf(drawn);
      const { landscape, objective, start } = parts;
      const horizon = 1 + drawn.size / 2;
      return defineProblem({
        landscape,
        objective: { ...objective, discountRate: objective.discountRate / 4, horizon },
        start,
        geometry: geometry(drawn, parts) ?? {},
      });
    },
  })),
  ...["known", "hidden"].map((minimum) => ({
    name: `curvatures that are drawn and shown, the minimum ${minimum} before`,
    define: (drawn: Numbers) => {
      const { objective, prior, start } = partsOf(drawn);
      const covariance = prior.covariance.map((row, i) => row.map((value, j) => (i === j ? value : 0)));
      return defineProblem({
        landscape: { kind: "quadratic", dimension: drawn.size, curvature: { logUniform: [0.1, 5] } },
        objective,
        start,
        task: minimum === "hidden" ? { kind: "static", mean: prior.mean, covariance } : { kind: "static" },
        observation: { kind: "state" },
      });
    },
  })),
  {
    name: "only the gradient to tell where it is",
    define: (drawn) => {
      const { landscape, objective, start, metric } = partsOf(drawn);
      const observation = { kind: "gradient", channels: ["gradient"] } as const;
      return defineProblem({ landscape, objective, start, observation, geometry: { metric } });
    },
  },
];
const kinds = [...combined, ...special];

const drawnNumbers = fc.sample(numbers, { numRuns: kinds.length, seed: 7 });

describe("the exact policy costs in the simulator what theory says", () => {
  const deviations: number[] = [];

  test.each(kinds.map((kind, i) => ({ ...kind, drawn: drawnNumbers[i] })))("$name", ({ define, drawn }) => {
    const found = deviationsOf(define(drawn));
    deviations.push(...found);
    for (const deviation of found) expect(Math.abs(deviation)).toBeLessThan(MOST_ERRORS);
  });

  test("and deviates from it as chance does", () => {
    expect(deviations.length).toBeGreaterThan(90);
    expect(kolmogorovSmirnov(deviations, normalDistribution)).toBeLessThan(1.95);
  });
});

describe("from one place and with nothing random it costs just that", () => {
  const { landscape, metric, drift, objective } = partsOf({ ...drawnNumbers[0], size: 3 });
  const start = { kind: "point", parameters: [1, -2, 0.5] } as const;
  const once = { episodes: 1, tail: 1e-12 };

  test.each<[string, Partial<ProblemInput>]>([
    ["an endless problem", {}],
    ["one that ends", { objective: { ...objective, horizon: 2 } }],
  ])("%s", (_, more) => {
    const problem = defineProblem({ landscape, objective, start, geometry: { metric, drift }, ...more });
    const solution = solve(problem);
    const { value, expectedCost } = solution;
    const [cost] = simulate(problem, solution, once).costs;
    expectClose(cost, value(start.parameters), 1e-10);
    expectClose(expectedCost.optimal as number, cost, 1e-10);
  });

  test.each([
    [0.3, -0.8, 0.2, 1],
    [0.5, -0.6, 0.9, 1.5],
    [0.8, 0.3, 0.4, 0.6],
    [0.2, 1.6, 0.3, 2],
  ])("between two wells of tilt %d, from %d, γ = %d, η = %d", (tilt, from, discountRate, mobility) => {
    const problem = defineProblem({
      landscape: { kind: "double-well", tilt },
      objective: { discountRate, mobility, timeStep: 0.05 },
      start: { kind: "point", parameters: [from] },
    });
    const solution = solve(problem);
    const { expectedCost } = solution;
    const lowest = createLandscape(problem.landscape).minima?.[0].loss as number;
    const [cost] = simulate(problem, solution, once).costs;
    const atRest = (0.05 * lowest) / -Math.expm1(-discountRate * 0.05);
    expect(cost - atRest).toBeGreaterThan(expectedCost.informed * (1 - 1e-9));
    expect((cost - atRest) / expectedCost.informed - 1).toBeLessThan(1e-3);
  });
});
