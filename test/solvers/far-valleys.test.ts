import { describe, expect, test } from "vitest";
import { defineProblem } from "../../envs/index.js";
import { solve } from "../../solvers/index.js";

describe("a better valley behind a wall that is still rising next to the start", () => {
  const at = (loss: string, parameters: number[], discountRate: number) =>
    solve(
      defineProblem({
        landscape: { kind: "expression", loss },
        objective: { discountRate },
        start: { kind: "point", parameters },
        observation: { kind: "state" },
      }),
    );
  const beyond = "x^2 + y^2 - 90*exp(-((x-8)^2+(y+3)^2))";

  test("is gone to by a patient learner", () => {
    const { status, start, criticalDiscountRate } = at(beyond, [0.5, 0.2], 0.1);
    expect(status).toBe("exact");
    expect(start?.restingPoint).toEqual([expect.closeTo(7.911, 2), expect.closeTo(-2.967, 2)]);
    expect(criticalDiscountRate).toBeGreaterThan(0.1);
  });

  test("is not by one in a hurry", () => {
    const { status, start } = at(beyond, [0.5, 0.2], 20);
    expect(status).toBe("exact");
    expect(start?.restingPoint).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6)]);
  });

  test("may be one that a known function declares", () => {
    const { status, start } = solve(
      defineProblem({
        landscape: { kind: "rastrigin", dimension: 1 },
        objective: { discountRate: 0.1 },
        start: { kind: "point", parameters: [4.4] },
        observation: { kind: "state" },
      }),
    );
    expect(status).toBe("exact");
    expect(start?.restingPoint).toEqual([expect.closeTo(0, 6)]);
    // Two methods agree on what it costs, and staying at x = 2.985 for ever would cost 8.955/γ.
    expect(start?.value).toBeLessThan(8.955 / 0.1);
  });
});
