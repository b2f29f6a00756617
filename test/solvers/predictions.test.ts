import { expect, test } from "vitest";
import { channelOffset, observationSizeOf } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { bayesOptimalPolicy } from "../../solvers/policies/bayes-optimal.js";
import { predictedExponents, predictedMomentum, priorWeight } from "../../solvers/predictions.js";
import { solveScalar } from "../../solvers/scalar.js";
import { taskCases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";

test.each([
  { discountRate: 100, timeStep: 0.1, exponent: -0.05 },
  { discountRate: 10, timeStep: 0.1, exponent: -0.08 },
  { discountRate: 1, timeStep: 0.1, exponent: -0.3 },
  { discountRate: 0.01, timeStep: 0.01, exponent: -0.5 },
  { discountRate: 0.01, timeStep: 1, exponent: -0.74 },
  { discountRate: 0.01, timeStep: 10, exponent: -0.96 },
])("horizon exponent at γ = $discountRate, Δt = $timeStep", ({ discountRate, timeStep, exponent }) => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
    objective: { discountRate, timeStep },
  });
  const { squares, adaptivity } = predictedExponents(problem);
  expect(Math.abs(squares - exponent)).toBeLessThan(0.0051);
  expect(adaptivity).toBe(1 + 2 * squares);
});

test("the exponent is the slope of the gain", () => {
  for (const curvature of [0.01, 1, 50]) {
    const at = (h: number) =>
      Math.log(
        solveScalar({
          curvature: h,
          metric: 2,
          mobility: 0.7,
          lossWeight: 3,
          discountRate: 0.4,
          timeStep: 0.3,
        }).gain / h,
      );
    const step = 1e-4;
    const slope = (at(curvature * (1 + step)) - at(curvature * (1 - step))) / (2 * step);
    const { horizonExponent } = solveScalar({
      curvature,
      metric: 2,
      mobility: 0.7,
      lossWeight: 3,
      discountRate: 0.4,
      timeStep: 0.3,
    });
    expect(horizonExponent).toBeCloseTo(slope, 6);
  }
});

test("the scalar closed form keeps its digits at every horizon", () => {
  for (const discountRate of [0, 1e-9, 1e5]) {
    for (const curvature of [1e-8, 1, 1e8]) {
      const { after, gain, contraction, value } = solveScalar({
        curvature,
        mobility: 1,
        lossWeight: 1,
        discountRate,
        timeStep: 0.1,
      });
      const [cost, push, discount] = [0.1 * curvature, 0.1, Math.exp(-0.1 * discountRate)];
      expectClose(after, cost + (discount * after) / (1 + push * after), 1e-12);
      expectClose(gain, after / (1 + 0.1 * after), 1e-12);
      expectClose(contraction, 1 / (1 + push * after), 1e-12);
      expectClose(value, after * contraction, 1e-12);
    }
  }
});

test("the momentum kernel is what a pulse does to the exact policy", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [2, 0.5] },
    objective: { discountRate: 0.3 },
    task: {
      kind: "drifting",
      relaxationRate: 0.4,
      mean: [0.5, -1],
      covariance: [
        [1, 0],
        [0, 2],
      ],
    },
    observation: { kind: "gradient", noise: 0.7 },
  });
  const respond = (pulse: number) => {
    const policy = bayesOptimalPolicy(problem);
    let state = policy.init(1);
    const answers: number[][] = [];
    for (let t = 0; t < 700; t++) {
      const observation = new Float64Array(observationSizeOf(problem));
      observation.fill(
        t === 300 ? pulse : 0,
        channelOffset(problem, "gradient"),
        channelOffset(problem, "gradient") + 2,
      );
      const action = new Float64Array(2);
      state = policy.act(observation, state, action);
      if (t >= 300) answers.push(Array.from(action));
    }
    return answers;
  };
  const still = respond(0);
  const answer = respond(1).map((action, t) => action.map((value, i) => still[t][i] - value));
  const { decay, initial, mass } = predictedMomentum(problem);
  expectClose(answer[0], initial, 1e-9);
  expectClose(
    answer[6].map((value, i) => value / answer[5][i]),
    decay,
    1e-9,
  );
  expectClose(
    [0, 1].map((i) => answer.reduce((sum, action) => sum + action[i], 0)),
    mass,
    1e-9,
  );
});

test("the prior weight is the reference one", () => {
  for (const { problem, expected } of taskCases)
    expectClose(priorWeight(defineProblem(problem)), expected.priorWeight, 1e-8);
});

test("what has no prediction says so", () => {
  const still = defineProblem({
    landscape: {
      kind: "quadratic",
      curvature: [
        [2, 1],
        [1, 2],
      ],
    },
  });
  expect(() => predictedMomentum(still)).toThrow('task.kind: must be "redrawn" or "drifting"');
  expect(() => predictedExponents(still)).toThrow("landscape.curvature: must be a diagonal or logUniform");
});
