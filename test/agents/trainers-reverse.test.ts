import { describe, expect, test } from "vitest";
import { referenceKernels } from "../../agents/kernels/reference.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { Episodes } from "../../agents/trainers/episodes.js";
import { ReversePass } from "../../agents/trainers/reverse.js";
import type { BatchTerminalCost } from "../../agents/trainers/terminal-cost.js";
import {
  actionSizeOf,
  type Channel,
  defineProblem,
  type NavigationProblem,
  observationSizeOf,
  type ProblemInput,
  rollout,
  rootKey,
} from "../../envs/index.js";
import { linearModel, recurrentModel } from "./tiny-models.js";

const kernels = referenceKernels();
const count = 4;
const steps = 9;
const seed = 5;
const firstIndex = 12;

/** V = ½·Σ (θ − μ)² + Σ θ⁴: depends on both, and is not quadratic. */
const terminal: BatchTerminalCost = {
  value(parameters, minima, _instances, n, out) {
    const d = parameters.length / n;
    out.fill(0);
    for (let i = 0; i < parameters.length; i++)
      out[Math.floor(i / d)] += 0.5 * (parameters[i] - minima[i]) ** 2 + parameters[i] ** 4;
  },
  gradient(parameters, minima, _instances, _n, out) {
    for (let i = 0; i < parameters.length; i++) out[i] = parameters[i] - minima[i] + 4 * parameters[i] ** 3;
  },
};

function total(costs: Float64Array): number {
  return costs.reduce((sum, cost) => sum + cost, 0);
}

/** Largest error of the gradient, against central differences extrapolated to fourth order, over its largest entry. */
function gradientError(problem: NavigationProblem, model: PolicyModel, charge = true): number {
  const options = { count, steps, ...(charge ? { terminal } : {}) };
  const pass = new ReversePass(problem, model.instantiate(kernels, count, steps), options);
  const forward = new Episodes(problem, model.instantiate(kernels, count, 1), options);
  const parameters = model.initialParameters(rootKey("weights"));
  const cost = total(pass.run(parameters, seed, firstIndex));
  const gradient = pass.gradient.slice();
  const J = (i: number, step: number) => {
    const at = parameters.slice();
    at[i] += step;
    return total(forward.run(at, seed, firstIndex));
  };
  expect(total(forward.run(parameters, seed, firstIndex))).toBe(cost);
  const slope = (i: number, step: number) => (J(i, step) - J(i, -step)) / (2 * step);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < parameters.length; i++) {
    const expected = (4 * slope(i, 1e-4) - slope(i, 2e-4)) / 3;
    worst = Math.max(worst, Math.abs(gradient[i] - expected));
    largest = Math.max(largest, Math.abs(expected));
  }
  expect(largest).toBeGreaterThan(1e-3);
  return worst / largest;
}

function modelFor(problem: NavigationProblem): PolicyModel {
  return recurrentModel(observationSizeOf(problem), actionSizeOf(problem));
}

const objective = { mobility: 0.7, lossWeight: 1.3, discountRate: 0.4, timeStep: 0.2 };
const mean = [0.5, -0.3];
const covariance = [
  [1, 0.3],
  [0.3, 0.5],
];
const start = { kind: "gaussian", mean: [1, -0.5], covariance } as const;
const everyChannel = ["loss", "update", "gradient", "time", "parameters"] as const;

const landscapes: Record<string, ProblemInput["landscape"]> = {
  diagonal: { kind: "quadratic", curvature: [0.5, 2] },
  dense: {
    kind: "quadratic",
    curvature: [
      [2, 0.6],
      [0.6, 1],
    ],
  },
  hidden: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 5] } },
};
const tasks: Record<string, NavigationProblem["task"]> = {
  static: { kind: "static" },
  "hidden static": { kind: "static", mean, covariance },
  redrawn: { kind: "redrawn", hazardRate: 1.5, mean, covariance },
  drifting: { kind: "drifting", relaxationRate: 0.8, mean, covariance },
};
const noises = { exact: 0, isotropic: 0.4, fisher: { fisher: { batchSize: 4 } } } as const;

