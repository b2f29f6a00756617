import {
  createRegistry,
  type EntryPointOptions,
  type Kwargs,
  mergeKwargs,
  type Registration,
} from "./core/registry.js";
import type { NavigationProblem } from "./problem/problem.js";
import { defineProblem, type ProblemInput } from "./problem/schema.js";
import type { SimulationBackend } from "./simulation.js";
import { navigationVectorEnv } from "./simulator.js";

type Defaults = ProblemInput & {
  readonly divergencePenalty?: number;
  readonly backend?: SimulationBackend;
};

/** A navigation problem as a registration: its parts are the kwargs, and each can be overridden in part. */
export function navigationRegistration(
  id: string,
  maxEpisodeSteps: number | null,
  problem: Defaults,
): Registration {
  return { id, maxEpisodeSteps, kwargs: { ...problem }, entryPoint: navigation };
}

function navigation({ divergencePenalty, backend, ...parts }: Kwargs, options: EntryPointOptions) {
  return navigationVectorEnv(defineProblem(parts as unknown as ProblemInput), {
    ...options,
    divergencePenalty: divergencePenalty as number | undefined,
    backend: backend as SimulationBackend | undefined,
  });
}

/** Regression takes its table, and the ridge, as kwargs too. */
function regression(kwargs: Kwargs, options: EntryPointOptions) {
  return navigation(withTable(kwargs), options);
}

function withTable({ features, labels, ridge, ...parts }: Kwargs): Kwargs {
  const table = Object.entries({ features, labels, ridge }).filter(([, value]) => value !== undefined);
  return mergeKwargs(parts, { landscape: Object.fromEntries(table) });
}

const standardNormal = { mean: [0], covariance: [[1]] };

/** A 4:1 parabola, seen exactly: the horizon decides between gradient descent and ballistic motion. */
const quadratic: Defaults = {
  landscape: { kind: "quadratic", curvature: [4, 1], minimum: [1, 1] },
  objective: { discountRate: 0.1 },
};

/** Fig. 1 of arXiv:2510.26997: a far-sighted learner leaves the valley that it starts in. */
const doubleWell: Defaults = {
  landscape: { kind: "double-well", dimension: 2, tilt: 0.5 },
  objective: { discountRate: 0.1 },
  start: { kind: "point", parameters: [-0.6, 0] },
};

/** The minimum is drawn once and never shown: gradients have to be averaged, as momentum does. */
const hiddenMinimum: Defaults = {
  landscape: { kind: "quadratic", dimension: 1, curvature: 1 },
  objective: { discountRate: 0.1 },
  task: { kind: "static", ...standardNormal },
  observation: { kind: "gradient", noise: 1 },
};

/** The minimum is redrawn now and then: a learner has to notice and start anew. */
const hiddenTask: Defaults = {
  landscape: { kind: "quadratic", dimension: 1, curvature: 1 },
  objective: { discountRate: 0.05 },
  task: { kind: "redrawn", hazardRate: 0.05, mean: [0], covariance: [[9]] },
  observation: { kind: "gradient", noise: 2 },
};

/** Curvature spans four decades, and shows in the noise of single examples: the case for Adam. */
const hiddenCurvature: Defaults = {
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
  objective: { discountRate: 0.01 },
  task: { kind: "static", ...standardNormal },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
};

/** Three classes of four points around the corners of a triangle. */
const table = {
  features: [
    [1.2, 0.1],
    [0.8, -0.3],
    [1.1, 0.4],
    [0.4, 0.2],
    [-0.7, 0.9],
    [-0.3, 1.1],
    [-0.5, 0.6],
    [0.1, 0.7],
    [-0.6, -0.8],
    [-0.4, -1.2],
    [-0.9, -0.5],
    [0.2, -0.6],
  ],
  labels: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
};

/** Softmax regression on a small table, by gradients of real minibatches. */
const softmax: Defaults = {
  landscape: { kind: "regression", ...table, ridge: 0.01 },
  objective: { discountRate: 0.1 },
  observation: { kind: "gradient", noise: { minibatch: { batchSize: 4 } } },
};

