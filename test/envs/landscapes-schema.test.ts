import { describe, expect, test } from "vitest";
import {
  Dynamics,
  defineProblem,
  dimensionOf,
  ProblemError,
  type ProblemInput,
  Table,
} from "../../envs/index.js";

type Input = ProblemInput["landscape"];

const features = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const labels = [0, 1, 2];
const matrix = [
  [1, 2, 3],
  [4, 5, 6],
];
const base = { kind: "regression", features, labels } as const;
const stream = { kind: "stream", base, variation: "permuted-labels", change: { period: 9 } } as const;

/** Of every kind: what is filled in, and how many parameters it has. */
const defaults: [Input, object, number][] = [
  [{ kind: "rosenbrock" }, { dimension: 2, steepness: 100 }, 2],
  [{ kind: "rastrigin" }, { dimension: 2, amplitude: 10 }, 2],
  [{ kind: "ackley" }, { dimension: 2 }, 2],
  [{ kind: "griewank", dimension: 5 }, { dimension: 5 }, 5],
  [{ kind: "levy" }, { dimension: 2 }, 2],
  [{ kind: "styblinski-tang" }, { dimension: 2 }, 2],
  [{ kind: "himmelblau" }, { dimension: 2 }, 2],
  [{ kind: "beale" }, { dimension: 2 }, 2],
  [{ kind: "saddle" }, { dimension: 2, escape: 1 }, 2],
  [{ kind: "matrix-factorisation", matrix }, { rank: 1 }, 5],
  [{ kind: "matrix-factorisation", matrix, rank: 3 }, {}, 15],
  [{ kind: "linear-regression", features, targets: [1, 2, 3] }, { ridge: 0 }, 3],
  [{ kind: "linear-regression", features, targets: features }, { ridge: 0 }, 6],
  [{ kind: "regression", features: new Table(2, features.flat()), labels }, { ridge: 0 }, 9],
  [{ kind: "linear-regression", features: new Table(2, features.flat()), targets: [1, 2, 3] }, {}, 3],
  [{ kind: "network", features, labels }, { hidden: [16], activation: "tanh", ridge: 0 }, 99],
  [{ kind: "network", features, targets: [1, 2, 3], hidden: [4, 5] }, {}, 43],
  [{ kind: "network", features: new Table(2, features.flat()), labels, hidden: [] }, {}, 9],
  [{ kind: "random-quadratic" }, { dimension: 2, conditionNumber: 100, rotation: "haar" }, 2],
  [
    { kind: "random-quadratic", pool: { split: "test" } },
    { pool: { split: "test", size: 1000, seed: 0 } },
    2,
  ],
  [{ kind: "random-double-well" }, { dimension: 2, tilt: [0.1, 0.9], barrier: [0.5, 2] }, 2],
  [{ kind: "expression", loss: "b + a^2" }, { variables: ["a", "b"], dimension: 2 }, 2],
  [stream, { tasks: 10, classesPerTask: 1, seed: 0, base: { ...base, ridge: 0 } }, 9],
];

describe.each(defaults)("%j", (landscape, expected, dimension) => {
  test("has defaults, a dimension and a start where something can be learned", () => {
    const problem = defineProblem({ landscape });
    expect(problem.landscape).toMatchObject({ ...landscape, ...expected });
    expect(dimensionOf(problem)).toBe(dimension);
    expect(problem.start).toMatchObject({ kind: "point" });
    const dynamics = new Dynamics({
      ...problem,
      observation: { kind: "gradient", noise: 0, channels: ["gradient"] },
    });
    const gradient = new Float64Array(dimension);
    dynamics.observe(gradient);
    expect(Math.hypot(...gradient)).toBeGreaterThan(1e-3);
  });

  test("survives JSON, and defining it again changes nothing", () => {
    const problem = defineProblem({ landscape });
    expect(defineProblem(JSON.parse(JSON.stringify(problem)))).toEqual(problem);
    expect(defineProblem(problem)).toEqual(problem);
    expect(defineProblem(structuredClone(problem))).toEqual(problem);
  });
});

