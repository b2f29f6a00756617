import { inverse, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { elementsOf } from "../../solvers/collocation/elements.js";
import { exponentialPath } from "../../solvers/collocation/guess.js";
import { lagrangianOf } from "../../solvers/collocation/lagrangian.js";
import { optimise } from "../../solvers/collocation/newton.js";
import { planTo, refine } from "../../solvers/collocation/plan.js";
import { collocation } from "../../solvers/collocation.js";
import { controlFieldOf } from "../../solvers/hjb/control-field.js";
import { localValue } from "../../solvers/hjb/local-value.js";
import { describe as describeRest } from "../../solvers/hjb/stationary.js";
import { hjb } from "../../solvers/hjb.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { solveContinuous } from "../../solvers/riccati.js";
import { expectClose } from "./close.js";
import { denseProblem } from "./random-problems.js";

const problemOf = (
  landscape: ProblemInput["landscape"],
  parameters: number[],
  discountRate: number,
  more = {},
) => defineProblem({ landscape, start: { kind: "point", parameters }, objective: { discountRate, ...more } });

/** The same cost written down again: points on an even grid in time, trapezoids, plain gradient descent on a path. */
function transcribed(
  loss: (x: number) => number,
  start: number,
  end: number,
  discountRate: number,
  duration: number,
  count: number,
) {
  const dt = duration / count;
  const path = Array.from({ length: count + 1 }, (_, n) => end + (start - end) * Math.exp(-3 * n * dt));
  const floor = loss(end);
  const weight = (n: number) => Math.exp(-discountRate * n * dt);
  const slope = (x: number) => (loss(x + 1e-6) - loss(x - 1e-6)) / 2e-6;
  const bend = (x: number) => (loss(x + 1e-4) - 2 * loss(x) + loss(x - 1e-4)) / 1e-8;
  const middle = (n: number) => weight(n + 0.5) / dt;
  for (let newton = 0; newton < 60; newton++) {
    const [diagonal, right, upper] = [
      new Float64Array(count),
      new Float64Array(count),
      new Float64Array(count),
    ];
    for (let n = 1; n < count; n++) {
      right[n] = -(
        middle(n - 1) * (path[n] - path[n - 1]) -
        middle(n) * (path[n + 1] - path[n]) +
        dt * weight(n) * slope(path[n])
      );
      diagonal[n] =
        middle(n - 1) + middle(n) + dt * weight(n) * Math.max(bend(path[n]), newton < 20 ? 0 : -Infinity);
      upper[n] = -middle(n);
    }
    for (let n = 2; n < count; n++) {
      const share = upper[n - 1] / diagonal[n - 1];
      diagonal[n] -= share * upper[n - 1];
      right[n] -= share * right[n - 1];
    }
    for (let n = count - 1, after = 0; n >= 1; n--)
      path[n] += after = (right[n] - upper[n] * after) / diagonal[n];
  }
  return path.slice(0, -1).reduce((cost, x, n) => {
    const kinetic = (middle(n) * (path[n + 1] - x) ** 2) / 2;
    return (
      cost +
      kinetic +
      (dt / 2) * (weight(n) * (loss(x) - floor) + weight(n + 1) * (loss(path[n + 1]) - floor))
    );
  }, 0);
}

test.each([0, 0.2, 0.5])("a direct transcription written independently, γ = %d", (discountRate) => {
  const loss = (x: number) => (x * x - 1) ** 2 - x / 2;
  const coarse = transcribed(loss, -0.6, 1.0574537707, discountRate, 12, 2000);
  const fine = transcribed(loss, -0.6, 1.0574537707, discountRate, 12, 4000);
  const { start } = collocation(problemOf({ kind: "double-well" }, [-0.6], discountRate));
  expectClose(start.value, fine + (fine - coarse) / 3, 1e-6);
});

/** V of the Riccati equation at `start`, beyond resting for ever where the loss is least. */
function riccatiValue(problem: ReturnType<typeof defineProblem>, start: readonly number[]) {
  const { valueMatrix, valueVector, valueConstant } = solveContinuous(linearQuadraticOf(problem));
  const x = Matrix.columnVector([...start]);
  return (
    x.transpose().mmul(new Matrix(valueMatrix)).mmul(x).get(0, 0) / 2 -
    x.dot(Matrix.columnVector(valueVector)) +
    (valueConstant ?? 0)
  );
}

describe("derivatives of the action", () => {
  const metric = ([x, y]: readonly number[]) => [
    [1 + x * x, 0.3 * y],
    [0.3 * y, 2 + Math.sin(x)],
  ];
  const geometry = {
    drift: {
      matrix: [
        [0.2, -0.5],
        [0.4, 0.1],
      ],
      offset: [0.3, -0.2],
    },
  };
  test.each([
    ["with a drift", geometry, undefined],
    ["with a metric and a drift that depend on θ", {}, metric],
  ])("%s", (_, given, metricAt) => {
    const field = controlFieldOf(
      defineProblem({
        landscape: { kind: "double-well", dimension: 2 },
        geometry: given,
        objective: { discountRate: 0.7, mobility: 1.4 },
      }),
    );
    const bent = metricAt && {
      effortAt: (at: Float64Array) => Float64Array.from(metricAt(Array.from(at)).flat()),
      driftAt: ([x, y]: Float64Array) => Float64Array.of(Math.sin(y) - 0.2 * x, 0.3 * x * y),
    };
    const lagrangian = lagrangianOf(field, 0, Float64Array.of(0.1, -0.2), bent);
    const base = [0, 0, 0.5, -0.4, 0.3, 0.2, -0.1, 0.6];
    const pathOf = ([a, b, c, d, e, f, g, h]: number[]) => ({
      times: Float64Array.of(0, 0.8),
      points: Float64Array.of(a, b, e, f),
      velocities: Float64Array.of(c, d, g, h),
    });
    const gradientAt = (at: number[]) => elementsOf(lagrangian, pathOf(at)).gradients;
    const costAt = (at: number[]) => {
      // Simpson's rule on many points of the cubic.
      const path = pathOf(at);
      const cells = 2000;
      let sum = 0;
      for (let i = 0; i <= cells; i++) {
        const t = i / cells;
        const basis = [
          (1 + 2 * t) * (1 - t) ** 2,
          0.8 * t * (1 - t) ** 2,
          t * t * (3 - 2 * t),
          0.8 * t * t * (t - 1),
        ];
        const slopes = [
          (6 * t * t - 6 * t) / 0.8,
          3 * t * t - 4 * t + 1,
          (6 * t - 6 * t * t) / 0.8,
          3 * t * t - 2 * t,
        ];
        const blend = (by: number[]) =>
          Float64Array.from(
            [0, 1],
            (k) =>
              by[0] * path.points[k] +
              by[1] * path.velocities[k] +
              by[2] * path.points[2 + k] +
              by[3] * path.velocities[2 + k],
          );
        const weight = i === 0 || i === cells ? 1 : i % 2 ? 4 : 2;
        sum +=
          (weight / (3 * cells)) *
          0.8 *
          Math.exp(-0.7 * 0.8 * t) *
          lagrangian.values(blend(basis), blend(slopes))[0];
      }
      return sum;
    };
    const shifted = (i: number, by: number) => base.map((value, j) => value + (i === j ? by : 0));
    const differences = base.map((_, i) => (costAt(shifted(i, 1e-4)) - costAt(shifted(i, -1e-4))) / 2e-4);
    expectClose(gradientAt(base), differences, 1e-5);
    const hessian = base.flatMap((_, i) => {
      const [above, below] = [gradientAt(shifted(i, 1e-5)), gradientAt(shifted(i, -1e-5))];
      return Array.from(above, (value, j) => (value - below[j]) / 2e-5);
    });
    expectClose(elementsOf(lagrangian, pathOf(base)).hessians, hessian, 1e-5);
  });
});

describe("a parabola in other coordinates, θ = g(φ), whose metric and drift depend on θ", () => {
  // θ₁ = sinh φ₁, θ₂ = φ₂ + φ₁²/2; in φ all is linear-quadratic, and the Riccati equation tells the optimum.
  const toBent = ([a, b]: readonly number[]) => [Math.sinh(a), b + (a * a) / 2];
  const toFlat = ([x, y]: Iterable<number>) => [Math.asinh(x), y - Math.asinh(x) ** 2 / 2];
  const flatMetric = new Matrix([
    [1.4, 0.3],
    [0.3, 0.8],
  ]);
  const flatDrift = {
    matrix: [
      [-0.3, 0.6],
      [-0.5, 0.2],
    ],
    offset: [0.2, -0.1],
  };
  const curvature = [
    [1.5, 0.4],
    [0.4, 0.7],
  ];
  const minimum = [0.5, -0.3];
  const jacobian = ([a]: readonly number[]) =>
    new Matrix([
      [Math.cosh(a), 0],
      [a, 1],
    ]);
  const metric = (at: readonly number[]) => {
    const back = inverse(jacobian(toFlat(at)));
    return back.transpose().mmul(flatMetric).mmul(back).to2DArray();
  };
  const drift = (at: readonly number[]) => {
    const flat = toFlat(at);
    const velocity = new Matrix(flatDrift.matrix)
      .mmul(Matrix.columnVector(flat))
      .add(Matrix.columnVector(flatDrift.offset));
    return jacobian(flat).mmul(velocity).to1DArray();
  };
  const loss = (at: Float64Array) => {
    const gap = toFlat(at).map((value, i) => value - minimum[i]);
    return gap.reduce(
      (sum, x, i) => sum + gap.reduce((own, y, j) => own + (curvature[i][j] * x * y) / 2, 0),
      0,
    );
  };
  const start = [1.1, 0.4];
  const objective = { mobility: 1.3, lossWeight: 0.7 };
  const exactOf = (geometry: ProblemInput["geometry"] & object, discountRate: number) => {
    const flat = defineProblem({
      landscape: { kind: "quadratic", curvature, minimum },
      objective: { ...objective, discountRate },
      geometry,
    });
    const { restingPoint } = solveContinuous(linearQuadraticOf(flat));
    return { value: riccatiValue(flat, start), rest: toBent(restingPoint ?? []) };
  };
  const problem = (discountRate: number, geometry: ProblemInput["geometry"] & object = {}) =>
    defineProblem({
      landscape: { kind: "custom", dimension: 2, loss },
      objective: { ...objective, discountRate },
      geometry,
      start: { kind: "point", parameters: toBent(start) },
    });
  const metricRows = flatMetric.to2DArray();

  test.each([0, 0.4])("the metric, γ = %d", (discountRate) => {
    const found = collocation(problem(discountRate), { metric, bows: 0 }).start;
    const { value, rest } = exactOf({ metric: metricRows }, discountRate);
    expectClose(found.value, value, 1e-6);
    expectClose(found.restingPoint, rest, 1e-5);
  });

  test.each([0.4, 40])("the metric and the drift, γ = %d", (discountRate) => {
    const found = collocation(problem(discountRate), { metric, drift, bows: 0 }).start;
    const { value, rest } = exactOf({ metric: metricRows, drift: flatDrift }, discountRate);
    expectClose(found.value, value, 1e-6);
    if (discountRate < 40) expectClose(found.restingPoint, rest, 1e-5);
  });

  test("an affine drift, given as a function, is that of the problem", () => {
    const given = ([x, y]: readonly number[]) => [-0.3 * x + 0.6 * y + 0.2, -0.5 * x + 0.2 * y - 0.1];
    const own = collocation(problem(0.4, { drift: flatDrift }), { bows: 0 }).start;
    const found = collocation(problem(0.4), { drift: given, bows: 0 }).start;
    expectClose(found.value, own.value, 1e-8);
    expectClose(found.restingPoint, own.restingPoint, 1e-5);
    const both = collocation(problem(0.4, { drift: flatDrift }), {
      metric: () => [
        [1, 0],
        [0, 1],
      ],
      bows: 0,
    });
    expectClose(both.start.value, own.value, 1e-8);
  });

  test("a constant metric, given as a function, is that of the problem under a control that is no rotation", () => {
    const control = [
      [1, 0.6],
      [0, 0.8],
    ];
    const metric = [
      [2, 0.5],
      [0.5, 1],
    ];
    const own = collocation(problem(0.4, { control, metric }), { bows: 0 }).start;
    const found = collocation(problem(0.4, { control }), { metric: () => metric, bows: 0 }).start;
    expectClose(found.value, own.value, 1e-8);
  });

  test("shapes that do not fit are refused", () => {
    expect(() => collocation(problem(1), { drift: () => [1] })).toThrow(
      "drift: must return shape [2], got [1]",
    );
    expect(() => collocation(problem(1), { metric: () => [[1]] })).toThrow(
      "metric: must return shape [2, 2], got [1, 1]",
    );
    expect(() => collocation(problem(0), { drift: () => [1, 0] })).toThrow("geometry.drift: must be absent");
  });
});

test.each([0, 0.3, 5, 50])("parabolas in four dimensions, with different rates, γ = %d", (discountRate) => {
  const problem = problemOf(
    { kind: "quadratic", curvature: [10, 1, 0.3, 2], minimum: [1, 0, -1, 0.5] },
    [0, 1, 2, -1],
    discountRate,
  );
  const { valueMatrix: s } = solveContinuous(linearQuadraticOf(problem));
  const gap = [-1, 1, 3, -1.5];
  const expected = gap.reduce((sum, y, i) => sum + (s[i][i] * y * y) / 2, 0);
  const { start, paths } = collocation(problem);
  expectClose(start.value, expected, 1e-8);
  expectClose(start.restingPoint, [1, 0, -1, 0.5], 1e-9);
  expect(paths).toHaveLength(1);
});

describe.each([3, 5])("dense parabolas of %d parameters agree with the Riccati equation", (size) => {
  const { curvature, metric, control, drift, offset, minimum } = denseProblem(size, size, 0.6);
  const start = minimum.map((value, i) => value + (i % 2 ? -1 : 1) * (1 + i / 2));

  test.each([
    ["in a metric, γ = 0", { metric }, 0],
    ["in a metric under a control, γ = 0.6", { metric, control }, 0.6],
    [
      "with an affine drift, half of whose modes grow, γ = 0.6",
      { metric, drift: { matrix: drift, offset } },
      0.6,
    ],
  ])("%s", (_, geometry, discountRate) => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature, minimum },
      objective: { mobility: 1.3, lossWeight: 0.7, discountRate },
      geometry,
      start: { kind: "point", parameters: start },
    });
    const { paths, start: found, status } = collocation(problem, { bows: 0 });
    expect(status).toBe("local");
    expect(paths).toHaveLength(1);
    expectClose(found.value, riccatiValue(problem, start), 1e-6);
    const law = solveContinuous(linearQuadraticOf(problem));
    expectClose(found.restingPoint, law.restingPoint, 1e-6);
    const velocity = new Matrix(law.closedLoop).mmul(
      Matrix.columnVector(start.map((value, i) => value - (law.restingPoint?.[i] ?? 0))),
    );
    // At an optimum 1e-9 of the cost, the default tolerance, is √1e-9 of the path.
    expectClose(paths[0].velocities[0], velocity.to1DArray(), 1e-4);
  });
});