/** A landscape seen exactly, from its own start. */
const seen = (landscape: ProblemInput["landscape"]): Defaults => ({
  landscape,
  objective: { discountRate: 0.1 },
});

/** Steep landscapes need short steps. */
const steep = (landscape: ProblemInput["landscape"]): Defaults => ({
  landscape,
  objective: { discountRate: 0.1, timeStep: 0.01, mobility: 0.1 },
});

const testFunctions: readonly [name: string, problem: Defaults][] = [
  ["Ackley", seen({ kind: "ackley" })],
  ["Beale", steep({ kind: "beale" })],
  ["Griewank", seen({ kind: "griewank" })],
  ["Himmelblau", steep({ kind: "himmelblau" })],
  ["Levy", seen({ kind: "levy" })],
  ["Rastrigin", seen({ kind: "rastrigin" })],
  ["Rosenbrock", steep({ kind: "rosenbrock" })],
  ["Saddle", seen({ kind: "saddle" })],
  ["StyblinskiTang", seen({ kind: "styblinski-tang" })],
];

/** Fig. 1 once more, as text. */
const expression = seen({ kind: "expression", loss: "(x^2-1)^2 - x/2 + y^2" });

/** The best approximation of rank one, from near the saddle at zero. */
const matrixFactorisation = seen({
  kind: "matrix-factorisation",
  matrix: [
    [2, 1, 0],
    [1, 2, 1],
    [0, 1, 2],
  ],
});

const minibatches = { kind: "gradient", noise: { minibatch: { batchSize: 4 } } } as const;

/** A line through noisy points, by gradients of real minibatches. */
const linearRegression: Defaults = {
  ...seen({
    kind: "linear-regression",
    features: table.features,
    targets: [1.1, 0.4, 1.6, 0.5, 0.2, 0.7, 0.1, 0.9, -1.5, -1.4, -1.3, -0.2],
    ridge: 0.01,
  }),
  observation: minibatches,
};

/** A small network on the table of softmax regression. */
const network: Defaults = {
  ...seen({ kind: "network", ...table, hidden: [4], ridge: 0.01 }),
  observation: minibatches,
};

/** Softmax regression whose classes are renamed at random every fifty steps. */
const permutedLabels: Defaults = {
  ...seen({
    kind: "stream",
    base: { kind: "regression", ...table, ridge: 0.01 },
    variation: "permuted-labels",
    change: { period: 50 },
  }),
  observation: minibatches,
};

const registry = createRegistry([
  ...testFunctions.map(([name, problem]) => navigationRegistration(`lossgym/${name}-v0`, 200, problem)),
  navigationRegistration("lossgym/Expression-v0", 200, expression),
  navigationRegistration("lossgym/MatrixFactorisation-v0", 200, matrixFactorisation),
  navigationRegistration("lossgym/LinearRegression-v0", 200, linearRegression),
  navigationRegistration("lossgym/Network-v0", 200, network),
  navigationRegistration("lossgym/PermutedLabels-v0", 200, permutedLabels),
  navigationRegistration("lossgym/IllConditioned-v0", 200, seen({ kind: "random-quadratic" })),
  navigationRegistration("lossgym/RandomDoubleWell-v0", 200, seen({ kind: "random-double-well" })),
  navigationRegistration("lossgym/Quadratic-v0", 200, quadratic),
  navigationRegistration("lossgym/DoubleWell-v0", 200, doubleWell),
  navigationRegistration("lossgym/HiddenMinimum-v0", 200, hiddenMinimum),
  navigationRegistration("lossgym/HiddenTask-v0", 200, hiddenTask),
  navigationRegistration("lossgym/HiddenCurvature-v0", 60, hiddenCurvature),
  { ...navigationRegistration("lossgym/Regression-v0", 200, softmax), entryPoint: regression },
]);

/** The registry of this package, with its built-in environments; `register` adds to it. */
export const { register, make, makeVec, list, spec } = registry;

/** The navigation problem of a registered environment, for the solvers. */
export function registeredProblem(id: string, kwargs: Kwargs = {}): NavigationProblem {
  const { divergencePenalty: _, backend: __, ...parts } = withTable(mergeKwargs(spec(id).kwargs, kwargs));
  return defineProblem(parts as unknown as ProblemInput);
}
