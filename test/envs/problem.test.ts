import { describe, expect, test } from "vitest";
import {
  actionSizeOf,
  channelOffset,
  channelsOf,
  Dynamics,
  defineProblem,
  dimensionOf,
  discountOf,
  horizonStepsOf,
  layoutOf,
  observationSizeOf,
  ProblemError,
  type ProblemInput,
  survivalOf,
} from "../../envs/index.js";

const quadratic = { kind: "quadratic", curvature: [1, 2] } as const;
const table = { kind: "regression", features: [[1], [2]], labels: [0, 1] } as const;
const identity = [
  [1, 0],
  [0, 1],
];
const gaussian = { mean: [0, 0], covariance: identity };

describe("defaults", () => {
  test("of everything but the landscape", () => {
    expect(defineProblem({ landscape: quadratic })).toEqual({
      landscape: { kind: "quadratic", dimension: 2, curvature: [1, 2], minimum: [0, 0] },
      objective: { mobility: 1, lossWeight: 1, discountRate: 0, timeStep: 0.1 },
      geometry: {},
      task: { kind: "static" },
      observation: { kind: "gradient", noise: 0, channels: ["gradient", "parameters"] },
      start: { kind: "point", parameters: [0, 0] },
    });
  });

  test("of the other landscapes", () => {
    expect(defineProblem({ landscape: { kind: "double-well" } }).landscape).toEqual({
      kind: "double-well",
      dimension: 1,
      tilt: 0.5,
    });
    expect(defineProblem({ landscape: table }).landscape).toEqual({ ...table, ridge: 0 });
    expect(defineProblem({ landscape: table }).start).toEqual({ kind: "point", parameters: [0, 0, 0, 0] });
  });

  test.each<[string, ProblemInput]>([
    ["given", { landscape: { kind: "quadratic", curvature: 3, dimension: 3 } }],
    ["the minimum", { landscape: { kind: "quadratic", curvature: 3, minimum: [1, 2, 3] } }],
    [
      "the task",
      {
        landscape: { kind: "quadratic", curvature: 3 },
        task: {
          kind: "static",
          mean: [1, 2, 3],
          covariance: [
            [0, 0, 0],
            [0, 0, 0],
            [0, 0, 0],
          ],
        },
      },
    ],
    [
      "the start",
      { landscape: { kind: "quadratic", curvature: 3 }, start: { kind: "point", parameters: [1, 2, 3] } },
    ],
  ])("a single curvature is spread over the dimension of %s", (_, input) => {
    const { landscape } = defineProblem(input);
    expect(landscape).toMatchObject({ dimension: 3, curvature: [3, 3, 3] });
  });
});

test("a problem survives JSON, and defining it again changes nothing", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
    objective: { mobility: 2, horizon: 3 },
    geometry: {
      metric: [
        [2, 1],
        [1, 2],
      ],
      drift: { matrix: identity, offset: [1, 0] },
      control: identity,
    },
    task: { kind: "redrawn", hazardRate: 0.1, ...gaussian },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 4 } }, channels: ["time", "gradient"] },
    start: { kind: "gaussian", ...gaussian },
  });
  expect(defineProblem(JSON.parse(JSON.stringify(problem)))).toEqual(problem);
  expect(defineProblem(problem)).toEqual(problem);
});

test("a problem is immutable, and does not hold on to what it was made from", () => {
  const curvature = [1, 2];
  const problem = defineProblem({ landscape: { kind: "quadratic", curvature } });
  curvature[0] = 9;
  expect(problem.landscape).toMatchObject({ curvature: [1, 2] });
  expect(() => {
    (problem.objective as { mobility: number }).mobility = 3;
  }).toThrow(TypeError);
  expect(Object.isFrozen((problem.landscape as { curvature: unknown }).curvature)).toBe(true);
});