describe("several local optima", () => {
  test("one path to each well, the best first", () => {
    const { paths, start, status } = collocation(
      problemOf({ kind: "double-well", dimension: 3 }, [-0.6, 0.2, 0.1], 0.5),
    );
    expect(status).toBe("local");
    expect(paths.map(({ restingPoint }) => (restingPoint?.[0] ?? 0) > 0)).toEqual([true, false]);
    expect(paths[0].cost).toBeLessThan(paths[1].cost);
    const parts = 0.05 / (0.25 + Math.sqrt(0.0625 + 2));
    expectClose(start.value, hjb(problemOf({ kind: "double-well" }, [-0.6], 0.5)).start.value + parts, 1e-8);
  });

  test.each([0.2, -0.2])("both ways round a hill, which only bent paths find, from y = %d", (y) => {
    const loss = ([x, y]: Float64Array) =>
      (0.5 * (x - 2) ** 2 + 0.5 * y * y) * 0.3 + 6 * Math.exp(-2 * (x * x + y * y));
    const problem = problemOf({ kind: "custom", dimension: 2, loss }, [-1.5, y], 0.2);
    const { paths, start } = collocation(problem);
    expect(paths.length).toBeGreaterThanOrEqual(2);
    const sides = paths
      .slice(0, 2)
      .map(({ parameters }) => Math.sign(parameters.find(([x]) => x > 0)?.[1] ?? 0));
    expect(sides).toEqual([Math.sign(y), -Math.sign(y)]);
    expectClose(paths[0].parameters[0], [-1.5, y], 1e-12);
    expectClose(paths[0].parameters.at(-1) ?? null, start.restingPoint, 1e-2);
    if (y > 0) expectClose(hjb(problem, { gridPoints: 161 }).start.value, start.value, 3e-3);
  });

  test("from the minimum of a valley that is not worth leaving, it stays", () => {
    const local = -0.9304029265558516;
    const { paths } = collocation(problemOf({ kind: "double-well", dimension: 2 }, [local, 0], 0.8));
    expect(paths).toHaveLength(1);
    const loss = (x: number) => (x * x - 1) ** 2 - x / 2;
    expectClose(paths[0].cost, (loss(local) - loss(1.0574537707383778)) / 0.8, 1e-9);
    expect(collocation(problemOf({ kind: "double-well" }, [local], 0.3)).paths).toHaveLength(2);
  });

  test("a path is not optimal that waits in one well to leave for another at the end of time", () => {
    const [local, global] = [-0.9304029265558516, 1.0574537707383778];
    const field = controlFieldOf(problemOf({ kind: "double-well" }, [local], 0.8));
    const target = describeRest(field, [global]);
    const waiting = (duration: number) => {
      const times = Float64Array.from({ length: 129 }, (_, n) => (duration * n) / 128);
      const late = times.map((time) => Math.max(time - 0.8 * duration, 0));
      const gap = global - local;
      return {
        times,
        points: late.map((time) => gap * -Math.expm1(-3 * time)),
        velocities: late.map((time) => (time > 0 ? 3 * gap * Math.exp(-3 * time) : 0)),
      };
    };
    const lagrangian = lagrangianOf(field, target.restingCost, Float64Array.of(local));
    const plan = planTo(
      field,
      lagrangian,
      Float64Array.of(local),
      localValue(field, target, target.restingCost)!,
      new Float64Array(1),
    );
    const optimised = { ...plan.optimised, path: waiting(20) };
    expect(refine(lagrangian, { ...plan, optimised }, 1e-9).converged).toBe(false);
  });
});

