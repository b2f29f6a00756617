import { describe, expect, test } from "vitest";
import { Dynamics } from "../../envs/dynamics.js";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem, type ProblemInput } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { finiteHorizonRate } from "../../solvers/finite-horizon.js";
import { finiteHorizonValue } from "../../solvers/finite-horizon-flow.js";
import { finiteHorizonPolicy } from "../../solvers/finite-horizon-policy.js";
import { linearQuadraticOf } from "../../solvers/linear-quadratic.js";
import { solveContinuous, solveDiscrete } from "../../solvers/riccati.js";
import { solve } from "../../solvers/solve.js";
import { expectClose } from "./close.js";

const general: ProblemInput = {
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.4, 0],
      [0.4, 1, -0.2],
      [0, -0.2, 1.5],
    ],
    minimum: [1, -0.5, 0.3],
  },
  objective: { mobility: 0.8, lossWeight: 1.4, discountRate: 0.5, timeStep: 0.2, horizon: 1.6 },
  geometry: {
    control: [
      [1, 0],
      [0.3, 1],
      [0, -0.5],
    ],
    metric: [
      [1.2, 0.1],
      [0.1, 0.9],
    ],
    drift: {
      matrix: [
        [-0.2, 0.5, 0],
        [0, 0.1, 0.3],
        [0.2, 0, -0.4],
      ],
      offset: [0.1, -0.2, 0.3],
    },
  },
  start: { kind: "point", parameters: [2, 1, -1] },
};
const weight = [
  [3, 0.5, 0],
  [0.5, 2, 0.1],
  [0, 0.1, 1],
];
const problem = defineProblem(general);
const steps = 8;

/** Cost of given actions, `[steps, 2]`, by the simulator, with ½(θ − μ)ᵀS_T(θ − μ) at the end. */
function costOf(actions: Float64Array): number {
  const dynamics = new Dynamics(problem, { seed: 0 });
  const { discountRate, timeStep } = problem.objective;
  const rho = Math.exp(-discountRate * timeStep);
  let cost = 0;
  for (let t = 0; t < steps; t++) {
    dynamics.step(actions.subarray(2 * t, 2 * t + 2));
    cost += rho ** t * dynamics.costs[0];
  }
  const z = Array.from(dynamics.parameters, (value, i) => value - [1, -0.5, 0.3][i]);
  const terminal =
    weight.reduce((sum, row, i) => sum + row.reduce((part, w, j) => part + w * z[i] * z[j], 0), 0) / 2;
  return cost + rho ** steps * terminal;
}

function actionsOf(on: NavigationProblem): Float64Array {
  const { policy } = finiteHorizonPolicy(on, { terminalWeight: weight });
  const actions: number[] = [];
  rollout(on, policy, { steps, seed: 0, onStep: (step) => actions.push(...step.actions) });
  return Float64Array.from(actions);
}

describe("a problem that ends", () => {
  test("costs what the value says, and no action can be bettered", () => {
    const actions = actionsOf(problem);
    const optimum = costOf(actions);
    expectClose(
      [finiteHorizonPolicy(problem, { terminalWeight: weight }).value([2, 1, -1])],
      [optimum],
      1e-12,
    );
    for (let i = 0; i < actions.length; i++) {
      const moved = (by: number) => costOf(actions.map((value, j) => (j === i ? value + by : value)));
      // A quadratic: its slope is exact by central differences.
      expect(Math.abs(moved(0.5) - moved(-0.5))).toBeLessThan(1e-11 * optimum);
      expect(moved(0.5)).toBeGreaterThan(optimum);
    }
  });

  test("far from its end it is the endless problem", () => {
    const long = defineProblem({ ...general, objective: { ...general.objective, horizon: 40 } });
    const { gain, feedforward } = solveDiscrete(linearQuadraticOf(long));
    const [first] = finiteHorizonPolicy(long).schedule;
    expectClose(first.gain, gain, 1e-8);
    expectClose(first.feedforward, feedforward, 1e-8);
  });

  test("without a charge at the end the schedule cools down, with a large one it rushes", () => {
    const scalar = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      objective: { timeStep: 0.05, horizon: 5 },
    });
    const gains = (terminalWeight?: number[][]) =>
      finiteHorizonPolicy(scalar, terminalWeight && { terminalWeight }).schedule.map(
        ({ gain }) => gain[0][0],
      );
    expect(gains()).toHaveLength(100);
    expect(gains().at(-1)).toBeLessThan(0.1 * gains()[0]);
    expect(gains([[50]]).at(-1)).toBeGreaterThan(10 * gains([[50]])[0]);
  });

  test("the schedule converges to that of continuous time at first order", () => {
    const error = (timeStep: number) => {
      const scalar = defineProblem({
        landscape: { kind: "quadratic", curvature: [2] },
        objective: { discountRate: 0.3, timeStep, horizon: 1 },
      });
      const exact = finiteHorizonRate({ curvature: 2, discountRate: 0.3, horizon: 1 }, 0);
      return Math.abs(finiteHorizonPolicy(scalar).schedule[0].gain[0][0] - exact);
    };
    expect(Math.log2(error(0.02) / error(0.01))).toBeGreaterThan(0.9);
  });

  test("solve gives the schedule, exactly", () => {
    const solution = solve(problem);
    expect(solution.status).toBe("exact");
    expect(solution.schedule).toHaveLength(steps);
    expect(solution.rule.name).toBe("schedule");
    expectClose([solution.value([2, 1, -1])], [finiteHorizonPolicy(problem).value([2, 1, -1])], 1e-14);
    expectClose([solution.expectedCost.optimal ?? Number.NaN], [solution.value([2, 1, -1])], 1e-14);
  });

  test("what it cannot do it says", () => {
    const endless = defineProblem({ landscape: { kind: "quadratic", curvature: [1] } });
    expect(() => finiteHorizonPolicy(endless)).toThrow("objective.horizon: must be given for a schedule");
    expect(() => finiteHorizonPolicy(problem, { terminalWeight: [[1]] })).toThrow(
      "terminalWeight: must have shape [3, 3]",
    );
  });
});

