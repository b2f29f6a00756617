import { createLandscape, defineProblem, type Landscape } from "../../../envs/index.js";

export interface LandscapeDefect {
  readonly name: string;
  readonly rule: string;
  readonly message: string;
  readonly landscape: Landscape;
  readonly minima?: readonly number[][];
}

const wells = createLandscape(defineProblem({ landscape: { kind: "double-well", dimension: 2 } }).landscape);
const parabola = createLandscape(
  defineProblem({
    landscape: {
      kind: "quadratic",
      curvature: [
        [2, 1],
        [1, 3],
      ],
    },
  }).landscape,
);
const table = createLandscape(
  defineProblem({
    landscape: { kind: "regression", features: [[1], [2], [-1]], labels: [0, 1, 1], ridge: 0.1 },
  }).landscape,
);

/** A network whose units switch on and off close to the points where it is checked. */
export const kinked = createLandscape(
  defineProblem({
    landscape: {
      kind: "network",
      features: Array.from({ length: 30 }, (_, e) => [Math.sin(e), Math.cos(2 * e), Math.sin(3 * e + 1)]),
      labels: Array.from({ length: 30 }, (_, e) => e % 3),
      hidden: [5, 4],
      activation: "relu",
    },
  }).landscape,
);

/** Evaluation with something done to its outputs. */
function after(
  change: (losses: Float64Array | null, gradients: Float64Array | null, points: Float64Array) => void,
  base = wells,
): Landscape {
  return {
    ...base,
    evaluate(points, instances, count, losses, gradients) {
      base.evaluate(points, instances, count, losses, gradients);
      change(losses, gradients, points);
    },
  };
}

const wellsLoss = (x: number) => (x * x - 1) ** 2 - x / 2;

let calls = 0;

export const landscapeDefects: readonly LandscapeDefect[] = [
  {
    name: "a gradient of the wrong sign in one place",
    rule: "the gradient is the derivative of the loss",
    message: "∂L/∂θ[1] at point 0 is",
    landscape: after((_, gradients) =>
      gradients?.forEach((g, i) => {
        if (i % 2 === 1) gradients[i] = -g;
      }),
    ),
  },
  {
    name: "a gradient that is off by 1e-5",
    rule: "the gradient is the derivative of the loss",
    message: "correct the gradient",
    landscape: after((_, gradients) =>
      gradients?.forEach((g, i) => {
        gradients[i] = g * (1 + 1e-5);
      }),
    ),
  },
  {
    name: "a gradient of the wrong sign beside kinks",
    rule: "the gradient is the derivative of the loss",
    message: "correct the gradient",
    landscape: after((_, gradients) => {
      if (gradients) gradients[0] *= -1;
    }, kinked),
  },
  {
    name: "a loss of jumps",
    rule: "the gradient is the derivative of the loss",
    message: "give points away from kinks and jumps",
    landscape: after((losses, _, points) =>
      losses?.forEach((_loss, n) => {
        losses[n] += Math.floor(1e4 * (points[2 * n] + points[2 * n + 1])) / 100;
      }),
    ),
  },
  {
    name: "half a Hessian",
    rule: "the Hessian is the derivative of the gradient",
    message: "(Hv)[0] at point 0 is",
    landscape: {
      ...wells,
      hessianVector(points, instances, count, vectors, products) {
        wells.hessianVector(points, instances, count, vectors, products);
        for (let i = 0; i < products.length; i++) products[i] /= 2;
      },
    },
  },
  {
    name: "a Hessian that is not symmetric",
    rule: "the Hessian is symmetric",
    message: "wᵀHv is",
    landscape: {
      ...parabola,
      hessianVector(_points, _instances, count, v, products) {
        for (let n = 0; n < count; n++) {
          products[2 * n] = 2 * v[2 * n];
          products[2 * n + 1] = 2 * v[2 * n] + 3 * v[2 * n + 1];
        }
      },
    },
  },
  {
    name: "losses that depend on whether gradients are wanted",
    rule: "losses and gradients are the same together and apart",
    message: "null for either must not change the other",
    landscape: after((losses, gradients) => {
      if (losses && gradients) losses[0] += 1;
    }),
  },
  {
    name: "rows that look at their neighbours",
    rule: "each row is evaluated by itself",
    message: "the loss of row 0",
    landscape: after((losses) => {
      if (losses && losses.length > 1) losses[0] = losses[1];
    }),
  },
  {
    name: "points that are overwritten",
    rule: "evaluation is a function, and leaves its arguments alone",
    message: "the arguments[0][0] is",
    landscape: after((_losses, _gradients, points) => {
      points[0] += 1;
    }),
  },
  {
    name: "a memory",
    rule: "evaluation is a function, and leaves its arguments alone",
    message: "the second evaluation[0] is",
    landscape: after((_, gradients) => {
      if (gradients) gradients[0] += 1e-9 * calls++;
    }),
  },
  {
    name: "a loss that overflows",
    rule: "losses and gradients are finite",
    message: "loss[0] is Infinity",
    landscape: after((losses) => losses?.fill(Infinity)),
  },
  {
    name: "noise of the Hessian instead of its root",
    rule: "Fisher noise has the covariance of the Hessian",
    message: "(SSᵀv)[0] is",
    landscape: {
      ...parabola,
      shapeFisherNoise(instances, count, normals) {
        parabola.hessianVector(normals, instances, count, normals.slice(), normals);
      },
    },
  },
  {
    name: "minibatches that sum",
    rule: "the loss and the gradient are the means of those of the examples",
    message: "let minibatchGradient average the examples",
    landscape: {
      ...table,
      minibatchGradient(points, examples, batchSize, count, gradients, instances, losses) {
        table.minibatchGradient?.(points, examples, batchSize, count, gradients, instances, losses);
        for (let i = 0; i < gradients.length; i++) gradients[i] *= 3;
      },
    },
  },
  {
    name: "a minimum of another depth",
    rule: "the minima are minima",
    message: "and said to be 1; correct the loss",
    landscape: { ...parabola, minima: [{ parameters: [0, 0], loss: 1, global: true }] },
  },
  {
    name: "a local minimum that is said to be global",
    rule: "the minima are minima",
    message: "it is not global, or there is a lower one",
    landscape: {
      ...wells,
      bounds: [-1.5, 1.5],
      minima: [{ parameters: [-0.9304029265558293, 0], loss: wellsLoss(-0.9304029265558293), global: true }],
    },
  },
  {
    name: "a minimum on a slope",
    rule: "the minima are minima",
    message: "[1, 0]: the gradient is 0.5",
    landscape: wells,
    minima: [[1, 0]],
  },
  {
    name: "a minimum on the pass",
    rule: "the minima are minima",
    message: "it is a saddle or a maximum",
    landscape: wells,
    minima: [
      [1.057453770738459, 0],
      [-0.12705084481893383, 0],
    ],
  },
];