describe("the gradient agrees with central differences", () => {
  for (const [landscapeName, landscape] of Object.entries(landscapes)) {
    for (const [taskName, task] of Object.entries(tasks)) {
      for (const [noiseName, noise] of Object.entries(noises)) {
        test(`${landscapeName} quadratic, ${taskName} task, ${noiseName} noise, every channel`, () => {
          const observation = { kind: "gradient", noise, channels: everyChannel } as const;
          const problem = defineProblem({ landscape, task, objective, start, observation });
          expect(gradientError(problem, modelFor(problem))).toBeLessThan(1e-6);
        });
      }
    }
  }

  test.each(["gradient", "parameters", "loss", "update", "time"] as const)("channel %s alone", (channel) => {
    const channels: readonly Exclude<Channel, "minimum" | "sign">[] =
      channel === "update" || channel === "time" ? [channel, "loss"] : [channel];
    const problem = defineProblem({
      landscape: landscapes.dense,
      task: tasks.redrawn,
      objective,
      start,
      observation: { kind: "gradient", channels },
    });
    expect(gradientError(problem, modelFor(problem))).toBeLessThan(1e-6);
  });

  test("the whole state: parameters, minimum, curvature", () => {
    const problem = defineProblem({
      landscape: landscapes.hidden,
      task: tasks.drifting,
      objective,
      start,
      observation: { kind: "state" },
    });
    expect(gradientError(problem, modelFor(problem))).toBeLessThan(1e-6);
  });

  test.each([
    [
      "metric",
      {
        metric: [
          [2, 0.5],
          [0.5, 1],
        ],
      },
    ],
    [
      "drift",
      {
        drift: {
          matrix: [
            [-0.3, 1],
            [-1, 0.2],
          ],
          offset: [0.1, -0.2],
        },
      },
    ],
    ["control", { control: [[1], [0.4]] }],
    [
      "control and metric",
      {
        control: [
          [1, 0, 0.3],
          [0.4, -1, 0],
        ],
        metric: [
          [2, 0.5, 0],
          [0.5, 1, 0.1],
          [0, 0.1, 3],
        ],
      },
    ],
    [
      "drift and control",
      {
        drift: {
          matrix: [
            [0, 1],
            [0, -0.5],
          ],
          offset: [0, 0],
        },
        control: [[0], [1]],
      },
    ],
  ])("geometry: %s", (_name, geometry) => {
    const observation = { kind: "gradient", noise: 0.2, channels: everyChannel } as const;
    const problem = defineProblem({
      landscape: landscapes.dense,
      task: tasks.redrawn,
      geometry,
      objective,
      start,
      observation,
    });
    expect(gradientError(problem, modelFor(problem))).toBeLessThan(1e-6);
  });

  const custom: ProblemInput["landscape"] = {
    kind: "custom",
    dimension: 2,
    loss: ([x, y]) => Math.cosh(x) + (y - x * x) ** 2,
    gradient: ([x, y]) => [Math.sinh(x) - 4 * x * (y - x * x), 2 * (y - x * x)],
  };
  const table: ProblemInput["landscape"] = {
    kind: "regression",
    features: [[0.5], [-1], [2], [0.1], [-0.7]],
    labels: [0, 1, 0, 1, 1],
    ridge: 0.05,
  };
  test.each<[string, ProblemInput["landscape"], number]>([
    ["double well", { kind: "double-well", dimension: 2 }, 1e-6],
    ["custom, by differences of its gradient", custom, 1e-6],
    ["regression", table, 1e-6],
  ])("landscape: %s", (_name, landscape, tolerance) => {
    const observation = { kind: "gradient", noise: 0.2, channels: everyChannel } as const;
    const problem = defineProblem({ landscape, objective, observation });
    expect(gradientError(problem, modelFor(problem))).toBeLessThan(tolerance);
  });
});