describe("sizes", () => {
  test("the control decides how many directions there are to push", () => {
    const problem = defineProblem({ landscape: quadratic, geometry: { control: [[0], [1]] } });
    expect([dimensionOf(problem), actionSizeOf(problem)]).toEqual([2, 1]);
    expect(actionSizeOf(defineProblem({ landscape: quadratic }))).toBe(2);
  });

  test("channels lie in the order in which they are named", () => {
    const problem = defineProblem({
      landscape: quadratic,
      observation: { kind: "gradient", channels: ["time", "update", "loss", "gradient"] },
    });
    expect(layoutOf(problem)).toEqual([
      { channel: "time", offset: 0, size: 1 },
      { channel: "update", offset: 1, size: 2 },
      { channel: "loss", offset: 3, size: 1 },
      { channel: "gradient", offset: 4, size: 2 },
    ]);
    expect(observationSizeOf(problem)).toBe(6);
    expect(channelOffset(problem, "gradient")).toBe(4);
    expect(() => channelOffset(problem, "parameters")).toThrow(
      'observation: needs the channel "parameters", got time, update, loss, gradient',
    );
  });

  test("the state shows what the problem hides, and nothing else", () => {
    const state = (input: Omit<ProblemInput, "observation">) =>
      channelsOf(defineProblem({ ...input, observation: { kind: "state" } }));
    expect(state({ landscape: quadratic })).toEqual(["parameters"]);
    expect(state({ landscape: quadratic, task: { kind: "static", ...gaussian } })).toEqual([
      "parameters",
      "minimum",
    ]);
    expect(
      state({
        landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [1, 2] } },
        task: { kind: "drifting", relaxationRate: 1, ...gaussian },
      }),
    ).toEqual(["parameters", "minimum", "curvature"]);
  });
});

describe("rates per step", () => {
  const objective = { discountRate: 0.5, timeStep: 0.2 };

  test("discount and survival", () => {
    expect(discountOf(defineProblem({ landscape: quadratic, objective }))).toBeCloseTo(Math.exp(-0.1), 15);
    const survival = (task: ProblemInput["task"] & object) =>
      survivalOf(defineProblem({ landscape: quadratic, objective, task }));
    expect(survival({ kind: "static" })).toBe(1);
    expect(survival({ kind: "redrawn", hazardRate: 3, ...gaussian })).toBeCloseTo(Math.exp(-0.6), 15);
    expect(survival({ kind: "drifting", relaxationRate: 3, ...gaussian })).toBeCloseTo(Math.exp(-0.6), 15);
  });

  test.each([
    [undefined, 0.1, Number.POSITIVE_INFINITY],
    [0.3, 0.1, 3],
    [0.7, 0.1, 7],
    [2.1, 0.3, 7],
    [1, 0.3, 4],
    [0.05, 0.1, 1],
    [600, 0.001, 600_000],
  ])("a horizon of %s in steps of %d takes %d steps", (horizon, timeStep, steps) => {
    const given = horizon === undefined ? { timeStep } : { timeStep, horizon };
    expect(horizonStepsOf(defineProblem({ landscape: quadratic, objective: given }))).toBe(steps);
  });
});

const curvatures =
  'must be a positive number, a diagonal of numbers >= 0, a symmetric positive semidefinite matrix, or { "logUniform": [low, high] }';
const noises =
  'must be a standard deviation >= 0, { "fisher": { "batchSize": B } } or { "minibatch": { "batchSize": B } }';
const parts = "landscape, objective, geometry, task, observation, action, start";
const kinds =
  '"quadratic", "random-quadratic", "double-well", "random-double-well", "saddle", "rosenbrock", "rastrigin", "ackley", "griewank", "levy", "styblinski-tang", "himmelblau", "beale", "matrix-factorisation", "linear-regression", "regression", "network", "stream", "expression", "custom"';

