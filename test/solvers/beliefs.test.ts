import fc from "fast-check";
import { inverse, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import type { Belief, BeliefState } from "../../solvers/beliefs/belief.js";
import { kalman } from "../../solvers/beliefs/kalman.js";
import { revealedMinimum } from "../../solvers/beliefs/revealed.js";
import { runLength } from "../../solvers/beliefs/run-length.js";
import { conditionJointly, enumerateRedraws, type Looks } from "../oracles/filters.js";
import { taskCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";
import { positiveDefinite } from "./random-problems.js";

/** Runs a belief on one environment's record, and returns the posterior mean after each step, [steps, d]. */
function record<State extends BeliefState>(
  belief: Belief<State>,
  parameters: number[][],
  gradients: number[][],
) {
  let state = belief.init(1);
  return parameters.map((theta, t) => {
    state = belief.update(Float64Array.from(gradients[t]), Float64Array.from(theta), state);
    return Array.from(state.posteriorMean);
  });
}

const rows = (values: number[]) => values.map((value) => [value]);

test.each(taskCases.map((each, index) => ({ each, index })))("reference problem $index", ({ each }) => {
  const problem = defineProblem(each.problem);
  const { parameters, gradients, posteriorMean } = each.expected;
  const belief: Belief<BeliefState> =
    problem.task.kind === "redrawn" ? (runLength(problem) as never) : (kalman(problem) as never);
  expectClose(record(belief, rows(parameters), rows(gradients)), posteriorMean, 1e-8);
});

type TaskKind = NavigationProblem["task"]["kind"];

/** A random problem of two coordinates, a record of four steps, and the same as looks at μ. */
const randomRecord = (kind: TaskKind) =>
  fc
    .record({
      entries: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 }),
      dense: fc.boolean(),
      fisher: fc.boolean(),
      rate: fc.double({ min: 0.5, max: 8, noNaN: true }),
    })
    .map(({ entries, dense, fisher, rate }) => {
      const shape = (matrix: number[][]) =>
        dense ? matrix : matrix.map((row, i) => row.map((v, j) => (i === j ? v : 0)));
      const curvature = shape(positiveDefinite(entries.slice(0, 4), 2));
      const covariance = shape(positiveDefinite(entries.slice(4, 8), 2));
      const mean = entries.slice(8, 10);
      const parameters = [0, 1, 2, 3].map((t) => entries.slice(10 + 2 * t, 12 + 2 * t));
      const gradients = [0, 1, 2, 3].map((t) => entries.slice(18 + 2 * t, 20 + 2 * t).map((v) => 2 * v));
      const task = {
        static: { kind, mean, covariance },
        redrawn: { kind, hazardRate: rate, mean, covariance },
        drifting: { kind, relaxationRate: rate, mean, covariance },
      }[kind] as ProblemInput["task"] & object;
      const noise = fisher ? { fisher: { batchSize: 2 } } : 0.7;
      const problem = defineProblem({
        landscape: { kind: "quadratic", curvature },
        task,
        observation: { kind: "gradient", noise },
      });
      const back = inverse(new Matrix(curvature));
      const looks = parameters.map((theta, t) =>
        Matrix.sub(Matrix.columnVector(theta), back.mmul(Matrix.columnVector(gradients[t]))).to1DArray(),
      );
      const noiseCovariance = fisher ? Matrix.mul(back, 0.5) : back.mmul(back).mul(0.49);
      const all: Looks = { mean, covariance, noise: noiseCovariance.to2DArray(), looks };
      return { problem, parameters, gradients, all };
    });