test("the cost converges to sixth order in the length of an element", () => {
  const field = controlFieldOf(problemOf({ kind: "quadratic", curvature: [3], minimum: [1] }, [0], 0.4));
  const lagrangian = lagrangianOf(field, 0, new Float64Array(1));
  const s = 3 / (0.2 + Math.sqrt(0.04 + 3));
  const tail = {
    value: ([y]: Float64Array) => (s * (y - 1) ** 2) / 2,
    gradient: ([y]: Float64Array) => Float64Array.of(s * (y - 1)),
    hessian: () => Float64Array.of(s),
  };
  const errors = [8, 16, 32].map((elements) => {
    const times = Float64Array.from({ length: elements + 1 }, (_, n) => (6 * n) / elements);
    const guess = exponentialPath(times, Float64Array.of(1), 1, new Float64Array(1));
    return optimise(lagrangian, tail, guess, 1e-10).cost - s / 2;
  });
  expect(Math.min(...errors)).toBeGreaterThan(0);
  expect(Math.log2(errors[1] / errors[2])).toBeGreaterThan(5.5);
});

test("bad arguments say what is accepted", () => {
  const drift = { matrix: [[0]], offset: [1] };
  const problem = defineProblem({ landscape: { kind: "double-well" }, geometry: { drift } });
  expect(() => collocation(problem)).toThrow("geometry.drift: must be absent when the discount rate is 0");
  const slope = problemOf({ kind: "custom", dimension: 1, loss: ([x]) => x }, [0], 1);
  expect(() => collocation(slope)).toThrow("landscape: must have a minimum near the start, found none");
});