test("costs are those of a rollout of the same episodes", () => {
  const problem = defineProblem({
    landscape: landscapes.hidden,
    task: tasks.redrawn,
    objective,
    start,
    observation: { kind: "gradient", noise: 0.3, channels: ["parameters", "gradient"] },
  });
  const weight = 0.4;
  const episodes = new Episodes(problem, linearModel(2).instantiate(kernels, count, 1), { count, steps });
  const { costs } = rollout(
    problem,
    {
      name: "u = −w·θ",
      init: () => null,
      act(observations, state, actions) {
        for (let n = 0; n < count; n++)
          for (let j = 0; j < 2; j++) actions[2 * n + j] = -weight * observations[4 * n + j];
        return state;
      },
    },
    { episodes: count, steps, seed, firstEpisode: firstIndex },
  );
  expect(episodes.run(Float64Array.of(weight), seed, firstIndex)).toEqual(costs);
});

test("a linear policy on a parabola has the gradient of its closed form", () => {
  const { mobility: eta, lossWeight: k, discountRate, timeStep: dt } = objective;
  const h = 1.7;
  const theta = 2;
  const w = 0.6;
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [h] },
    objective,
    observation: { kind: "state" },
    start: { kind: "point", parameters: [theta] },
  });
  const pass = new ReversePass(problem, linearModel(1).instantiate(kernels, 1, steps), { count: 1, steps });
  const cost = pass.run(Float64Array.of(w), 0, 0)[0];
  // θ_t = cᵗθ₀ with c = 1 − Δt·w, so J = ½θ₀²Δt·(w²/η + khc²)·Σ (ρc²)ᵗ.
  const rho = Math.exp(-discountRate * dt);
  const c = 1 - dt * w;
  let sum = 0;
  let slope = 0;
  for (let t = 0; t < steps; t++) {
    sum += (rho * c * c) ** t;
    slope += t * (rho * c * c) ** (t - 1) * rho * 2 * c * -dt;
  }
  const factor = (w * w) / eta + k * h * c * c;
  const scale = 0.5 * theta * theta * dt;
  expect(cost).toBeCloseTo(scale * factor * sum, 12);
  const expected = scale * (((2 * w) / eta - 2 * k * h * c * dt) * sum + factor * slope);
  expect(pass.gradient[0]).toBeCloseTo(expected, 12);
});

test("a step that diverges contributes nothing, and leaves no NaN", () => {
  const wall: ProblemInput["landscape"] = {
    kind: "custom",
    dimension: 1,
    loss: ([x]) => (x < 1 ? Number.POSITIVE_INFINITY : x * x),
    gradient: ([x]) => [2 * x],
  };
  const problem = (parameters: readonly number[]) =>
    defineProblem({
      landscape: wall,
      objective,
      observation: { kind: "state" },
      start: { kind: "point", parameters },
    });
  const run = (from: number, length: number) => {
    const options = { count: 1, steps: length };
    const pass = new ReversePass(problem([from]), linearModel(1).instantiate(kernels, 1, length), options);
    const [cost] = pass.run(Float64Array.of(1), 0, 0);
    return { cost, gradient: pass.gradient[0], diverged: pass.episodes.diverged[0] };
  };
  // 1.5 → 1.2 → (0.96, undone) → …
  const short = run(1.5, 1);
  const long = run(1.5, 6);
  expect(short.diverged).toBe(0);
  expect(long.diverged).toBe(1);
  expect(long.cost).toBeGreaterThan(1e6);
  expect(long.gradient).toBe(short.gradient);
  expect(long.gradient).not.toBe(0);
});

