import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { collocation } from "../../solvers/collocation.js";
import { controlFieldOf } from "../../solvers/hjb/control-field.js";
import { criticalDiscountRate } from "../../solvers/hjb/critical-rate.js";
import { gridOver, nodesOf } from "../../solvers/hjb/grid.js";
import { capsNear } from "../../solvers/hjb/local-value.js";
import { sweep } from "../../solvers/hjb/sweeping.js";
import { hjb } from "../../solvers/hjb.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { solveContinuous } from "../../solvers/riccati.js";
import { solve } from "../../solvers/solve.js";
import { expectClose } from "./close.js";

const oracle = JSON.parse(
  readFileSync(new URL("../oracles/vectors/doubleWell.json", import.meta.url), "utf8"),
) as {
  readonly stationary: number[];
  readonly criticalDiscountRate: Record<string, number>;
  readonly valueRelativeToGlobalMinimum: {
    readonly discountRate: number;
    readonly x: number;
    readonly value: number;
  }[];
};

const doubleWell = (parameters: number[], discountRate: number, more: Partial<ProblemInput> = {}) =>
  defineProblem({
    landscape: { kind: "double-well", dimension: parameters.length },
    start: { kind: "point", parameters },
    objective: { discountRate },
    ...more,
  });

/** V of the y² part, ½S·y². */
const parabolaValue = (y: number, discountRate: number) =>
  (y * y) / (discountRate / 2 + Math.sqrt(discountRate ** 2 / 4 + 2));

describe("the double well in one dimension", () => {
  test.each(oracle.valueRelativeToGlobalMinimum)(
    "V($x) at γ = $discountRate",
    ({ discountRate, x, value }) => {
      const { start, status, stationary } = hjb(doubleWell([x], discountRate));
      expect(status).toBe("exact");
      expectClose(start.value, value, 1e-9);
      expectClose(
        stationary.map(({ parameters }) => parameters[0]).sort((a, b) => a - b),
        oracle.stationary,
        1e-9,
      );
      expectClose(start.restingPoint, [oracle.stationary[2]], 1e-9);
    },
  );

  test.each(Object.entries(oracle.criticalDiscountRate))("γ* from %s", (from, expected) => {
    expectClose(criticalDiscountRate(doubleWell([Number(from)], 0.3)) ?? 0, expected, 1e-9);
  });

  test("γ* from the local minimum itself, and from beyond it", () => {
    expectClose(criticalDiscountRate(doubleWell([oracle.stationary[0]], 0.1)) ?? 0, 0.539031, 1e-6);
    expectClose(criticalDiscountRate(doubleWell([-2], 0.1)) ?? 0, 0.539031, 2e-6);
  });

  test("no flip on the side of the global minimum, nor between equal wells", () => {
    expect(criticalDiscountRate(doubleWell([0.5], 0.1))).toBeNull();
    const equal = { landscape: { kind: "double-well", tilt: 0 } } as const;
    expect(criticalDiscountRate(doubleWell([-0.5], 0.1, equal))).toBeNull();
  });

  test("the basin flips at γ*, and the policy goes there", () => {
    const rate = oracle.criticalDiscountRate["-0.6"];
    for (const [discountRate, minimum] of [
      [rate * 0.999, oracle.stationary[2]],
      [rate * 1.001, oracle.stationary[0]],
    ]) {
      const problem = doubleWell([-0.6], discountRate, { objective: { discountRate, timeStep: 0.02 } });
      const { start, policy } = hjb(problem, { gridPoints: 2001 });
      expectClose(start.restingPoint, [minimum], 1e-9);
      const finalLoss = (minimum ** 2 - 1) ** 2 - minimum / 2;
      expectClose(rollout(problem, policy!, { steps: 1000, seed: 1 }).finalLosses, [finalLoss], 1e-9);
    }
  });

  test("the sweeps and the manifold agree, the sweeps to second order", () => {
    const problem = doubleWell([-0.6], 0.3);
    const field = controlFieldOf(problem);
    const lowest = (oracle.stationary[2] ** 2 - 1) ** 2 - oracle.stationary[2] / 2;
    const bounds = { lower: [-1.7], upper: [1.7] };
    const errors = [101, 201, 401, 801].map((nodes) => {
      const grid = gridOver(bounds, nodes);
      const excess = field.losses(nodesOf(grid), nodes).map((loss) => loss - lowest);
      const free = new Float64Array(nodes).fill(Infinity);
      const { values } = hjb(problem, { bounds, gridPoints: nodes });
      const errorOf = (order: 1 | 2) => {
        const swept = sweep(field, grid, excess, free, { tolerance: 1e-11, order });
        return swept.values.reduce((sum, value, i) => sum + Math.abs(value - values[i]), 0) / nodes;
      };
      return [errorOf(1), errorOf(2)];
    });
    const orders = [0, 1].map((which) => Math.log2(errors[0][which] / errors[3][which]) / 3);
    expect(orders[0]).toBeGreaterThan(0.9);
    expect(orders[1]).toBeGreaterThan(1.8);
    expect(errors[3][1]).toBeLessThan(2e-4);
  });
});

