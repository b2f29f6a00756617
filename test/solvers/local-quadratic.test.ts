import { describe, expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { localQuadratic } from "../../solvers/local-quadratic.js";
import { gradientDescent } from "../../solvers/rules/recipes.js";
import { solve } from "../../solvers/solve.js";
import { expectClose } from "./close.js";

const doubleWell = (x: number) =>
  defineProblem({
    landscape: { kind: "double-well", dimension: 2 },
    objective: { discountRate: 0.1 },
    start: { kind: "point", parameters: [x, 0.3] },
  });

describe("the parabola at the minimum of the valley", () => {
  test.each([
    [-0.6, -0.93040293],
    [1.5, 1.05745377],
    [0.2, 1.05745377],
  ])("from x = %d it is at %d", (from, minimum) => {
    const { problem, gradientNorm } = localQuadratic(doubleWell(from));
    if (problem.landscape.kind !== "quadratic") throw new Error("no parabola");
    expectClose(problem.landscape.minimum, [minimum, 0], 1e-7);
    expectClose(
      problem.landscape.curvature as number[][],
      [
        [12 * minimum ** 2 - 4, 0],
        [0, 2],
      ],
      1e-6,
    );
    expect(gradientNorm).toBeLessThan(1e-9);
  });

  test("a quadratic in disguise is solved as itself", () => {
    const curvature = [
      [2, 0.5],
      [0.5, 1],
    ];
    const loss = ([x, y]: Float64Array) => (x - 1) ** 2 + 0.5 * (x - 1) * (y + 2) + 0.5 * (y + 2) ** 2;
    const shared = {
      objective: { discountRate: 0.3 },
      start: { kind: "point", parameters: [3, 3] },
    } as const;
    const disguised = solve(defineProblem({ landscape: { kind: "custom", dimension: 2, loss }, ...shared }));
    const plain = solve(
      defineProblem({ landscape: { kind: "quadratic", curvature, minimum: [1, -2] }, ...shared }),
    );
    expect(disguised.status).toBe("exact");
    expectClose(disguised.discrete?.gain ?? null, plain.discrete?.gain ?? null, 1e-4);
    expectClose(disguised.discrete?.restingPoint ?? null, plain.discrete?.restingPoint ?? null, 1e-6);
    expectClose(disguised.expectedCost.informed, plain.expectedCost.informed, 1e-8);
    const { valueMatrix: s, valueVector: c, valueConstant } = plain.continuous!;
    const atStart = 4.5 * (s[0][0] + 2 * s[0][1] + s[1][1]) - 3 * (c[0] + c[1]) + (valueConstant ?? 0);
    expectClose([disguised.value([3, 3]), disguised.start?.value ?? 0], [atStart, atStart], 1e-4);
    expect(disguised.criticalDiscountRate).toBeNull();
  });

  test("its rule beats tuned gradient descent near the minimum", () => {
    const problem = doubleWell(1.1);
    const run = (policy: Parameters<typeof rollout>[1]) =>
      rollout(problem, policy, { steps: 200, seed: 1 }).costs[0];
    const best = run(solve(problem).policy);
    for (const learningRate of [0.01, 0.03, 0.1, 0.2])
      expect(best).toBeLessThan(run(gradientDescent(problem, { learningRate })));
  });

  test("a landscape without a minimum says where the search ended", () => {
    const slope = defineProblem({ landscape: { kind: "custom", dimension: 1, loss: ([x]) => x } });
    expect(() => solve(slope)).toThrow(/no minimum was reached from the start/);
  });
});
