import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput, rollout } from "../../envs/index.js";
import { predict, solve, solveScalar } from "../../solvers/index.js";

const objective = { mobility: 1, lossWeight: 1, discountRate: 0.5, timeStep: 0.1 };

/** What a rule costs from a point, over steps enough for ever. */
function simulated(input: ProblemInput, parameters: number[]) {
  const problem = defineProblem(input);
  const solution = solve(problem);
  const from = { ...problem, start: { kind: "point", parameters } as const };
  const [cost] = rollout(from, solution.policy, { steps: 1000, seed: 1, episodes: 1 }).costs;
  return { solution, cost, value: solution.value(parameters) };
}

describe("a loss that is flat along a direction", () => {
  test("is that of fewer parameters, and its rule moves along no others", () => {
    const diagonal = { landscape: { kind: "quadratic", curvature: [2, 0] }, objective } as const;
    const { solution, cost, value } = simulated(diagonal, [1, 5]);
    const { gain } = solveScalar({ curvature: 2, ...objective });
    expect(solution.status).toBe("exact");
    expect(solution.discrete?.gain.flat()).toEqual([expect.closeTo(gain, 10), 0, 0, 0]);
    expect(cost).toBeCloseTo(value, 10);
    expect(solution.rule.hyperparameters).toEqual(
      solve(defineProblem({ landscape: { kind: "quadratic", curvature: [2] }, objective })).rule
        .hyperparameters,
    );
    expect(predict(defineProblem(diagonal)).horizonExponents).toEqual(
      predict(defineProblem({ landscape: { kind: "quadratic", curvature: [2] }, objective }))
        .horizonExponents,
    );
  });

  test("may be turned", () => {
    const ones = [
      [1, 1],
      [1, 1],
    ];
    const { solution, cost, value } = simulated(
      { landscape: { kind: "quadratic", curvature: ones }, objective },
      [3, -1],
    );
    // Along (1, 1)/√2 the curvature is 2 and the distance √2.
    const { value: constant } = solveScalar({ curvature: 2, ...objective });
    expect(value).toBeCloseTo(0.5 * constant * 2, 8);
    expect(cost).toBeCloseTo(value, 8);
    expect(solution.discrete?.gain[0][0]).toBeCloseTo(solution.discrete?.gain[0][1] ?? Number.NaN, 10);
  });

  test("may hold the velocity of a heavy ball", () => {
    const { solution, cost, value } = simulated(
      {
        landscape: { kind: "quadratic", curvature: [1, 0] },
        geometry: {
          control: [[0], [1]],
          drift: {
            matrix: [
              [0, 1],
              [0, -0.5],
            ],
            offset: [0, 0],
          },
        },
        objective,
      },
      [1, 0],
    );
    expect(solution.rule.name).toBe("heavy ball");
    expect(cost).toBeCloseTo(value, 8);
  });

  test("is refused where something runs away along it unseen", () => {
    const problem = (discountRate: number) =>
      defineProblem({
        landscape: { kind: "quadratic", curvature: [1, 0] },
        geometry: {
          drift: {
            matrix: [
              [0, 0],
              [0, 1],
            ],
            offset: [0, 0],
          },
        },
        objective: { discountRate, timeStep: 0.1 },
      });
    expect(() => solve(problem(1.9))).toThrow(
      "landscape.curvature: not detectable: the loss is flat along a direction that does not decay by itself (eigenvalue 1.1)",
    );
    expect(solve(problem(2.1)).status).toBe("exact");
  });
});