test("episodes do not depend on how they are cut into batches", () => {
  const problem = defineProblem({
    landscape: landscapes.hidden,
    task: tasks.drifting,
    objective,
    start,
    observation: { kind: "gradient", noise: 0.3, channels: everyChannel },
  });
  const model = modelFor(problem);
  const parameters = model.initialParameters(rootKey("weights"));
  const costs = (size: number, first: number) => {
    const options = { count: size, steps };
    const episodes = new Episodes(problem, model.instantiate(kernels, size, 1), options);
    episodes.run(parameters, seed, 99);
    return [...episodes.run(parameters, seed, first)];
  };
  expect([...costs(3, 0), ...costs(3, 3)]).toEqual(costs(6, 0));
});

test.each<[string, Partial<ProblemInput>]>([
  [
    "hidden minimum",
    {
      task: {
        kind: "static",
        mean: [0, 1],
        covariance: [
          [1, 0],
          [0, 4],
        ],
      },
    },
  ],
  [
    "redrawn task",
    {
      task: {
        kind: "redrawn",
        hazardRate: 2,
        mean: [0, 1],
        covariance: [
          [1, 0.3],
          [0.3, 4],
        ],
      },
    },
  ],
  [
    "hidden curvature",
    { landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } } },
  ],
  ["double well", { landscape: { kind: "double-well", dimension: 2 } }],
  ["Rastrigin's dents", { landscape: { kind: "rastrigin", dimension: 2, amplitude: 0.3 } }],
  ["Styblinski-Tang", { landscape: { kind: "styblinski-tang", dimension: 2 } }],
  ["saddle", { landscape: { kind: "saddle", dimension: 2 } }],
  ["Lévy", { landscape: { kind: "levy", dimension: 2 } }],
  [
    "five coordinates",
    {
      landscape: { kind: "quadratic", curvature: [1, 2, 3, 4, 5] },
      start: { kind: "point", parameters: [1, -1, 2, -2, 3] },
    },
  ],
  ["no parameters shown", { observation: { kind: "gradient", channels: ["gradient"] } }],
  ["random rotations", { landscape: { kind: "random-quadratic", dimension: 2 } }],
])("the gradient does not depend on the backend: %s", (_, more) => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [2, 0.5] },
    objective,
    start: {
      kind: "gaussian",
      mean: [1, 1],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
    observation: { kind: "gradient", noise: 0.3 },
    ...more,
  });
  const model = modelFor(problem);
  const parameters = model.initialParameters(rootKey("weights"));
  const run = (backend: "reference" | "wasm") => {
    const pass = new ReversePass(problem, model.instantiate(kernels, count, steps), {
      count,
      steps,
      terminal,
      backend,
    });
    return { cost: total(pass.run(parameters, seed, firstIndex)), gradient: pass.gradient.slice() };
  };
  const [reference, wasm] = [run("reference"), run("wasm")];
  const norm = Math.hypot(...reference.gradient);
  expect(Math.abs(wasm.cost / reference.cost - 1)).toBeLessThan(2e-5);
  expect(Math.hypot(...wasm.gradient.map((value, i) => value - reference.gradient[i])) / norm).toBeLessThan(
    1e-4,
  );
});

test("real minibatches are refused", () => {
  const problem = defineProblem({
    landscape: { kind: "regression", features: [[1], [2]], labels: [0, 1] },
    observation: { kind: "gradient", noise: { minibatch: { batchSize: 1 } } },
  });
  const model = modelFor(problem);
  expect(() => new ReversePass(problem, model.instantiate(kernels, 1, 2), { count: 1, steps: 2 })).toThrow(
    'observation.noise: must be isotropic or fisher to back-propagate through it, got minibatch; train with "es"',
  );
});

test.each<[string, Partial<ProblemInput>]>([
  ["observation.delay: must be 0", { observation: { kind: "gradient", delay: 2 } }],
  ["action.kind: must be", { action: { kind: "hyperparameters", rule: "gradient-descent", per: "global" } }],
])("what the reverse pass does not model is refused: %s", (message, more) => {
  const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [1] }, ...more });
  const options = { count: 1, steps: 2 };
  expect(() => new ReversePass(problem, modelFor(problem).instantiate(kernels, 1, 2), options)).toThrow(
    message,
  );
});