/** Value iteration with every neighbour within reach as a move, for a time that depends on the speed: no upwinding. */
function bruteForce(
  loss: (x: number) => number,
  low: number,
  high: number,
  nodes: number,
  discountRate: number,
): Float64Array {
  const h = (high - low) / (nodes - 1);
  let values = new Float64Array(nodes).fill(1e3);
  const losses = Float64Array.from({ length: nodes }, (_, i) => loss(low + i * h));
  const lowest = Math.min(...losses);
  const step = 0.02;
  const discount = Math.exp(-discountRate * step);
  const weight = discountRate > 0 ? (1 - discount) / discountRate : step;
  for (let sweeps = 0; sweeps < 4000; sweeps++) {
    const next = values.slice();
    for (let i = 0; i < nodes; i++) {
      for (let j = Math.max(0, i - 30); j <= Math.min(nodes - 1, i + 30); j++) {
        const speed = ((j - i) * h) / step;
        const running = speed ** 2 / 2 + (losses[i] + losses[j]) / 2 - lowest;
        next[i] = Math.min(next[i], weight * running + discount * values[j]);
      }
    }
    const change = Math.max(...next.map((value, i) => Math.abs(value - values[i])));
    values = next;
    if (change < 1e-7) break;
  }
  return values;
}

test("brute-force value iteration on a coarse grid", () => {
  const values = bruteForce((x) => (x * x - 1) ** 2 - x / 2, -1.5, 1.5, 601, 0.4);
  const solution = hjb(doubleWell([-0.6], 0.4), { bounds: { lower: [-1.5], upper: [1.5] }, gridPoints: 601 });
  for (const node of [0, 100, 180, 300, 420, 600]) expectClose(values[node], solution.values[node], 0.02);
});

const metric = [
  [2, 0.5],
  [0.5, 1],
];
const drift = {
  matrix: [
    [-0.2, 0.5],
    [-0.4, 0.1],
  ],
  offset: [0.1, 0.2],
};
const control = [
  [1, 0.3],
  [0, 0.8],
];

describe("parabolas, against the Riccati equation", () => {
  test.each([
    ["plain", {}],
    ["a metric", { metric }],
    ["a drift", { drift }],
    ["a metric, a drift and a control", { metric, drift, control }],
  ])("in two dimensions with %s", (_, geometry) => {
    const problem = defineProblem({
      landscape: {
        kind: "quadratic",
        curvature: [
          [2, 0.7],
          [0.7, 1],
        ],
        minimum: [0.3, -0.2],
      },
      objective: { discountRate: 0.5, mobility: 1.3, lossWeight: 0.7, timeStep: 0.02 },
      geometry,
      start: { kind: "point", parameters: [1.1, 0.7] },
    });
    const exact = solveContinuous(linearQuadraticOf(problem));
    const valueAt = ([x, y]: number[]) =>
      (exact.valueMatrix[0][0] * x * x +
        2 * exact.valueMatrix[0][1] * x * y +
        exact.valueMatrix[1][1] * y * y) /
        2 -
      exact.valueVector[0] * x -
      exact.valueVector[1] * y +
      (exact.valueConstant ?? 0);
    const { value, velocity, start, status, policy } = hjb(problem, { gridPoints: 81 });
    expect(status).toBe("exact");
    expectClose(start.restingPoint, exact.restingPoint, 1e-8);
    for (const at of [
      [1.1, 0.7],
      [0.2, -0.1],
      [0.6, 0.9],
    ]) {
      expectClose(value(at), valueAt(at), 1e-4);
      const flow = exact.closedLoop.map(
        (row, i) => row[0] * at[0] + row[1] * at[1] + exact.closedLoopOffset[i],
      );
      expectClose(velocity(at), flow, 2e-2);
    }
    expectClose(collocation(problem).start.value, valueAt([1.1, 0.7]), 1e-9);
    const { costs } = rollout(problem, policy!, { steps: 2500, seed: 1 });
    expectClose(costs[0], solve(problem).value([1.1, 0.7]), 1e-3);
  });

  test("in one dimension with a drift", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [2], minimum: [0.5] },
      objective: { discountRate: 0.4, mobility: 0.7, lossWeight: 1.5 },
      geometry: { metric: [[1.7]], drift: { matrix: [[-0.3]], offset: [0.4] } },
      start: { kind: "point", parameters: [2] },
    });
    const { valueMatrix, valueVector, valueConstant, restingPoint } = solveContinuous(
      linearQuadraticOf(problem),
    );
    const expected = 2 * valueMatrix[0][0] - 2 * valueVector[0] + (valueConstant ?? 0);
    const { start } = hjb(problem);
    expectClose(start.value, expected, 1e-10);
    expectClose(start.restingPoint, restingPoint, 1e-9);
    expectClose(collocation(problem).start.value, expected, 1e-9);
  });
});