/** What is wrong with a problem, and the one line that says so. */
const complaints: [unknown, string][] = [
  [undefined, `problem: must be an object with ${parts}, got nothing`],
  [3, `problem: must be an object with ${parts}, got 3`],
  [{ landscape: quadratic, size: 3, seed: 1 }, `problem: has no field "size", "seed", only ${parts}`],
  [{}, `landscape: must be an object whose kind is one of ${kinds}, got nothing`],
  [{ landscape: 3 }, `landscape: must be an object whose kind is one of ${kinds}, got 3`],
  [{ landscape: {} }, `landscape.kind: must be one of ${kinds}, got nothing`],
  [{ landscape: { kind: "bowl" } }, `landscape.kind: must be one of ${kinds}, got "bowl"`],
  ...landscapes([
    [{ kind: "quadratic" }, `curvature: ${curvatures}, got nothing`],
    [{ kind: "quadratic", curvature: 0 }, "curvature: must be > 0, got 0"],
    [{ kind: "quadratic", curvature: [] }, `curvature: ${curvatures}, got []`],
    [
      { kind: "quadratic", curvature: { loguniform: [1, 2] } },
      `curvature: ${curvatures}, got {"loguniform":[1,2]}`,
    ],
    [{ kind: "quadratic", curvature: [1, -2] }, "curvature[1]: must be >= 0, got -2"],
    [
      { kind: "quadratic", curvature: [[1, 0], [0]] },
      "curvature: must have rows of equal length, got [[1,0],[0]]",
    ],
    [
      {
        kind: "quadratic",
        curvature: [
          [1, 0],
          [0, "x"],
        ],
      },
      'curvature[1][1]: must be a finite number, got "x"',
    ],
    [{ kind: "quadratic", curvature: [[1, 2]] }, "curvature: must have shape [1, 1], got [1, 2]"],
    [
      {
        kind: "quadratic",
        curvature: [
          [1, 2],
          [3, 9],
        ],
      },
      "curvature: must be symmetric, got 3 at [1, 0] and 2 at [0, 1]",
    ],
    [
      {
        kind: "quadratic",
        curvature: [
          [1, 2],
          [2, 1],
        ],
      },
      "curvature: must be positive semidefinite, got [[1,2],[2,1]]",
    ],
    [{ kind: "quadratic", curvature: [0, 0] }, "curvature: must not be zero in every direction, got [0,0]"],
    [
      { kind: "quadratic", curvature: { logUniform: [1] } },
      "curvature.logUniform: must be [low, high], got [1]",
    ],
    [
      { kind: "quadratic", curvature: { logUniform: [2, 1] } },
      "curvature.logUniform: must have low < high, got [2,1]",
    ],
    [
      { kind: "quadratic", curvature: { logUniform: [-1, 1] } },
      "curvature.logUniform[0]: must be > 0, got -1",
    ],
    [
      { kind: "quadratic", curvature: { logUniform: [1, 2], base: 2 } },
      'curvature: has no field "base", only logUniform',
    ],
    [{ kind: "quadratic", curvature: 1 }, "dimension: must be a whole number >= 1, got nothing"],
    [{ kind: "quadratic", curvature: 1, dimension: 1.5 }, "dimension: must be a whole number >= 1, got 1.5"],
    [{ kind: "quadratic", curvature: [1, 2], dimension: 3 }, "curvature: must have length 3, got 2"],
    [{ kind: "quadratic", curvature: [1, 2], minimum: [1] }, "minimum: must have length 2, got 1"],
    [
      { kind: "quadratic", curvature: [1, 2], minimum: [1, Number.NaN] },
      "minimum[1]: must be a finite number, got NaN",
    ],
    [
      { kind: "quadratic", curvature: [1, 2], slope: 1 },
      'has no field "slope", only kind, dimension, curvature, minimum',
    ],
    [{ kind: "double-well", dimension: 0 }, "dimension: must be a whole number >= 1, got 0"],
    [{ kind: "double-well", tilt: "steep" }, 'tilt: must be a finite number, got "steep"'],
    [
      { kind: "regression", labels: [0] },
      "features: must be an array of rows, or a table of columns and values, got nothing",
    ],
    [{ kind: "regression", features: [], labels: [0] }, "features: must not be empty, got []"],
    [
      { kind: "regression", features: [[1], [2, 3]], labels: [0, 1] },
      "features: must have rows of equal length, got [[1],[2,3]]",
    ],
    [{ kind: "regression", features: [[1]], labels: 3 }, "labels: must be an array of whole numbers, got 3"],
    [{ kind: "regression", features: [[1]], labels: [] }, "labels: must not be empty, got []"],
    [
      { kind: "regression", features: [[1], [2]], labels: [0, 1.5] },
      "labels[1]: must be a whole number >= 0, got 1.5",
    ],
    [
      { kind: "regression", features: [[1], [2]], labels: [0, -1] },
      "labels[1]: must be a whole number >= 0, got -1",
    ],
    [
      { kind: "regression", features: [[1], [2]], labels: [1] },
      "labels: must have one label per row of features (2), got 1",
    ],
    [
      { kind: "regression", features: [[1], [2]], labels: [0, 0] },
      "labels: must name at least two classes, got one",
    ],
    [{ ...table, ridge: -1 }, "ridge: must be >= 0, got -1"],
    [{ kind: "custom", loss: () => 0 }, "dimension: must be a whole number >= 1, got nothing"],
    [{ kind: "custom", dimension: 1 }, "loss: must be a function, got nothing"],
    [{ kind: "custom", dimension: 1, loss: () => 0, gradient: 3 }, "gradient: must be a function, got 3"],
  ]),
  ...withParts("objective", [
    [3, "must be an object with mobility, lossWeight, discountRate, timeStep, horizon, got 3"],
    [{ gamma: 1 }, 'has no field "gamma", only mobility, lossWeight, discountRate, timeStep, horizon'],
    [{ timeStep: -0.1 }, "timeStep: must be > 0, got -0.1"],
    [{ timeStep: 0 }, "timeStep: must be > 0, got 0"],
    [{ timeStep: "1" }, 'timeStep: must be a finite number > 0, got "1"'],
    [{ timeStep: Number.POSITIVE_INFINITY }, "timeStep: must be a finite number > 0, got Infinity"],
    [{ mobility: null }, "mobility: must be a finite number > 0, got null"],
    [{ lossWeight: 0 }, "lossWeight: must be > 0, got 0"],
    [{ discountRate: -1 }, "discountRate: must be >= 0, got -1"],
    [{ horizon: 0 }, "horizon: must be > 0, got 0"],
  ]),
  ...withParts("geometry", [
    [{ metric: [[1]] }, "metric: must have shape [2, 2], got [1, 1]"],
    [
      {
        metric: [
          [1, 0],
          [0, 0],
        ],
      },
      "metric: must be positive definite, got [[1,0],[0,0]]",
    ],
    [
      {
        metric: [
          [1, 0.5],
          [0, 1],
        ],
      },
      "metric: must be symmetric, got 0 at [1, 0] and 0.5 at [0, 1]",
    ],
    [{ metric: [1, 2] }, "metric[0]: must be an array of numbers, got 1"],
    [{ control: [[1]] }, "control: must have shape [2, 1], got [1, 1]"],
    [{ control: [[1], [0]], metric: identity }, "metric: must have shape [1, 1], got [2, 2]"],
    [{ drift: { matrix: identity } }, "drift.offset: must be an array of numbers, got nothing"],
    [{ drift: { matrix: identity, offset: [1] } }, "drift.offset: must have length 2, got 1"],
    [{ drift: { matrix: [[0]], offset: [1, 1] } }, "drift.matrix: must have shape [2, 2], got [1, 1]"],
  ]),
  ...withParts("task", [
    ["static", 'must be an object whose kind is one of "static", "redrawn", "drifting", got "static"'],
    [{ kind: "moving" }, 'kind: must be one of "static", "redrawn", "drifting", got "moving"'],
    [{ kind: "static", mean: [0, 0] }, "needs both mean and covariance, or neither, got one of them"],
    [{ kind: "redrawn", ...gaussian }, "hazardRate: must be a finite number > 0, got nothing"],
    [{ kind: "redrawn", hazardRate: 0, ...gaussian }, "hazardRate: must be > 0, got 0"],
    [{ kind: "drifting", relaxationRate: -1, ...gaussian }, "relaxationRate: must be > 0, got -1"],
    [{ kind: "redrawn", hazardRate: 1, mean: [0], covariance: identity }, "mean: must have length 2, got 1"],
    [{ kind: "static", mean: [0, 0], covariance: [[1]] }, "covariance: must have shape [2, 2], got [1, 1]"],
    [
      {
        kind: "static",
        mean: [0, 0],
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
      "covariance: must be positive semidefinite, got [[1,2],[2,1]]",
    ],
  ]),
  ...withParts("observation", [
    [{ kind: "slope" }, 'kind: must be one of "state", "gradient", "sign", "loss", got "slope"'],
    [{ kind: "state", noise: 1 }, 'has no field "noise", only kind'],
    [{ kind: "gradient", noise: -1 }, "noise: must be >= 0, got -1"],
    [{ kind: "gradient", noise: { gauss: 1 } }, `noise: ${noises}, got {"gauss":1}`],
    [{ kind: "gradient", noise: { fisher: 3 } }, "noise.fisher: must be an object with batchSize, got 3"],
    [
      { kind: "gradient", noise: { fisher: {} } },
      "noise.fisher.batchSize: must be a finite number > 0, got nothing",
    ],
    [{ kind: "gradient", noise: { fisher: { batchSize: 0 } } }, "noise.fisher.batchSize: must be > 0, got 0"],
    [
      { kind: "gradient", noise: { minibatch: { batchSize: 1.5 } } },
      "noise.minibatch.batchSize: must be a whole number >= 1, got 1.5",
    ],
    [
      { kind: "gradient", noise: { minibatch: { batchSize: 1 } } },
      'noise.minibatch: needs a landscape on a table, got "quadratic"',
    ],
    [{ kind: "gradient", channels: "loss" }, 'channels: must be an array of channels, got "loss"'],
    [{ kind: "gradient", channels: [] }, "channels: must not be empty, got []"],
    [
      { kind: "gradient", channels: ["minimum"] },
      'channels[0]: must be one of "gradient", "parameters", "loss", "update", "time", "cue", "curvature", "hessianVector", got "minimum"',
    ],
    [
      { kind: "sign", channels: ["gradient"] },
      'channels[0]: must be one of "sign", "parameters", "loss", "update", "time", "cue", got "gradient"',
    ],
    [
      { kind: "sign", noise: 1, channels: ["time"] },
      'channels: must include "sign" when there is gradient noise, got time',
    ],
    [
      { kind: "loss", noise: 1, channels: ["time"] },
      'channels: must include "loss" when there is loss noise, got time',
    ],
    [
      { kind: "loss", noise: { fisher: { batchSize: 1 } } },
      'noise: must be a finite number >= 0, got {"fisher":{"batchSize":1}}',
    ],
    [{ kind: "loss", coordinates: [0] }, 'has no field "coordinates", only kind, noise, channels, delay'],
    [{ kind: "gradient", delay: -1 }, "delay: must be a whole number >= 0, got -1"],
    [{ kind: "gradient", delay: 0.5 }, "delay: must be a whole number >= 0, got 0.5"],
    [{ kind: "gradient", coordinates: [] }, "coordinates: must not be empty, got []"],
    [{ kind: "gradient", coordinates: [0, 2] }, "coordinates[1]: must be < 2, got 2"],
    [{ kind: "gradient", coordinates: [1, 1] }, "coordinates: must not repeat a coordinate, got [1,1]"],
    [
      { kind: "gradient", channels: ["loss", "loss"] },
      'channels: must not repeat a channel, got ["loss","loss"]',
    ],
    [
      { kind: "gradient", noise: 1, channels: ["loss", "time"] },
      'channels: must include "gradient" when there is gradient noise, got loss, time',
    ],
  ]),
  [
    {
      landscape: { kind: "double-well" },
      observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
    },
    'observation.noise.fisher: needs a quadratic landscape, got "double-well"',
  ],
  [
    {
      landscape: quadratic,
      task: { kind: "drifting", relaxationRate: 1, ...gaussian },
      observation: { kind: "gradient", channels: ["cue"] },
    },
    'observation.channels: "cue" needs a task that changes now and then, got "drifting", which always does',
  ],
  ...withParts("action", [
    [{ kind: "jump" }, 'kind: must be one of "velocity", "hyperparameters", got "jump"'],
    [
      { kind: "hyperparameters", rule: "sgd" },
      'rule: must be one of "gradient-descent", "heavy-ball", "adam", got "sgd"',
    ],
    [
      { kind: "hyperparameters", rule: "adam", per: "layer" },
      'per: must be one of "global", "coordinate", got "layer"',
    ],
    [{ kind: "hyperparameters", rule: "adam", beta2: 1 }, "beta2: must be in [0, 1), got 1"],
    [{ kind: "hyperparameters", rule: "adam", epsilon: 0 }, "epsilon: must be > 0, got 0"],
    [
      { kind: "hyperparameters", rule: "heavy-ball", beta2: 0.9 },
      'beta2: needs the rule "adam", got "heavy-ball"',
    ],
  ]),
  [
    {
      landscape: quadratic,
      action: { kind: "hyperparameters", rule: "adam" },
      geometry: { control: [[1], [0]] },
    },
    "geometry.control: must be absent when the action sets hyperparameters, whose rule moves every coordinate",
  ],
  [
    {
      landscape: quadratic,
      action: { kind: "hyperparameters", rule: "adam" },
      observation: { kind: "gradient", coordinates: [0] },
    },
    "observation.coordinates: must be absent when the action sets hyperparameters, whose rule needs every coordinate",
  ],
  ...withParts("start", [
    [[0, 0], 'must be an object whose kind is one of "point", "gaussian", got [0,0]'],
    [{ kind: "point" }, "parameters: must be an array of numbers, got nothing"],
    [{ kind: "point", parameters: [1] }, "parameters: must have length 2, got 1"],
    [{ kind: "gaussian", mean: [0, 0], covariance: [[1]] }, "covariance: must have shape [2, 2], got [1, 1]"],
  ]),
];

function landscapes(rows: [unknown, ...string[]][]): [unknown, string][] {
  return rows.map(([landscape, ...message]) => [
    { landscape },
    join("landscape", message[message.length - 1]),
  ]);
}

function withParts(part: string, rows: [unknown, string][]): [unknown, string][] {
  return rows.map(([value, message]) => [{ landscape: quadratic, [part]: value }, join(part, message)]);
}

/** `path: …` goes below the part; a message that begins with a word is about the part itself. */
function join(part: string, message: string): string {
  return /^[\w.[\]]+: /.test(message) ? `${part}.${message}` : `${part}: ${message}`;
}

describe("complaints", () => {
  test.each(complaints.map(([input, message]) => ({ input, message })))("$message", ({ input, message }) => {
    let error: unknown;
    try {
      defineProblem(input as ProblemInput);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as Error).message).toBe(message);
  });

  test("a long value is cut, a strange one is still shown, and everything is on one line", () => {
    const message = (landscape: unknown) => {
      try {
        defineProblem({ landscape } as ProblemInput);
      } catch (error) {
        return (error as Error).message;
      }
    };
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(message("x".repeat(99))).toMatch(/, got "x{56}\.\.\.$/);
    expect(message(1n)).toMatch(/, got 1$/);
    expect(message(circular)).toContain("landscape.kind: must be one of");
    expect(message([circular])).toMatch(/, got \[object Object\]$/);
    expect(message(() => 1 + 1)).not.toContain("\n");
  });

  test("a landscape that is not finite where it starts", () => {
    const at = (landscape: ProblemInput["landscape"]) => () => new Dynamics(defineProblem({ landscape }));
    expect(at({ kind: "custom", dimension: 2, loss: ([x]) => Math.log(x) })).toThrow(
      new ProblemError("landscape.loss: must be finite at the start, got -Infinity at [0, 0]"),
    );
    expect(at({ kind: "custom", dimension: 1, loss: () => 0, gradient: () => [Number.NaN] })).toThrow(
      new ProblemError("landscape.gradient: must be finite at the start, got NaN at [0]"),
    );
  });
});
