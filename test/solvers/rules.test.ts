import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { adam, gradientDescent, heavyBall, rmsprop } from "../../solvers/rules/recipes.js";
import { scaleByAdam } from "../../solvers/rules/scale-by-adam.js";
import { expectClose } from "./close.js";

const timeStep = 0.2;
const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [1] }, objective: { timeStep } });

/** Increments of θ, one per gradient. */
function increments<State>(policy: Policy<State>, gradients: number[]): number[] {
  let state = policy.init(1);
  return gradients.map((gradient) => {
    const action = new Float64Array(1);
    state = policy.act(Float64Array.from([gradient, 99]), state, action);
    return timeStep * action[0];
  });
}

describe("on the gradients 1, 2, -1", () => {
  test.each([
    {
      name: "gradient descent",
      policy: gradientDescent(problem, { learningRate: 0.1 }),
      expected: [-0.1, -0.2, 0.1],
    },
    {
      name: "heavy ball",
      policy: heavyBall(problem, { learningRate: 0.1, momentum: 0.5 }),
      expected: [-0.1, -0.25, -0.025],
    },
    {
      name: "RMSprop",
      policy: rmsprop(problem, { learningRate: 0.1, decay: 0.5, epsilon: 0 }),
      expected: [-0.1 / Math.sqrt(0.5), -0.2 / Math.sqrt(2.25), 0.1 / Math.sqrt(1.625)],
    },
    {
      name: "Adam",
      policy: adam(problem, { learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0 }),
      expected: [
        -0.1,
        (-0.1 * 1.25) / 0.75 / Math.sqrt(1.1875 / 0.4375),
        (-0.1 * 0.125) / 0.875 / Math.sqrt(1.140625 / 0.578125),
      ],
    },
    {
      name: "Adam without bias correction",
      policy: adam(problem, {
        learningRate: 0.1,
        beta1: 0.5,
        beta2: 0.75,
        epsilon: 0,
        biasCorrection: false,
      }),
      expected: [
        (-0.1 * 0.5) / Math.sqrt(0.25),
        (-0.1 * 1.25) / Math.sqrt(1.1875),
        (-0.1 * 0.125) / Math.sqrt(1.140625),
      ],
    },
  ])("$name", ({ policy, expected }) => {
    expectClose(increments(policy, [1, 2, -1]), expected, 1e-12);
  });
});

test("epsilon bounds a step on a vanishing gradient", () => {
  expectClose(increments(adam(problem, { learningRate: 1, epsilon: 1e-3 }), [1e-3]), [-0.5], 1e-9);
  expect(increments(adam(problem, { epsilon: 0 }), [0])).toEqual([-0]);
});

test("Adam does not see the scale of the gradients", () => {
  const gradients = fc.array(
    fc.integer({ min: -100, max: 100 }).filter((value) => value !== 0),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(gradients, fc.integer({ min: -3, max: 3 }), (values, power) => {
      const options = { epsilon: 0 };
      expectClose(
        increments(
          adam(problem, options),
          values.map((value) => value * 2 ** power),
        ),
        increments(adam(problem, options), values),
        1e-9,
      );
    }),
    { seed: 6 },
  );
});

test("bad hyperparameters are refused", () => {
  expect(() => gradientDescent(problem, { learningRate: -1 })).toThrow("learningRate: must be > 0, got -1");
  expect(() => heavyBall(problem, { learningRate: 1, momentum: 1 })).toThrow(
    "momentum: must be in [0, 1), got 1",
  );
  expect(() => scaleByAdam({ beta2: Number.NaN })).toThrow("beta2: must be in [0, 1), got NaN");
});

test("a rule refuses what it cannot push", () => {
  const pushed = (control: number[][]) => defineProblem({ ...problem, geometry: { control } });
  expect(() => gradientDescent(pushed([[2]]), { learningRate: 1 })).toThrow(
    "geometry.control: must be absent, or I, for gradient descent",
  );
  const free = gradientDescent(pushed([[1]]), { learningRate: 0.1 });
  expectClose(increments(free, [1]), [-0.1], 1e-12);
  const tuned = defineProblem({
    ...problem,
    action: { kind: "hyperparameters", rule: "adam", per: "global" },
  });
  expect(() => gradientDescent(tuned, { learningRate: 1 })).toThrow(
    'action.kind: must be "velocity" for gradient descent, got "hyperparameters"',
  );
});
