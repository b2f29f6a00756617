import { describe, expect, test } from "vitest";
import { createLandscape, defineProblem, type Landscape, type ProblemInput } from "../../envs/index.js";

const build = (landscape: ProblemInput["landscape"]) =>
  createLandscape(defineProblem({ landscape }).landscape);

function at(landscape: Landscape, parameters: readonly number[]) {
  const losses = new Float64Array(1);
  const gradients = new Float64Array(parameters.length);
  const none = new Float64Array(landscape.instanceSize);
  landscape.evaluate(Float64Array.from(parameters), none, 1, losses, gradients);
  return { loss: losses[0], gradient: Array.from(gradients) };
}

/** The second derivative along a direction. */
function bend(landscape: Landscape, parameters: readonly number[], direction: Float64Array): number {
  const product = new Float64Array(direction.length);
  const none = new Float64Array(landscape.instanceSize);
  landscape.hessianVector(Float64Array.from(parameters), none, 1, direction, product);
  return product.reduce((total, value, i) => total + value * direction[i], 0);
}

/** Minima and their values as published; see the virtual library of Surjanovic and Bingham for most. */
const published: [ProblemInput["landscape"], number[], number][] = [
  [{ kind: "quadratic", curvature: [4, 1] }, [0, 0], 0],
  [{ kind: "double-well" }, [1.05745377], -0.5148],
  [{ kind: "double-well" }, [-0.93040293], 0.4833],
  [{ kind: "rosenbrock", dimension: 4 }, [1, 1, 1, 1], 0],
  [{ kind: "rastrigin", dimension: 3 }, [0, 0, 0], 0],
  [{ kind: "ackley", dimension: 3 }, [0, 0, 0], 0],
  [{ kind: "griewank", dimension: 3 }, [0, 0, 0], 0],
  [{ kind: "levy", dimension: 3 }, [1, 1, 1], 0],
  [{ kind: "styblinski-tang" }, [-2.903534, -2.903534], -78.33233],
  [{ kind: "styblinski-tang" }, [2.746803, -2.903534], -64.19561],
  [{ kind: "himmelblau" }, [3, 2], 0],
  [{ kind: "himmelblau" }, [-2.805118, 3.131312], 0],
  [{ kind: "himmelblau" }, [-3.77931, -3.283186], 0],
  [{ kind: "himmelblau" }, [3.584428, -1.848126], 0],
  [{ kind: "beale" }, [3, 0.5], 0],
  [{ kind: "saddle" }, [0, 1], -0.25],
  [{ kind: "saddle", escape: 4 }, [0, -2], -4],
];

test.each(published)("%j has a minimum at %j with loss %d", (input, parameters, loss) => {
  const landscape = build(input);
  const found = landscape.minima?.find((minimum) =>
    minimum.parameters.every((value, j) => Math.abs(value - parameters[j]) < 1e-6),
  );
  expect(found?.loss).toBeCloseTo(loss, 4);
});

/** Values away from the minima, by hand. */
test.each<[ProblemInput["landscape"], number[], number]>([
  [{ kind: "rosenbrock" }, [-1.2, 1], 24.2],
  [{ kind: "rosenbrock", steepness: 1 }, [0, 2], 5],
  [{ kind: "rastrigin" }, [0.5, 1], 21.25],
  [{ kind: "ackley" }, [1, 1], 20 * (1 - Math.exp(-0.2))],
  [{ kind: "griewank", dimension: 1 }, [2 * Math.PI], Math.PI ** 2 / 1000],
  [{ kind: "levy" }, [5, 1], 1 + 10 * Math.sin(1) ** 2],
  [{ kind: "styblinski-tang" }, [1, 0], -5],
  [{ kind: "himmelblau" }, [0, 0], 170],
  [{ kind: "beale" }, [0, 0], 14.203125],
  [{ kind: "saddle" }, [2, 2], 4],
])("%j is at %j %d", (input, parameters, loss) => {
  expect(at(build(input), parameters).loss).toBeCloseTo(loss, 12);
});

const listed: ProblemInput["landscape"][] = [
  ...published.map(([landscape]) => landscape),
  { kind: "double-well", dimension: 3, tilt: -0.2 },
  { kind: "double-well", tilt: 0 },
  { kind: "double-well", tilt: 3 },
  { kind: "styblinski-tang", dimension: 9 },
  {
    kind: "matrix-factorisation",
    matrix: [
      [3, 0, 1],
      [0, 2, 1],
    ],
  },
  { kind: "matrix-factorisation", matrix: [[3], [4]], rank: 2 },
  { kind: "linear-regression", features: [[1], [2], [4]], targets: [1, 2, 9] },
  { kind: "linear-regression", features: [[1], [1]], targets: [1, 3], ridge: 0.5 },
  { kind: "random-quadratic", dimension: 3 },
];

describe.each(listed)("%j", (input) => {
  const landscape = build(input);
  const minima = landscape.minima ?? [];

  test("its minima are stationary, have the loss they say, and none is lower than a global one", () => {
    expect(minima.length).toBeGreaterThan(0);
    expect(minima[0].global).toBe(true);
    for (const { parameters, loss, global } of minima) {
      const found = at(landscape, parameters);
      expect(found.loss).toBeCloseTo(loss, 10);
      for (const slope of found.gradient) expect(slope).toBeCloseTo(0, 8);
      expect(loss).toBeGreaterThanOrEqual(minima[0].loss);
      expect(global).toBe(loss === minima[0].loss);
    }
  });

  test("its minima curve upwards in every direction, and points around them are higher", () => {
    for (const { parameters, loss } of minima) {
      for (let k = 0; k < 20; k++) {
        const direction = Float64Array.from(parameters, (_, j) => Math.sin(1 + 7 * k + 3 * j));
        expect(bend(landscape, parameters, direction)).toBeGreaterThan(-1e-9);
        const near = parameters.map((value, j) => value + 0.01 * direction[j]);
        expect(at(landscape, near).loss).toBeGreaterThanOrEqual(loss);
      }
    }
  });
});

test("a factorisation's best loss is the sum of the squared singular values that are left", () => {
  const matrix = [
    [3, 0],
    [0, 2],
  ];
  expect(build({ kind: "matrix-factorisation", matrix }).minima?.[0].loss).toBeCloseTo(4, 12);
  expect(build({ kind: "matrix-factorisation", matrix, rank: 2 }).minima?.[0].loss).toBeCloseTo(0, 12);
});

test("linear regression finds the line through its points", () => {
  const { minima } = build({ kind: "linear-regression", features: [[0], [1], [2]], targets: [1, 3, 5] });
  expect(minima?.[0].parameters[0]).toBeCloseTo(2, 12);
  expect(minima?.[0].parameters[1]).toBeCloseTo(1, 12);
});

test("a steep tilt leaves a double well one valley", () => {
  const count = (tilt: number) => build({ kind: "double-well", tilt }).minima?.length;
  expect([0, 1.5, 1.54, -1.54].map(count)).toEqual([2, 2, 1, 1]);
});

test("the tip of Ackley's cone is flat, and no NaN", () => {
  const landscape = build({ kind: "ackley" });
  expect(at(landscape, [0, 0])).toEqual({ loss: expect.closeTo(0, 14), gradient: [0, 0] });
  expect(bend(landscape, [0, 0], Float64Array.of(1, 1))).not.toBeNaN();
});
