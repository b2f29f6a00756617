import fc from "fast-check";
import { EigenvalueDecomposition, inverse, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { defineProblem } from "../../envs/problem/schema.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { type LinearQuadratic, solveContinuous, solveDiscrete } from "../../solvers/riccati.js";
import { riccatiCases as cases } from "../oracles/vectors.js";
import { expectClose } from "./close.js";
import { exactDefect } from "./exact-defect.js";
import { denseProblem, linearQuadratic, randomProblem } from "./random-problems.js";

const problemOf = ({ problem }: (typeof cases)[number]): LinearQuadratic =>
  linearQuadraticOf(defineProblem(problem));

describe.each(cases.map((each, index) => ({ each, index })))("reference problem $index", ({ each }) => {
  test.each(["continuous", "discrete"] as const)("%s optimum", (time) => {
    const solve = time === "discrete" ? solveDiscrete : solveContinuous;
    const solution = solve(problemOf(each));
    for (const field of ["valueMatrix", "valueVector", "gain", "feedforward", "restingPoint"] as const) {
      expectClose(solution[field], each[time][field], 1e-8);
    }
    expect(solution.status).toBe("exact");
    expect(solution.evidence.relativeResidual).toBeLessThan(1e-12);
  });

  test("value is the cost of a rollout", () => {
    const { start, cost } = each.discrete.costFrom;
    const { valueMatrix, valueVector, valueConstant } = solveDiscrete(problemOf(each));
    const x = Matrix.columnVector(start);
    const value =
      x.transpose().mmul(new Matrix(valueMatrix)).mmul(x).get(0, 0) / 2 -
      x.dot(Matrix.columnVector(valueVector));
    expectClose(value + valueConstant!, cost, 1e-8);
  });
});

describe.each([
  [8, 1, 5],
  [24, 8, 0],
  [64, 16, 0.2],
  [32, 32, 0],
  [64, 64, 50],
])("d = %d, m = %d, γ = %d: the equation holds to rounding", (size, pushes, discountRate) => {
  const problem = denseProblem(size, pushes, discountRate);
  const asMatrix = (rows: LinearQuadratic["metric"]) => new Matrix(rows as number[][]);
  const [a, b, h] = [problem.drift, problem.control, problem.curvature].map(asMatrix);
  const { mobility, lossWeight, timeStep } = problem;
  const price = inverse(asMatrix(problem.metric)).mul(mobility);
  const charged = Matrix.mul(h, lossWeight);

  test("in continuous time", () => {
    const { valueMatrix, status } = solveContinuous(problem);
    const s = new Matrix(valueMatrix);
    const [moved, pushed] = [s.mmul(a), s.mmul(b)];
    const bend = pushed.mmul(price).mmul(pushed.transpose());
    const patience = Matrix.mul(s, discountRate);
    const error = Matrix.add(moved, moved.transpose()).add(charged).sub(bend).sub(patience);
    expect(status).toBe("exact");
    expect(error.norm() / (moved.norm() + charged.norm() + bend.norm() + patience.norm())).toBeLessThan(
      1e-12,
    );
  });

  test("in steps", () => {
    const { valueMatrix, status } = solveDiscrete(problem);
    const s = new Matrix(valueMatrix);
    const [step, pushed] = [Matrix.mul(a, timeStep).add(Matrix.eye(size)), Matrix.mul(b, timeStep)];
    const after = Matrix.mul(charged, timeStep).add(Matrix.mul(s, Math.exp(-discountRate * timeStep)));
    const across = pushed.transpose().mmul(after).mmul(step);
    const weight = Matrix.mul(asMatrix(problem.metric), timeStep / mobility).add(
      pushed.transpose().mmul(after).mmul(pushed),
    );
    const error = step
      .transpose()
      .mmul(after)
      .mmul(step)
      .sub(across.transpose().mmul(inverse(weight)).mmul(across))
      .sub(s);
    expect(status).toBe("exact");
    expect(error.norm() / s.norm()).toBeLessThan(1e-12);
  });
});

test("a fast mode that is hardly touched is not reached, however much it grows", () => {
  const drift = Matrix.diag([1e3, 0.1]).to2DArray();
  const problem = (touch: number) =>
    linearQuadratic({ drift, control: [[touch], [1]], metric: [[1]], curvature: Matrix.eye(2).to2DArray() });
  expect(() => solveContinuous(problem(1e-11))).toThrow(/not stabilisable.*eigenvalue 1000\)/);
  expect(solveContinuous(problem(1)).status).toBe("exact");
});