const rowsOrTable = "must be an array of rows, or a table of columns and values";

test.each<[object, string]>([
  [{ kind: "rosenbrock", dimension: 1 }, "dimension: must be a whole number >= 2, got 1"],
  [{ kind: "rosenbrock", steepness: 0 }, "steepness: must be > 0, got 0"],
  [{ kind: "rastrigin", amplitude: -1 }, "amplitude: must be >= 0, got -1"],
  [{ kind: "ackley", amplitude: 1 }, 'has no field "amplitude", only kind, dimension'],
  [{ kind: "himmelblau", dimension: 3 }, "dimension: must be 2, got 3"],
  [{ kind: "saddle", escape: 0 }, "escape: must be > 0, got 0"],
  [{ kind: "matrix-factorisation" }, "matrix: must be an array of rows, got nothing"],
  [{ kind: "matrix-factorisation", matrix, rank: 0 }, "rank: must be a whole number >= 1, got 0"],
  [
    { kind: "linear-regression", features, targets: "y" },
    'targets: must be an array of numbers, or of rows, got "y"',
  ],
  [
    { kind: "linear-regression", features, targets: [1] },
    "targets: must have one target per row of features (3), got 1",
  ],
  [
    { kind: "linear-regression", features, targets: [[1], [2, 3], [4]] },
    "targets: must have rows of equal length, got [[1],[2,3],[4]]",
  ],
  [{ kind: "regression", labels }, `features: ${rowsOrTable}, got nothing`],
  [
    { kind: "regression", features: { columns: 3, values: [1, 2, 3, 4, 5, 6] }, labels },
    "labels: must have one label per row of features (2), got 3",
  ],
  [{ kind: "linear-regression", targets: [1] }, `features: ${rowsOrTable}, got nothing`],
  [
    { kind: "linear-regression", features: { columns: 3, values: [1, 2, 3] }, targets: [1, 2] },
    "targets: must have one target per row of features (1), got 2",
  ],
  [{ kind: "network", labels }, `features: ${rowsOrTable}, got nothing`],
  [
    { kind: "network", features: { columns: 2, values: [1, 2, 3] }, labels },
    "features.values: must be whole rows of as many numbers as there are columns, got [1,2,3]",
  ],
  [
    { kind: "network", features: { columns: 1, values: [1, null] }, labels },
    "features.values: must be finite numbers, got [1,null]",
  ],
  [
    { kind: "network", features, labels: [0, 1] },
    "labels: must have one label per row of features (3), got 2",
  ],
  [{ kind: "network", features, labels: [0, 0, 0] }, "labels: must name at least two classes, got one"],
  [
    { kind: "network", features, targets: [1] },
    "targets: must have one target per row of features (3), got 1",
  ],
  [{ kind: "network", features, labels, hidden: [0] }, "hidden[0]: must be a whole number >= 1, got 0"],
  [{ kind: "network", features, labels, hidden: 3 }, "hidden: must be an array of whole numbers, got 3"],
  [
    { kind: "network", features, labels, activation: "gelu" },
    'activation: must be one of "tanh", "relu", got "gelu"',
  ],
  [{ kind: "random-quadratic", conditionNumber: 0.5 }, "conditionNumber: must be >= 1, got 0.5"],
  [
    { kind: "random-quadratic", pool: { split: "validate" } },
    'pool.split: must be one of "train", "test", got "validate"',
  ],
  [
    { kind: "random-quadratic", pool: { split: "test", size: 0 } },
    "pool.size: must be a whole number >= 1, got 0",
  ],
  [{ kind: "random-double-well", tilt: [2, 1] }, "tilt: must have low <= high, got [2,1]"],
  [{ kind: "random-double-well", barrier: [0, 1] }, "barrier[0]: must be > 0, got 0"],
  [{ kind: "random-double-well", tilt: 3 }, "tilt: must be [low, high], got 3"],
  [
    { ...stream, base: { kind: "quadratic" } },
    'base.kind: must be one of "regression", "network", got "quadratic"',
  ],
  [
    { ...stream, variation: "rotated" },
    'variation: must be one of "permuted-features", "permuted-labels", "class-incremental", got "rotated"',
  ],
  [{ ...stream, change: {} }, 'change: must be { "period": steps } or { "hazard": probability }, got {}'],
  [{ ...stream, change: { hazard: 2 } }, "change.hazard: must be <= 1, got 2"],
  [{ ...stream, change: { period: 0.5 } }, "change.period: must be a whole number >= 1, got 0.5"],
  [
    { ...stream, base: { kind: "network", features, targets: [1, 2, 3] } },
    "base.labels: must name classes, got nothing",
  ],
  [
    { ...stream, base: { ...base, labels: [0, 1] } },
    "base.labels: must have one label per row of features (3), got 2",
  ],
  [
    { ...stream, variation: "class-incremental", classesPerTask: 4 },
    "classesPerTask: must be at most the number of classes (3), got 4",
  ],
  [
    { ...stream, variation: "class-incremental", base: { ...base, labels: [0, 2, 2] } },
    "base.labels: must show every class, got none of 1",
  ],
  [{ kind: "expression" }, "loss: must be a formula such as (x^2-1)^2 - x/2 + y^2, got nothing"],
  [{ kind: "expression", loss: "x", variables: [] }, "variables: must not be empty, got []"],
])("%j is refused", (landscape, message) => {
  const expected = message.startsWith("has no") ? `landscape: ${message}` : `landscape.${message}`;
  expect(() => defineProblem({ landscape } as ProblemInput)).toThrow(new ProblemError(expected));
});