describe("agrees with conditioning on the whole history", () => {
  test.each(["static", "drifting"] as const)("Kalman, %s", (kind) => {
    fc.assert(
      fc.property(randomRecord(kind), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) =>
          conditionJointly({ ...all, looks: all.looks.slice(0, t + 1) }, survivalOf(problem)),
        );
        expectClose(record(kalman(problem), parameters, gradients), expected, 1e-8);
      }),
      { numRuns: 50, seed: 4 },
    );
  });

  test("run lengths", () => {
    fc.assert(
      fc.property(randomRecord("redrawn"), ({ problem, parameters, gradients, all }) => {
        const expected = all.looks.map((_, t) =>
          enumerateRedraws({ ...all, looks: all.looks.slice(0, t + 1) }, survivalOf(problem)),
        );
        expectClose(record(runLength(problem), parameters, gradients), expected, 1e-8);
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});

const redrawn = (hazardRate: number, noise = 0.5) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature: [2] },
    task: { kind: "redrawn", hazardRate, mean: [0.3], covariance: [[1.5]] },
    observation: { kind: "gradient", noise },
  });

test("the steady gain is where the gain goes", () => {
  const { kind: _, ...gaussian } = { ...redrawn(1).task, kind: 0 };
  const problem = defineProblem({
    ...redrawn(1),
    task: { ...(gaussian as object), kind: "redrawn" } as never,
  });
  const belief = kalman(problem);
  let state = belief.init(1);
  for (let t = 0; t < 400; t++) state = belief.update(new Float64Array(1), new Float64Array(1), state);
  const before = state.posteriorMean[0];
  state = belief.update(new Float64Array([1]), new Float64Array(1), state);
  const rested =
    0.3 + belief.survival * (before - 0.3) * (1 - belief.steadyGain[0]) - 0.3 * belief.steadyGain[0];
  expectClose(state.posteriorMean[0] - rested, -belief.steadyGain[0] / 2, 1e-10);
});

test("a static prior-free filter has gain 1/n", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    task: { kind: "static", mean: [0], covariance: [[1e12]] },
    observation: { kind: "gradient", noise: 1 },
  });
  const means = record(kalman(problem), rows([0, 0, 0, 0]), rows([1, -3, 5, 2]));
  expectClose(means, [-1, 1, -1, -5 / 4], 1e-9);
});

test("a batch is as many single environments", () => {
  const problem = redrawn(0.4);
  const belief = runLength(problem);
  const steps = 120;
  const at = (e: number, t: number) => Math.sin(3 * e + 0.7 * t) + (t > 60 ? 4 * Math.cos(e) : 0);
  let batch = belief.init(3);
  const singles = [0, 1, 2].map((e) =>
    record(
      runLength(problem),
      rows(new Array(steps).fill(0)),
      rows(Array.from({ length: steps }, (_, t) => at(e, t))),
    ),
  );
  for (let t = 0; t < steps; t++) {
    batch = belief.update(
      Float64Array.from([0, 1, 2], (e) => at(e, t)),
      new Float64Array(3),
      batch,
    );
    expect(Array.from(batch.posteriorMean)).toEqual(singles.map((means) => means[t][0]));
  }
});

test("pruning loses next to nothing, and says how much", () => {
  const belief = runLength(redrawn(0.4));
  let state = belief.init(1);
  for (let t = 0; t < 500; t++) {
    const minimum = Math.floor(t / 50) % 2 ? 2 : -1;
    state = belief.update(
      Float64Array.from([2 * (0 - minimum) + Math.sin(t * t)]),
      new Float64Array(1),
      state,
    );
  }
  expect(state.counts[0]).toBeLessThan(200);
  expect(state.lostMass[0]).toBeGreaterThan(0);
  expect(state.lostMass[0]).toBeLessThan(1e-8);
  const held = state.weights.subarray(0, state.counts[0]).reduce((sum, weight) => sum + weight, 0);
  expectClose(held, 1, 1e-12);
});

test("an exact gradient reveals the minimum", () => {
  const problem = defineProblem({
    landscape: {
      kind: "quadratic",
      curvature: [
        [2, 1],
        [1, 3],
      ],
    },
  });
  expectClose(record(revealedMinimum(problem), [[1, 1]], [[3, 4]]), [0, 0], 1e-12);
  expect(() => kalman(redrawn(1, 0))).toThrow("observation.noise: must be > 0 for a belief, got 0");
});