describe("the flow of the Riccati equation", () => {
  const lq = { ...linearQuadraticOf(problem), offset: [0, 0, 0] };

  test("in one dimension it is the closed form", () => {
    const scalar = defineProblem({
      landscape: { kind: "quadratic", curvature: [2] },
      objective: { mobility: 0.5, lossWeight: 3, discountRate: 0.7 },
    });
    for (const remaining of [0, 0.01, 0.4, 3, 60]) {
      const { gain } = finiteHorizonValue(linearQuadraticOf(scalar), remaining, [[1.5]]);
      const closed = {
        curvature: 2,
        mobility: 0.5,
        lossWeight: 3,
        discountRate: 0.7,
        horizon: 60,
        terminalWeight: 1.5,
      };
      expectClose(gain, [[finiteHorizonRate(closed, 60 - remaining)]], 1e-12);
    }
  });

  test("it solves the equation: small Runge-Kutta steps arrive at the same place", () => {
    const multiply = (a: number[][], b: number[][]) =>
      a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
    const transpose = (a: number[][]) => a[0].map((_, j) => a.map((row) => row[j]));
    const plus = (a: number[][], b: number[][], scale: number) =>
      a.map((row, i) => row.map((value, j) => value + scale * b[i][j]));
    const inverseMetric = [
      [0.9, -0.1],
      [-0.1, 1.2],
    ].map((row) => row.map((value) => value / (1.2 * 0.9 - 0.01)));
    const control = lq.control.map((row) => [...row]);
    const push = multiply(multiply(control, inverseMetric), transpose(control)).map((row) =>
      row.map((value) => lq.mobility * value),
    );
    const drift = lq.drift.map((row, i) =>
      row.map((value, j) => value - (i === j ? lq.discountRate / 2 : 0)),
    );
    const curvature = lq.curvature.map((row) => row.map((value) => lq.lossWeight * value));
    const slope = (s: number[][]) =>
      plus(
        plus(plus(curvature, multiply(transpose(drift), s), 1), multiply(s, drift), 1),
        multiply(multiply(s, push), s),
        -1,
      );
    let s = weight;
    const h = 1.6 / 4000;
    for (let i = 0; i < 4000; i++) {
      const a = slope(s);
      const b = slope(plus(s, a, h / 2));
      const c = slope(plus(s, b, h / 2));
      const e = slope(plus(s, c, h));
      s = plus(plus(plus(plus(s, a, h / 6), b, h / 3), c, h / 3), e, h / 6);
    }
    expectClose(finiteHorizonValue(lq, 1.6, weight).valueMatrix, s, 1e-11);
  });

  test("with all the time in the world it rests at the algebraic solution", () => {
    expectClose(finiteHorizonValue(lq, 200, weight).valueMatrix, solveContinuous(lq).valueMatrix, 1e-10);
    expectClose(finiteHorizonValue(lq, 0, weight).valueMatrix, weight, 1e-15);
    expect(() => finiteHorizonValue(lq, -1, weight)).toThrow("remaining: must be >= 0, got -1");
  });
});
