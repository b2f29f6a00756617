import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/index.js";
import { bayesOptimalPolicy, expectedCost, kalman, qmdpPolicy, solve } from "../../solvers/index.js";

const hidden: ProblemInput = {
  landscape: { kind: "quadratic", curvature: [1, 2] },
  objective: { discountRate: 0.5 },
  task: {
    kind: "static",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 1 },
};

/** What the exact solvers do not model, they refuse. */
describe("refusals", () => {
  const seeing = (observation: ProblemInput["observation"] & object) =>
    defineProblem({ ...hidden, observation });

  const unsaid = (kind: string) =>
    `observation.kind: must be "gradient", of all or some coordinates, for an exact belief, or "state", got "${kind}"`;

  test.each<[ProblemInput["observation"] & object, string]>([
    [{ kind: "sign", noise: 1 }, unsaid("sign")],
    [{ kind: "loss", noise: 1 }, unsaid("loss")],
    [{ kind: "sign" }, unsaid("sign")],
    [{ kind: "loss" }, unsaid("loss")],
  ])("%j", (observation, message) => {
    expect(() => solve(seeing(observation))).toThrow(new Error(message));
    expect(() => bayesOptimalPolicy(seeing(observation))).toThrow(new Error(message));
    expect(expectedCost(seeing(observation)).optimal).toBeNull();
  });

  test("a filter of late or partial gradients", () => {
    expect(() => kalman(seeing({ kind: "gradient", noise: 1, delay: 2 }))).toThrow(
      "observation.delay: must be 0 where the present gradient is needed, got 2",
    );
    const adaptive = defineProblem({
      ...hidden,
      landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
      observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } }, coordinates: [0] },
    });
    expect(() => qmdpPolicy(adaptive)).toThrow("observation.coordinates");
  });

  test("actions that are not velocities", () => {
    const problem = defineProblem({ ...hidden, action: { kind: "hyperparameters", rule: "adam" } });
    expect(() => solve(problem)).toThrow(
      new Error('action.kind: must be "velocity" for an exact solution, got "hyperparameters"'),
    );
  });
});

test("a known minimum needs no prompt gradient", () => {
  const known = (observation: ProblemInput["observation"] & object) =>
    defineProblem({ landscape: { kind: "quadratic", curvature: [1, 2] }, observation });
  for (const observation of [{ kind: "sign" }, { kind: "loss" }, { kind: "gradient", delay: 3 }] as const)
    expect(solve(known(observation)).status).toBe("exact");
});

test("a loss that the belief does not use leaves the optimum bracketed", () => {
  const channels = ["gradient", "parameters", "loss"] as const;
  const observation = { kind: "gradient", noise: 1, channels } as const;
  const { status, method } = solve(defineProblem({ ...hidden, observation }));
  expect(status).toBe("bracketed");
  expect(method).toContain("what the loss channel tells of the minimum is not used");
});
