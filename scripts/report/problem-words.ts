import {
  dimensionOf,
  type GradientNoise,
  hidesCurvature,
  isDense,
  isLogUniform,
  type LandscapeSpec,
  type Matrix,
  type NavigationProblem,
  type Objective,
  type Observation,
  type RegressionSpec,
  type Task,
  tableShape,
  type Vector,
} from "../../envs/index.js";
import { plainNumber } from "./numbers.js";

/** A navigation problem in sentences. */
export function problemInWords(problem: NavigationProblem): string {
  const { landscape, objective, geometry, task, observation } = problem;
  return [
    `${landscapeInWords(landscape, dimensionOf(problem))}.`,
    ...taskInWords(task),
    ...geometryInWords(geometry),
    `${objectiveInWords(objective)}.`,
    `${observationInWords(observation)}.`,
  ].join(" ");
}

function landscapeInWords(landscape: LandscapeSpec, dimension: number): string {
  const space = dimension === 1 ? "in one dimension" : `in ${dimension} dimensions`;
  switch (landscape.kind) {
    case "quadratic":
      return `A quadratic loss ${space}, ${curvatureInWords(landscape.curvature)}`;
    case "double-well":
      return `A loss with two valleys ${space}, tilted by ${plainNumber(landscape.tilt)}`;
    case "regression":
      return `Softmax regression on ${tableInWords(landscape)}, ridge ${plainNumber(landscape.ridge)}`;
    case "linear-regression":
      return `Linear regression on ${tableInWords(landscape)}, ridge ${plainNumber(landscape.ridge)}`;
    case "network":
      return `A ${landscape.activation} network of ${dimension} parameters, hidden layers ${JSON.stringify(landscape.hidden)}`;
    case "stream":
      return `A stream of tasks, ${landscape.variation}, each a ${landscape.base.kind} ${space}`;
    case "expression":
      return `The loss ${landscape.loss}`;
    case "custom":
      return `A loss of the caller's own ${space}`;
    default: {
      const name = briefLandscapes[landscape.kind];
      return `${name[0].toUpperCase()}${name.slice(1)} ${space}`;
    }
  }
}

function tableInWords({ features }: Pick<RegressionSpec, "features">): string {
  const { rows, columns } = tableShape(features);
  return `${rows} examples of ${columns} features`;
}

function curvatureInWords(curvature: Extract<LandscapeSpec, { kind: "quadratic" }>["curvature"]): string {
  if (isLogUniform(curvature)) {
    const [low, high] = curvature.logUniform.map(plainNumber);
    return `its curvature hidden, anywhere from ${low} to ${high} on a log scale`;
  }
  if (isDense(curvature)) return "its curvature a full matrix";
  return `curvature ${vectorText(curvature)}`;
}

function taskInWords(task: Task): string[] {
  if (task.mean === undefined || task.covariance === undefined) return [];
  const law = `N(${vectorText(task.mean)}, ${covarianceText(task.covariance)})`;
  switch (task.kind) {
    case "static":
      return [`The minimum is hidden, drawn from ${law}.`];
    case "redrawn":
      return [
        `The minimum is hidden and drawn anew from ${law} with hazard λ = ${plainNumber(task.hazardRate)} per unit time.`,
      ];
    case "drifting":
      return [
        `The minimum is hidden and drifts about ${law} with relaxation rate ${plainNumber(task.relaxationRate)} per unit time.`,
      ];
  }
}

function geometryInWords({ metric, drift, control }: NavigationProblem["geometry"]): string[] {
  const parts = [
    ...(metric ? ["movement is costed by a metric G"] : []),
    ...(drift ? ["the parameters drift by themselves"] : []),
    ...(control ? [`the learner can push in ${control[0].length} directions`] : []),
  ];
  if (parts.length === 0) return [];
  const sentence = parts.join(", ");
  return [`${sentence[0].toUpperCase()}${sentence.slice(1)}.`];
}