describe("the double well in two dimensions", () => {
  test.each([0, 0.1, 0.6, 0.7, 3])("is the sum of its parts at γ = %d", (discountRate) => {
    const line = hjb(doubleWell([-0.6], discountRate));
    const plane = hjb(doubleWell([-0.6, 0.5], discountRate), { gridPoints: 101 });
    expect(plane.status).toBe("exact");
    expectClose(plane.start.value, line.start.value + parabolaValue(0.5, discountRate), 4e-3);
    expectClose(plane.start.restingPoint, [...(line.start.restingPoint ?? []), 0], 1e-7);
    const { lower, spacing, points } = plane.grid;
    const wrong = plane.basins.reduce((count, basin, node) => {
      const x = lower[0] + Math.floor(node / points[1]) * spacing[0];
      return count + (basin === line.basin([x]) ? 0 : 1);
    }, 0);
    expect(wrong / plane.basins.length).toBeLessThan(0.02);
  });

  test("converges to second order, and the cost of its policy to its value", () => {
    const exact = hjb(doubleWell([-0.6], 0.3)).start.value + parabolaValue(0.5, 0.3);
    const bounds = { lower: [-1.6, -0.8], upper: [1.6, 0.8] };
    const errors = [41, 81, 161].map((gridPoints) => {
      const { start } = hjb(doubleWell([-0.6, 0.5], 0.3), { bounds, gridPoints });
      return Math.abs(start.value - exact);
    });
    expect(Math.log2(errors[0] / errors[2]) / 2).toBeGreaterThan(1.6);
    const objective = { discountRate: 0.3, timeStep: 0.01 };
    const problem = doubleWell([-0.6, 0.5], 0.3, { objective });
    const { policy } = hjb(problem, { bounds, gridPoints: 161 });
    const lowest = (oracle.stationary[2] ** 2 - 1) ** 2 - oracle.stationary[2] / 2;
    const steps = 6000;
    const rho = Math.exp(-0.003);
    const { costs } = rollout(problem, policy!, { steps, seed: 1 });
    expectClose(costs[0] - (0.01 * lowest * (1 - rho ** steps)) / (1 - rho), exact, 1e-2);
  });

  test("within the cell that holds the crest, it goes one way or the other at full speed", () => {
    const line = hjb(doubleWell([-0.6], 0.7));
    const plane = hjb(doubleWell([-0.6, 0.5], 0.7), { gridPoints: 101 });
    let [left, right] = [-0.9, 1];
    while (right - left > 1e-9) {
      const middle = (left + right) / 2;
      if (line.basin([middle]) === line.basin([-0.9])) left = middle;
      else right = middle;
    }
    const { lower, spacing } = plane.grid;
    const low = lower[0] + Math.floor((left - lower[0]) / spacing[0]) * spacing[0];
    const inCell = [0.05, 0.95].map((share) => low + share * spacing[0]);
    expect(inCell.map((x) => Math.sign(line.velocity([x])[0]))).toEqual([-1, 1]);
    for (const x of inCell) {
      expectClose(plane.velocity([x, 0.3])[0], line.velocity([x])[0], 0.06);
      expectClose(plane.value([x, 0.3]), line.value([x]) + parabolaValue(0.3, 0.7), 2e-3);
    }
  });

  test("γ*, by paths", () => {
    expectClose(
      criticalDiscountRate(doubleWell([-0.6, 0.5], 0.5)) ?? 0,
      oracle.criticalDiscountRate["-0.6"],
      1e-6,
    );
    expect(criticalDiscountRate(doubleWell([0.5, 0.5], 0.5))).toBeNull();
  });
});

test("random double wells: the grid, and paths, agree", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      number(0.1, 0.9),
      number(-1.3, 1.3),
      number(0, 2),
      number(0.5, 2),
      number(0.5, 2),
      (tilt, x, discountRate, mobility, lossWeight) => {
        const problem = doubleWell([x], discountRate, {
          landscape: { kind: "double-well", tilt },
          objective: { discountRate, mobility, lossWeight },
        });
        const grid = hjb(problem, { gridPoints: 2001 }).start;
        const path = collocation(problem).start;
        expect(Math.abs(grid.value - path.value)).toBeLessThanOrEqual(1e-6 * path.value + 1e-10);
      },
    ),
    { numRuns: 25, seed: 5 },
  );
});

test("bad arguments say what is accepted", () => {
  expect(() => hjb(doubleWell([0, 0, 0], 0.1))).toThrow("landscape.dimension: must be 1 or 2 for hjb, got 3");
  expect(() => hjb(doubleWell([0], 0.1), { gridPoints: 3 })).toThrow(
    "gridPoints: must be a whole number >= 5, got 3",
  );
  expect(() => hjb(doubleWell([3], 0.1), { bounds: { lower: [-1], upper: [1] } })).toThrow(
    "bounds: must hold the start",
  );
  expect(() => hjb(doubleWell([0], 0, { geometry: { drift: { matrix: [[0]], offset: [1] } } }))).toThrow(
    "objective.discountRate: must be > 0 when there is a drift",
  );
  expect(() => hjb(doubleWell([0, 0], 1, { geometry: { control: [[1], [0]] } }))).toThrow(
    "geometry.control: must be square and invertible",
  );
  expect(capsNear([], gridOver({ lower: [0], upper: [1] }, 5))).toEqual(new Float64Array(5).fill(Infinity));
});