test("many runaway modes, of which one is not reached or seen: it is named", () => {
  const size = 30;
  const rates = Array.from({ length: size }, (_, i) => 0.1 + i / size);
  const problem = (control: number[], curvature: number[]) =>
    linearQuadratic({
      drift: Matrix.diag(rates).to2DArray(),
      control: Matrix.diag(control).to2DArray(),
      curvature: Matrix.diag(curvature).to2DArray(),
      discountRate: 0.3,
    });
  const ones = rates.map(() => 1);
  const gap = rates.map((_, i) => (i === 21 ? 0 : 1));
  expect(() => solveContinuous(problem(gap, ones))).toThrow(
    "not stabilisable: it does not reach a direction that does not decay by itself (eigenvalue 0.799",
  );
  expect(() => solveDiscrete(problem(ones, gap))).toThrow(
    "not detectable: the loss is flat along a direction that does not decay by itself (eigenvalue 1.08)",
  );
  expect(solveContinuous(problem(ones, ones)).status).toBe("exact");
});

test("one push against a great many runaway modes and too many parameters is a status", () => {
  for (const solve of [solveContinuous, solveDiscrete]) {
    const { status, evidence, gain } = solve(denseProblem(100, 1, 0.1));
    expect(status).toBe("not-converged");
    expect(evidence.relativeResidual).toBeGreaterThan(1e-3);
    expect(gain[0].every(Number.isFinite)).toBe(true);
  }
});

// By doubling and direct solution with 200 digits, in python-flint.
test.each([
  {
    size: 24,
    solve: solveContinuous,
    gain: [16867.942409709183, -24736.72073942857, 11255.308043389981],
    feedforward: 127749.00486920748,
    rest: [1.1589869220065583, 4.967102109930551, 2.597445856057207],
    vector: 5967317620.515086,
    constant: 25951466592.87648,
    rounding: 5e-12,
  },
  {
    size: 24,
    solve: solveDiscrete,
    gain: [9551.04871957406, -14276.909416896888, 5742.639207183784],
    feedforward: 68337.68852511223,
    rest: [1.155234506804427, 4.956672644698744, 2.611237620078877],
    vector: 10016873399.084452,
    constant: 42330410927.88528,
    rounding: 5e-9,
  },
  {
    size: 48,
    solve: solveContinuous,
    gain: [-251026551.1704661, -2075862238.2392387, -2046040578.4270775],
    feedforward: -9919723046.426207,
    rest: [30.082128972378552, -3.119919613188379, -3.1405361114096433],
    vector: 3.703187567926076e18,
    constant: 5.7966244973951664e19,
    rounding: 3e-7,
  },
])("one push and $size parameters: the law, and where it rests", ({ size, solve, rounding, ...expected }) => {
  const { status, evidence, gain, feedforward, restingPoint, valueVector, valueConstant } = solve(
    denseProblem(size, 1, 0.1),
  );
  expect(status).toBe("exact");
  expect(evidence.relativeResidual).toBeLessThan(1e-12);
  expect(evidence.roundingResidual).toBeLessThan(rounding);
  expectClose(gain[0].slice(0, 3), expected.gain, 1e-12);
  expectClose(feedforward, expected.feedforward, 1e-11);
  expectClose(restingPoint!.slice(0, 3), expected.rest, 1e-11);
  expectClose(valueVector[0], expected.vector, 1e-11);
  expectClose(valueConstant, expected.constant, 1e-11);
});

