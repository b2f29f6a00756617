import { describe, expect, test } from "vitest";
import { momentumKernel } from "../../agents/probes/momentum-kernel.js";
import { resetWeight } from "../../agents/probes/reset-weight.js";
import { channelOffset, observationSizeOf } from "../../envs/problem/problem.js";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { bayesOptimalPolicy } from "../../solvers/policies/bayes-optimal.js";
import { predict, predictedExponents, predictedMomentum, priorWeight } from "../../solvers/predictions.js";
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

describe("predict", () => {
  const eye = [
    [1, 0],
    [0, 1],
  ];
  const metric = [
    [2, 0.5],
    [0.5, 1],
  ];
  const quadratic = { kind: "quadratic", curvature: [2, 2] } as const;
  const drifting = { kind: "drifting", relaxationRate: 0.5, mean: [0, 1], covariance: eye } as const;
  const noisy = { kind: "gradient", noise: 1 } as const;
  const hidden = { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.01, 100] } } as const;
  const still = { kind: "static", mean: [0, 0], covariance: eye } as const;
  const fisher = { kind: "gradient", noise: { fisher: { batchSize: 1 } } } as const;

  test.each<[string, ProblemInput, string[]]>([
    ["nothing hidden", { landscape: quadratic }, ["horizonExponents", "geometry"]],
    ["a dense metric", { landscape: quadratic, geometry: { metric } }, ["geometry"]],
    [
      "a drift",
      {
        landscape: quadratic,
        geometry: { drift: { matrix: eye, offset: [1, 0] } },
        objective: { discountRate: 3 },
      },
      [],
    ],
    [
      "a changing minimum",
      { landscape: quadratic, task: drifting, observation: noisy },
      ["horizonExponents", "momentum", "resetWeight", "geometry"],
    ],
    [
      "a changing minimum that is told",
      { landscape: quadratic, task: drifting, observation: { kind: "state" } },
      ["horizonExponents", "resetWeight", "geometry"],
    ],
    [
      "a lasting minimum",
      { landscape: quadratic, task: still, observation: noisy },
      ["horizonExponents", "resetWeight", "geometry"],
    ],
    [
      "late gradients",
      { landscape: quadratic, task: drifting, observation: { ...noisy, delay: 2 } },
      ["horizonExponents", "resetWeight", "geometry"],
    ],
    [
      "a hidden curvature",
      { landscape: hidden, task: still, observation: fisher },
      ["horizonExponents", "adaptivity"],
    ],
    [
      "a hidden curvature that noise does not tell",
      { landscape: hidden, task: still, observation: noisy },
      ["horizonExponents"],
    ],
  ])("%s", (_, input, defined) => {
    const prediction = predict(defineProblem(input));
    expect(Object.keys(prediction)).toEqual([...defined, "expectedCost"]);
    for (const value of Object.values(prediction)) expect(value).not.toBeUndefined();
  });

  test("nothing is predicted for other landscapes and actions", () => {
    expect(predict(defineProblem({ landscape: { kind: "double-well" } }))).toEqual({});
    const action = { kind: "hyperparameters", rule: "adam", per: "global" } as const;
    expect(predict(defineProblem({ landscape: quadratic, action }))).toEqual({});
  });

  test("what the probes find in the exact policy", () => {
    const problem = defineProblem({
      landscape: quadratic,
      objective: { discountRate: 0.4 },
      task: { ...drifting, mean: [0.5, 0.5] },
      observation: noisy,
    });
    const exact = bayesOptimalPolicy(problem);
    const { momentum, resetWeight: weight, expectedCost } = predict(problem);
    const kernel = momentumKernel(problem, exact, { seed: 1, episodes: 2, length: 120 });
    expect(kernel.decay).toBeCloseTo(momentum!.decay[0], 6);
    expect(-kernel.mass).toBeCloseTo(momentum!.mass[0], 6);
    expect(resetWeight(problem, exact, { seed: 1 })).toBeCloseTo(weight as number, 2);
    expect(expectedCost!.optimal).toBeGreaterThan(expectedCost!.informed);
  });

  test("the geometry: the metric's inverse for a short horizon, Newton's for long steps", () => {
    const curvature = [
      [3, 1],
      [1, 2],
    ];
    const of = (objective: ProblemInput["objective"] & object) =>
      predict(defineProblem({ landscape: { kind: "quadratic", curvature }, objective, geometry: { metric } }))
        .geometry!;
    const scaled = (rows: number[][]) => rows.map((row) => row.map((value) => value / rows[0][0]));
    // G⁻¹ ∝ [1 −½; −½ 2] and H⁻¹ ∝ [2 −1; −1 3].
    expectClose(
      scaled(of({ discountRate: 1e5, timeStep: 1e-6 })),
      [
        [1, -0.5],
        [-0.5, 2],
      ],
      1e-4,
    );
    expectClose(
      scaled(of({ discountRate: 0.01, timeStep: 1e4 })),
      [
        [1, -0.5],
        [-0.5, 1.5],
      ],
      1e-3,
    );
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature },
      geometry: { metric },
      task: still,
      observation: { kind: "gradient", channels: ["gradient"] },
    });
    const actions = new Float64Array(2);
    const policy = bayesOptimalPolicy(problem);
    policy.act(Float64Array.of(0.3, -0.7), policy.init(1), actions);
    const pushed = predict(problem).geometry!.map(([a, b]) => -(0.3 * a - 0.7 * b));
    expectClose(actions, pushed, 1e-12);
  });
});