test("a custom landscape needs both its number of examples and their gradients, or neither", () => {
  const custom = { kind: "custom", dimension: 1, loss: () => 0 } as const;
  expect(() => defineProblem({ landscape: { ...custom, exampleCount: 3 } })).toThrow(
    new ProblemError("landscape: needs both exampleCount and minibatchGradient, or neither, got one of them"),
  );
});

describe("gradient noise", () => {
  const minibatch = { kind: "gradient", noise: { minibatch: { batchSize: 2 } } } as const;
  const fisher = { kind: "gradient", noise: { fisher: { batchSize: 2 } } } as const;

  test.each<Input>([
    { kind: "linear-regression", features, targets: [1, 2, 3] },
    { kind: "network", features, labels },
    stream,
    { kind: "custom", dimension: 1, loss: () => 0, exampleCount: 3, minibatchGradient: () => [0] },
  ])("of minibatches: $kind", (landscape) => {
    expect(defineProblem({ landscape, observation: minibatch }).observation).toMatchObject(minibatch);
  });

  test("of minibatches is refused where there are no examples", () => {
    expect(() => defineProblem({ landscape: { kind: "ackley" }, observation: minibatch })).toThrow(
      'observation.noise.minibatch: needs a landscape on a table, got "ackley"',
    );
  });

  test("with the covariance of the Hessian, on random quadratics too", () => {
    const landscape = { kind: "random-quadratic" } as const;
    expect(defineProblem({ landscape, observation: fisher }).observation).toMatchObject(fisher);
  });
});

test("a table is frozen with its problem, and refuses rows that are not whole", () => {
  const { landscape } = defineProblem({
    landscape: { kind: "network", features: new Table(2, features.flat()), labels },
  });
  expect(Object.isFrozen(landscape)).toBe(true);
  expect(() => new Table(2, [1, 2, 3])).toThrow("Table: values must be rows of 2 numbers, got 3 numbers");
  expect(() => new Table(2, [])).toThrow("Table: values must be rows of 2 numbers, got 0 numbers");
  expect(() => new Table(0, [1])).toThrow("Table: columns must be a whole number >= 1, got 0");
});