test.each([
  [24, 1],
  [3, 1e4],
  [3, 1e8],
])("d = %d, one push of %d, no discount: it rests where the running cost is least", (size, strength) => {
  const dense = denseProblem(size, 1, 0);
  const problem = { ...dense, control: dense.control.map(([value]) => [strength * value]) };
  const asMatrix = (rows: LinearQuadratic["metric"]) => new Matrix(rows as number[][]);
  const [h, back] = [asMatrix(problem.curvature), inverse(asMatrix(problem.drift))];
  const still = back.mmul(Matrix.columnVector(problem.offset as number[])).mul(-1);
  const moved = back.mmul(asMatrix(problem.control)).mul(-1);
  const gap = Matrix.sub(still, Matrix.columnVector(problem.minimum as number[]));
  const weight = problem.metric[0][0] + moved.transpose().mmul(h).mmul(moved).get(0, 0);
  const action = -moved.transpose().mmul(h).mmul(gap).get(0, 0) / weight;
  const expected = Matrix.add(still, Matrix.mul(moved, action)).to1DArray();
  for (const solve of [solveContinuous, solveDiscrete])
    expectClose(solve(problem).restingPoint, expected, 1e-10);
});

test("the driftless law is the matrix square root, in its stable form", () => {
  fc.assert(
    fc.property(randomProblem({ drift: false }), (problem) => {
      const { mobility, lossWeight, discountRate } = problem;
      const curvature = new Matrix(problem.curvature as number[][]);
      const metric = new Matrix(problem.metric as number[][]);
      const { eigenvectorMatrix: q, realEigenvalues } = new EigenvalueDecomposition(
        inverse(metric).mmul(curvature),
      );
      const rates = realEigenvalues.map((h) => {
        const product = mobility * lossWeight * h;
        return product / (discountRate / 2 + Math.sqrt(discountRate ** 2 / 4 + product));
      });
      const expected = q.mmul(Matrix.diag(rates)).mmul(inverse(q));
      expectClose(solveContinuous(problem).gain, expected.to2DArray(), 1e-7);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test("the discrete optimum is the fixed point of value iteration", () => {
  fc.assert(
    fc.property(randomProblem({ drift: true }), (problem) => {
      const solution = solveDiscrete(problem);
      const { valueMatrix, valueVector } = iterateValue(
        problem,
        solution.valueMatrix,
        solution.valueVector,
        5,
      );
      expectClose(valueMatrix, solution.valueMatrix, 1e-9);
      expectClose(valueVector, solution.valueVector, 1e-8);
      const fromZero = iterateValue(
        problem,
        new Matrix(valueMatrix.length, valueMatrix.length).to2DArray(),
        valueVector.map(() => 0),
        4000,
      );
      expectClose(fromZero.valueMatrix, solution.valueMatrix, 1e-7);
    }),
    { numRuns: 25, seed: 2 },
  );
});

/** Value iteration, until it rests, with the action as the minimiser of the whole quadratic, not by Riccati's formula. */
function iterateValue(
  problem: LinearQuadratic,
  valueMatrix: number[][],
  valueVector: number[],
  steps: number,
) {
  const { mobility, lossWeight, discountRate, timeStep } = problem;
  const asMatrix = (rows: LinearQuadratic["metric"]) => new Matrix(rows as number[][]);
  const a = Matrix.add(Matrix.eye(problem.drift.length), Matrix.mul(asMatrix(problem.drift), timeStep));
  const b = Matrix.mul(asMatrix(problem.control), timeStep);
  const offset = Matrix.columnVector(problem.offset as number[]).mul(timeStep);
  const h = Matrix.mul(asMatrix(problem.curvature), lossWeight * timeStep);
  const r = Matrix.mul(asMatrix(problem.metric), timeStep / mobility);
  const pull = h.mmul(Matrix.columnVector(problem.minimum as number[]));
  const discount = Math.exp(-discountRate * timeStep);
  let s = new Matrix(valueMatrix);
  let c = Matrix.columnVector(valueVector);
  for (let [i, change] = [0, Infinity]; i < steps && change > 1e-13; i++) {
    const [sBefore, cBefore, m] = [s, c, Matrix.add(h, Matrix.mul(s, discount))];
    const linear = Matrix.add(pull, Matrix.mul(c, discount));
    const solveAction = inverse(Matrix.add(r, b.transpose().mmul(m).mmul(b))).mmul(b.transpose());
    const gain = solveAction.mmul(m).mmul(a);
    const feed = solveAction.mmul(Matrix.sub(linear, m.mmul(offset)));
    const loop = Matrix.sub(a, b.mmul(gain));
    const shift = Matrix.add(offset, b.mmul(feed));
    s = gain.transpose().mmul(r).mmul(gain).add(loop.transpose().mmul(m).mmul(loop));
    c = gain
      .transpose()
      .mmul(r)
      .mmul(feed)
      .sub(loop.transpose().mmul(m).mmul(shift))
      .add(loop.transpose().mmul(linear));
    change = Matrix.sub(s, sBefore).norm() / s.norm() + Matrix.sub(c, cBefore).norm() / (c.norm() || 1);
  }
  return { valueMatrix: s.to2DArray(), valueVector: c.to1DArray() };
}

test("the discrete law converges to the continuous one at first order", () => {
  const at = (timeStep: number) =>
    solveDiscrete(linearQuadratic({ curvature: [[2]], discountRate: 0.5, timeStep })).gain[0][0];
  const limit = solveContinuous(linearQuadratic({ curvature: [[2]], discountRate: 0.5 })).gain[0][0];
  const order = Math.log2((at(1e-3) - limit) / (at(5e-4) - limit));
  expect(order).toBeGreaterThan(0.95);
  expect(order).toBeLessThan(1.05);
});

test("a horizon far shorter than the landscape keeps all its digits", () => {
  const problem = linearQuadratic({
    curvature: [
      [1e-3, 0],
      [0, 10],
    ],
    minimum: [1, 1],
    discountRate: 1e5,
    timeStep: 1e-3,
  });
  const stable = (h: number) => h / (5e4 + Math.sqrt(25e8 + h));
  expectClose(
    solveContinuous(problem).gain,
    [
      [stable(1e-3), 0],
      [0, stable(10)],
    ],
    1e-10,
  );
});

test("rotation and decay rest where theory says, for any discount", () => {
  const [q, j, h, discountRate] = [0.7, 0.4, 1.3, 0.9];
  const rotation = linearQuadratic({
    curvature: [
      [h, 0],
      [0, h],
    ],
    drift: [
      [0, -q],
      [q, 0],
    ],
    minimum: [1, -2],
    discountRate,
  });
  const [rho, mix] = [h + q * q, -discountRate * q];
  const scale = h / (rho * rho + mix * mix);
  expectClose(
    solveContinuous(rotation).restingPoint,
    [scale * (rho * 1 + mix * -2), scale * (-mix * 1 + rho * -2)],
    1e-10,
  );
  const rate = Math.sqrt(discountRate ** 2 / 4 + h) - discountRate / 2;
  expectClose(
    solveContinuous(rotation).eigenvalues.map(({ real }) => -real),
    [rate, rate],
    1e-9,
  );
  expectClose(
    solveContinuous(rotation).eigenvalues.map(({ imaginary }) => Math.abs(imaginary)),
    [q, q],
    1e-9,
  );
  const decay = solveContinuous(
    linearQuadratic({ curvature: [[h]], drift: [[-j]], minimum: [2], discountRate }),
  );
  const pull = j * (j + discountRate);
  expectClose(decay.restingPoint, [(2 * h) / (h + pull)], 1e-10);
  expectClose(
    -decay.eigenvalues[0].real,
    Math.sqrt(discountRate ** 2 / 4 + h + pull) - discountRate / 2,
    1e-9,
  );
});

test("pushing the velocity alone is heavy ball", () => {
  const [c, h, timeStep] = [0.3, 2, 0.05];
  const problem = linearQuadratic({
    curvature: [
      [h, 0],
      [0, 0],
    ],
    drift: [
      [0, 1],
      [0, -c],
    ],
    control: [[0], [1]],
    metric: [[1]],
    minimum: [0, 0],
    discountRate: 0.2,
    timeStep,
  });
  const { gain, status } = solveDiscrete(problem);
  const [kappa1, kappa2] = gain[0];
  expect(status).toBe("exact");
  let [x, v] = [1, 0];
  let [theta, step] = [1, 0];
  for (let t = 0; t < 20; t++) {
    const action = -kappa1 * x - kappa2 * v;
    [x, v] = [x + timeStep * v, v + timeStep * (-c * v + action)];
    const before = theta;
    theta += step;
    step = (1 - timeStep * (c + kappa2)) * step - ((timeStep ** 2 * kappa1) / h) * h * before;
    expectClose([theta, step / timeStep], [x, v], 1e-12);
  }
});

test("unreachable and invisible directions are refused, with the remedy", () => {
  const unreached = linearQuadratic({
    curvature: [
      [1, 0],
      [0, 1],
    ],
    drift: [
      [0.2, 0],
      [0, 0],
    ],
    control: [[0], [1]],
    metric: [[1]],
    minimum: [0, 0],
    discountRate: 0.3,
  });
  expect(() => solveContinuous(unreached)).toThrow(
    /geometry\.control: not stabilisable.*discountRate > 0\.4/,
  );
  expect(() => solveDiscrete(unreached)).toThrow(/geometry\.control: not stabilisable.*discountRate > 0\.39/);
  expect(solveDiscrete({ ...unreached, discountRate: 0.5 }).status).toBe("exact");
  const unseen = linearQuadratic({
    curvature: [
      [1, 0],
      [0, 0],
    ],
    minimum: [0, 0],
    discountRate: 0,
  });
  expect(() => solveContinuous(unseen)).toThrow(/not detectable/);
  expect(() => solveDiscrete(unseen)).toThrow(/not detectable/);
});

test("a direction that is seen or reached through another is accepted", () => {
  const integrator = linearQuadratic({
    curvature: [
      [1, 0],
      [0, 0],
    ],
    drift: [
      [0, 1],
      [0, 0],
    ],
    control: [[0], [1]],
    metric: [[1]],
    discountRate: 0,
  });
  expect(solveContinuous(integrator).status).toBe("exact");
  expect(solveDiscrete(integrator).status).toBe("exact");
  const spiral = linearQuadratic({
    curvature: [
      [1, 0],
      [0, 1],
    ],
    drift: [
      [0.1, -1],
      [1, 0.1],
    ],
    control: [[0], [1]],
    metric: [[1]],
    discountRate: 0.1,
  });
  expect(solveContinuous(spiral).status).toBe("exact");
});

test("a double mode, which rounding takes apart, is refused where only one of two directions is reached or seen", () => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  // A = ½I + pqᵀ, with p = (c, s) and q = (−s, c): what is along p grows by what is along q, and not the other way round.
  const drift = [
    [0.5 - c * s, c * c],
    [-s * s, 0.5 + c * s],
  ];
  const eye = [
    [1, 0],
    [0, 1],
  ];
  const square = (x: number, y: number) => [
    [x * x, x * y],
    [x * y, y * y],
  ];
  const common = { drift, discountRate: 0.1 };
  const reached = { ...common, curvature: eye, metric: [[1]] };
  const seen = { ...common, control: eye, metric: eye };
  for (const solve of [solveContinuous, solveDiscrete]) {
    const growth = solve === solveContinuous ? /eigenvalue 0\.[45]\d*\)/ : /eigenvalue 1\.0[45]\d*\)/;
    expect(() => solve(linearQuadratic({ ...reached, control: [[c], [s]] }))).toThrow(growth);
    expect(() => solve(linearQuadratic({ ...seen, curvature: square(-s, c) }))).toThrow(growth);
    expect(solve(linearQuadratic({ ...reached, control: [[-s], [c]] })).status).toBe("exact");
    expect(solve(linearQuadratic({ ...seen, curvature: square(c, s) })).status).toBe("exact");
  }
});

test("a growing rotation that nothing reaches is refused", () => {
  const rotation = linearQuadratic({
    curvature: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    drift: [
      [0.1, -2, 0],
      [2, 0.1, 0],
      [0, 0, 0],
    ],
    control: [[0], [0], [1]],
    metric: [[1]],
    discountRate: 0.15,
  });
  expect(() => solveContinuous(rotation)).toThrow(/not stabilisable.*discountRate > 0\.2/);
  expect(solveContinuous({ ...rotation, discountRate: 0.25 }).status).toBe("exact");
});

test("one growing mode and next to no push: the push turns its rate round", () => {
  const problem = linearQuadratic({
    drift: [[0.75]],
    control: [[1e-20]],
    metric: [[1]],
    curvature: [[1]],
    discountRate: 0,
  });
  const { status, closedLoop, valueMatrix } = solveContinuous(problem);
  expect(status).toBe("exact");
  expectClose(closedLoop[0][0], -0.75, 1e-12);
  expectClose(valueMatrix[0][0], 1.5e40, 1e-12);
});

test("a loss that is flat everywhere costs nothing", () => {
  const flat = linearQuadratic({
    drift: [
      [-1, 0.5],
      [0, -2],
    ],
    curvature: [
      [0, 0],
      [0, 0],
    ],
    discountRate: 0.3,
  });
  for (const solve of [solveContinuous, solveDiscrete]) {
    const { status, evidence, valueMatrix, valueConstant } = solve(flat);
    expect(status).toBe("exact");
    expect(evidence.relativeResidual).toBe(0);
    expect(valueMatrix.flat()).toEqual([0, 0, 0, 0]);
    expect(valueConstant).toBe(0);
  }
});

test("no single resting point is said so", () => {
  const still = linearQuadratic({
    curvature: [
      [1, 0],
      [0, 1],
    ],
    control: [[0], [1]],
    metric: [[1]],
    minimum: [0, 0],
    discountRate: 0.3,
  });
  expect(solveDiscrete(still).restingPoint).toBeNull();
});

test("running out of iterations is a status, not an error", () => {
  expect(
    solveDiscrete(linearQuadratic({ curvature: [[1]], discountRate: 0 }), { maxIterations: 2 }).status,
  ).toBe("not-converged");
});

test.each([
  [8, 1],
  [32, 4],
  [16, 1],
  [24, 1],
  [32, 2],
])("few pushes, d = %d, m = %d: the equation holds all the same", (size, pushes) => {
  const problem = denseProblem(size, pushes, 0.1);
  for (const solve of [solveContinuous, solveDiscrete]) {
    const { status, evidence } = solve(problem);
    expect(status).toBe("exact");
    expect(evidence.relativeResidual).toBeLessThan(1e-12);
  }
});

test.each([
  { size: 16, time: "continuous", solve: solveContinuous },
  { size: 32, time: "in steps", solve: solveDiscrete },
  { size: 40, time: "continuous", solve: solveContinuous },
  { size: 48, time: "in steps", solve: solveDiscrete },
] as const)(
  "one push and $size parameters, $time: value matrix and remainder hold the equation together",
  ({ size, time, solve }) => {
    const problem = denseProblem(size, 1, 0.1);
    const { status, evidence, valueMatrix, valueRemainder } = solve(problem);
    expect(status).toBe("exact");
    expect(evidence.relativeResidual).toBeLessThan(1e-12);
    expect(exactDefect(problem, time, [valueMatrix, valueRemainder!])).toBeLessThan(1e-12);
    expectClose(exactDefect(problem, time, [valueMatrix]), evidence.roundingResidual, 1e-2);
  },
);

test("a strong push leaves no remainder", () => {
  for (const solve of [solveContinuous, solveDiscrete])
    expect(solve(denseProblem(32, 32, 0.1)).valueRemainder).toBeNull();
});
