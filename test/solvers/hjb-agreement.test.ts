import { expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { collocation } from "../../solvers/collocation.js";
import { hjb } from "../../solvers/hjb.js";
import { expectClose } from "./close.js";

const line = (parameters: number[]) =>
  defineProblem({
    landscape: {
      kind: "custom",
      dimension: 1,
      loss: ([x]) => Math.log(Math.cosh(2 * x)) + 0.3 * Math.cos(3 * x),
    },
    objective: { discountRate: 0.4, mobility: 1.3, lossWeight: 0.8 },
    geometry: { metric: [[1.7]], drift: { matrix: [[-0.2]], offset: [0.4] } },
    start: { kind: "point", parameters },
  });

test.each([-1.1, 0.9])("in one dimension with a metric and a drift, from %d: value and velocity", (x) => {
  const { paths, start } = collocation(line([x]));
  const grid = hjb(line([x]));
  expect(grid.status).toBe("exact");
  expectClose(grid.start.value, start.value, 1e-6);
  expectClose(grid.start.restingPoint, start.restingPoint, 1e-5);
  expectClose(grid.velocity([x]), paths[0].velocities[0], 1e-4);
  const coarse = hjb(line([x]), { bounds: { lower: [-2], upper: [2] }, gridPoints: 41 });
  for (const beyond of [0.013, 0.085])
    expectClose(coarse.velocity([x + beyond]), grid.velocity([x + beyond]), 1e-4);
});

test("beyond the box, straight on from its edge", () => {
  const bounds = { lower: [-1.2], upper: [1.2] };
  const { value } = hjb(line([0.9]), { bounds });
  const wider = hjb(line([0.9]), { bounds: { lower: [-2], upper: [2] } });
  expectClose(value([1.25]) - value([1.2]), wider.value([1.25]) - wider.value([1.2]), 0.1);
});

test("each node's basin is where its best path ends", () => {
  const problem = defineProblem({ landscape: { kind: "double-well" }, objective: { discountRate: 0.8 } });
  const { basins, basin, grid } = hjb(problem, { gridPoints: 201 });
  const found = Array.from(basins, (_, n) => basin([grid.lower[0] + n * grid.spacing[0]]));
  expect(Array.from(basins)).toEqual(found);
  expect(new Set(found).size).toBe(2);
});

test.each([
  [
    "a metric",
    {
      metric: [
        [1.5, 0.4],
        [0.4, 0.8],
      ],
    },
  ],
  [
    "a metric and a drift",
    {
      metric: [
        [1.5, 0.4],
        [0.4, 0.8],
      ],
      drift: {
        matrix: [
          [-0.2, 0.3],
          [-0.3, 0.1],
        ],
        offset: [0.1, 0.1],
      },
    },
  ],
])("in two dimensions with %s", (_, geometry) => {
  const problem = defineProblem({
    landscape: {
      kind: "custom",
      dimension: 2,
      loss: ([x, y]) => (x * x - 1) ** 2 - x / 2 + y * y + 0.3 * Math.sin(2 * x * y),
    },
    objective: { discountRate: 0.4 },
    geometry,
    start: { kind: "point", parameters: [0.4, 0.5] },
  });
  const path = collocation(problem).start;
  const grid = hjb(problem, { gridPoints: 161 });
  expect(grid.status).toBe("exact");
  expectClose(grid.start.value, path.value, 1e-3);
  expectClose(grid.start.restingPoint, path.restingPoint, 1e-4);
});