function observationInWords(observation: Observation): string {
  if (observation.kind === "state") return "It sees everything";
  const noise = observation.kind === "loss" ? 0 : observation.noise;
  const seen = observation.channels.map((channel) => {
    if (channel === "gradient") return gradientInWords(noise);
    if (channel === "sign") return `the sign of ${gradientInWords(noise)}`;
    if (channel === "loss" && observation.kind === "loss") return lossInWords(observation.noise);
    return channelWords[channel];
  });
  const delay = observation.delay ? `, the landscape with a delay of ${observation.delay} steps` : "";
  return `At each step it sees ${listInWords(seen)}${delay}`;
}

const channelWords = {
  parameters: "the parameters",
  loss: "the loss",
  update: "its last update",
  time: "the time",
  cue: "whether the task has just changed",
  curvature: "the diagonal of the Hessian",
  hessianVector: "the Hessian times its last update",
} as const;

function lossInWords(noise: number): string {
  return noise === 0 ? "the loss" : `the loss (noise of standard deviation ${plainNumber(noise)})`;
}

function gradientInWords(noise: GradientNoise): string {
  if (noise === 0) return "the gradient";
  if (typeof noise === "number") return `the gradient (noise of standard deviation ${plainNumber(noise)})`;
  if ("fisher" in noise) return `the noisy gradient of a batch of ${noise.fisher.batchSize}`;
  return `the gradient of a minibatch of ${noise.minibatch.batchSize}`;
}

function objectiveInWords({ mobility, lossWeight, discountRate, timeStep, horizon }: Objective): string {
  const end = horizon === undefined ? "" : `, up to time ${plainNumber(horizon)}`;
  const discount =
    discountRate === 0
      ? "does not discount"
      : `discounts the future at γ = ${plainNumber(discountRate)} (horizon ${plainNumber(1 / discountRate)})`;
  const weight = lossWeight === 1 ? "" : `, loss weight k = ${plainNumber(lossWeight)}`;
  return `The learner moves with mobility η = ${plainNumber(mobility)}${weight} in steps of Δt = ${plainNumber(timeStep)}${end} and ${discount}`;
}

/** A vector of equal entries as one number. */
function vectorText(vector: Vector): string {
  const same = vector.every((value) => value === vector[0]);
  return same ? plainNumber(vector[0]) : `(${vector.map(plainNumber).join(", ")})`;
}

function covarianceText(covariance: Matrix): string {
  const diagonal = covariance.map((row, i) => row[i]);
  const isotropic = covariance.every((row, i) =>
    row.every((value, j) => (i === j ? value === diagonal[0] : value === 0)),
  );
  return isotropic ? plainNumber(diagonal[0]) : "Σ₀";
}

function listInWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A navigation problem in a line. */
export function problemInBrief(problem: NavigationProblem): string {
  const { landscape, task } = problem;
  const hidden = [
    ...(hidesCurvature(problem) ? ["curvature hidden"] : []),
    ...(task.mean === undefined ? [] : [briefTasks[task.kind]]),
  ];
  return [`${briefLandscapes[landscape.kind]}, ${dimensionOf(problem)} parameters`, ...hidden]
    .join("; ")
    .replace(/, 1 parameters/, ", 1 parameter");
}

const briefLandscapes: Readonly<Record<LandscapeSpec["kind"], string>> = {
  ackley: "Ackley's function",
  beale: "Beale's function",
  custom: "custom loss",
  "double-well": "loss with two valleys",
  expression: "loss given as a formula",
  griewank: "Griewank's function",
  himmelblau: "Himmelblau's function",
  levy: "Lévy's function",
  "linear-regression": "linear regression",
  "matrix-factorisation": "matrix factorisation",
  network: "multilayer network",
  quadratic: "quadratic loss",
  "random-double-well": "random loss with two valleys",
  "random-quadratic": "random quadratic loss",
  rastrigin: "Rastrigin's function",
  regression: "softmax regression",
  rosenbrock: "Rosenbrock's function",
  saddle: "loss with a saddle",
  stream: "stream of tasks",
  "styblinski-tang": "Styblinski and Tang's function",
};

const briefTasks = {
  static: "minimum hidden",
  redrawn: "minimum hidden, redrawn now and then",
  drifting: "minimum hidden, drifting",
} as const;
