import fc from "fast-check";
import { Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { scalarOf } from "../../solvers/dense.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { type LinearQuadratic, solveContinuous, solveDiscrete } from "../../solvers/riccati.js";
import { continuousTaskLaw, discreteTaskLaw } from "../../solvers/task-law.js";
import { taskCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";
import { randomProblem } from "./random-problems.js";

describe.each(taskCases.map((each, index) => ({ each, index })))("reference problem $index", ({ each }) => {
  const problem = defineProblem(each.problem);

  test("gain, shrinkage and prior weight", () => {
    const law = discreteTaskLaw(problem);
    expectClose(law.gain, each.expected.gain, 1e-8);
    expectClose(law.shrinkage as number, each.expected.shrinkage, 1e-8);
    expectClose(law.priorWeight as number, each.expected.priorWeight, 1e-8);
  });

  test("the continuous shrinkage is (γ + R)/(γ + R + λ)", () => {
    const { gain, shrinkage } = continuousTaskLaw(problem);
    const { task, objective } = problem;
    const rate =
      task.kind === "redrawn" ? task.hazardRate : task.kind === "drifting" ? task.relaxationRate : 0;
    const patience = objective.discountRate + gain[0][0];
    expectClose(shrinkage as number, patience / (patience + rate), 1e-12);
  });
});

describe("what is isotropic is a number", () => {
  const curvature = [
    [3, 1, 0.5],
    [1, 2, -0.3],
    [0.5, -0.3, 1.7],
  ];
  const lawIn = (metric: number[][], relaxationRate: number) =>
    discreteTaskLaw(
      defineProblem({
        landscape: { kind: "quadratic", curvature },
        geometry: { metric },
        objective: { discountRate: 0.3 },
        task: { kind: "drifting", relaxationRate, mean: [0, 0, 0], covariance: Matrix.eye(3).to2DArray() },
      }),
    );

  test.each([1, 1e-6])("G = H, whose law is isotropic to rounding, forgetting %d per time", (rate) => {
    const { shrinkage, priorWeight } = lawIn(curvature, rate);
    const alone = discreteTaskLaw(
      defineProblem({
        landscape: { kind: "quadratic", curvature: [1] },
        objective: { discountRate: 0.3 },
        task: { kind: "drifting", relaxationRate: rate, mean: [0], covariance: [[1]] },
      }),
    );
    expectClose(shrinkage as number, alone.shrinkage as number, 1e-13);
    expectClose(1 - (priorWeight as number), alone.shrinkage as number, 1e-13);
  });

  test("a metric that differs by 1e-8 is not isotropic", () => {
    const metric = curvature.map((row, i) =>
      row.map((value, j) => (i === 1 && j === 1 ? value + 1e-8 : value)),
    );
    const { shrinkage, priorWeight } = lawIn(metric, 1);
    expect(shrinkage).toHaveLength(3);
    expect(priorWeight).toHaveLength(3);
  });
});

test("scalarOf takes rounding for nothing, and nothing more", () => {
  const almost = (error: number) => Matrix.diag([2, 2 + error, 2]);
  expect(scalarOf(almost(1e-15))).toBe(2);
  expect(scalarOf(almost(1e-10))).toBeNull();
  expect(
    scalarOf(
      new Matrix([
        [2, 1e-10],
        [0, 2],
      ]),
    ),
  ).toBeNull();
  expect(scalarOf(Matrix.zeros(2, 2))).toBe(0);
  expect(scalarOf(Matrix.ones(1, 2))).toBeNull();
});

function objectiveOf({ mobility, lossWeight, discountRate, timeStep }: LinearQuadratic) {
  return { mobility, lossWeight, discountRate, timeStep };
}

/**
 * The same law from one Riccati equation for (θ, ν), where ν reverts to μ₀ by itself. In discrete time the loss
 * after a step is that of the task before it, so ν is the last task: μ = μ₀ + a(ν − μ₀).
 */
test("the law is that of the augmented problem", () => {
  fc.assert(
    fc.property(
      randomProblem({ drift: true }),
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      (base, rate) => {
        const size = base.curvature.length;
        const eye = base.curvature.map((_, i) => base.curvature.map((_, j) => (i === j ? 1 : 0)));
        const problem = defineProblem({
          landscape: { kind: "quadratic", curvature: base.curvature },
          objective: objectiveOf(base),
          geometry: { metric: base.metric, drift: { matrix: base.drift, offset: base.offset } },
          task: { kind: "drifting", relaxationRate: rate, mean: base.minimum, covariance: eye },
        });
        for (const time of ["continuous", "discrete"] as const) {
          const perTime = time === "continuous" ? rate : -Math.expm1(-rate * base.timeStep) / base.timeStep;
          const matrices = linearQuadraticOf(problem);
          const block = (a: number, b: number) =>
            base.curvature.flatMap((row) => [row.map((h) => a * h).concat(row.map((h) => b * h))]);
          const augmented = {
            ...matrices,
            curvature: [...block(1, -1), ...block(-1, 1)],
            drift: [
              ...base.drift.map((row) => [...row, ...eye[0].map(() => 0)]),
              ...eye.map((row) => [...row.map(() => 0), ...row.map((value) => -perTime * value)]),
            ],
            offset: [...base.offset, ...base.minimum.map((value) => perTime * value)],
            control: [...eye, ...eye.map((row) => row.map(() => 0))],
            minimum: new Array<number>(2 * size).fill(0),
          };
          const expected = (time === "continuous" ? solveContinuous : solveDiscrete)(augmented);
          const law = (time === "continuous" ? continuousTaskLaw : discreteTaskLaw)(problem);
          expectClose(
            law.gain,
            expected.gain.map((row) => row.slice(0, size)),
            1e-8,
          );
          const kept = time === "continuous" ? 1 : Math.exp(-rate * base.timeStep);
          const taskGain = law.taskGain.map((row) => row.map((value) => -kept * value));
          const constant = law.constant.map(
            (value, i) =>
              value + (1 - kept) * law.taskGain[i].reduce((sum, g, j) => sum + g * base.minimum[j], 0),
          );
          expectClose(
            taskGain,
            expected.gain.map((row) => row.slice(size)),
            1e-8,
          );
          expectClose(constant, expected.feedforward, 1e-7);
        }
      },
    ),
    { numRuns: 40, seed: 3 },
  );
});

test("a static hidden minimum is not shrunk", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1, 3] },
    objective: { discountRate: 0.3 },
    task: {
      kind: "static",
      mean: [1, 2],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
  });
  expectClose(discreteTaskLaw(problem).shrinkage as number, 1, 1e-12);
  expectClose(continuousTaskLaw(problem).priorWeight as number, 0, 1e-12);
});
