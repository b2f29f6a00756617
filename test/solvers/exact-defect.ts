import { Matrix } from "ml-matrix";
import type { LinearQuadratic } from "../../solvers/riccati.js";

/** Rows of multiples of 2⁻⁴⁰⁰. */
type Big = bigint[][];

const BITS = 400n;
const HALF = 2 ** 200;

const of = (rows: readonly (readonly number[])[]): Big => rows.map((row) => row.map(big));
const plus = (one: Big, other: Big): Big => one.map((row, i) => row.map((x, j) => x + other[i][j]));
const minus = (one: Big, other: Big): Big => one.map((row, i) => row.map((x, j) => x - other[i][j]));
const turned = (one: Big): Big => one[0].map((_, j) => one.map((row) => row[j]));
const times = (one: Big, other: Big): Big =>
  one.map((row) => other[0].map((_, j) => row.reduce((sum, x, k) => sum + x * other[k][j], 0n) >> BITS));
const over = (one: Big, divisor: bigint): Big => one.map((row) => row.map((x) => (x << BITS) / divisor));
const sized = (one: Big): number =>
  Math.hypot(...one.flatMap((row) => row.map((x) => Number(x) / HALF / HALF)));

/** A float64 number, exactly, if it is a multiple of 2⁻⁴⁰⁰. */
function big(x: number): bigint {
  const whole = Math.trunc(x);
  return (BigInt(whole) << BITS) + (BigInt((x - whole) * HALF * 2 ** 100) << 100n);
}

/**
 * What the Riccati equation of one control leaves over at the sum of these matrices, relative to its terms, with
 * 120 digits: of the coefficients as float64 holds them, since rounding those moves S by far more than its own.
 */
export function exactDefect(
  problem: LinearQuadratic,
  time: "continuous" | "in steps",
  parts: readonly (readonly (readonly number[])[])[],
): number {
  const { discountRate, timeStep, mobility, lossWeight } = problem;
  const [drift, curvature, eye] = [problem.drift, problem.curvature, Matrix.eye(problem.drift.length)].map(
    (rows) => new Matrix(rows as number[][]),
  );
  const [[metric]] = problem.metric;
  const control = new Matrix(problem.control as number[][]);
  const s = parts.map(of).reduce(plus);
  if (time === "continuous") {
    const [a, b] = [Matrix.sub(drift, Matrix.mul(eye, discountRate / 2)), control].map((x) =>
      of(x.to2DArray()),
    );
    const cost = of(Matrix.mul(curvature, lossWeight).to2DArray());
    const [moved, pushed] = [times(s, a), times(s, b)];
    const bend = over(times(pushed, turned(pushed)), big(metric / mobility));
    const error = minus(plus(plus(moved, turned(moved)), cost), bend);
    return sized(error) / (2 * sized(moved) + sized(cost) + sized(bend));
  }
  const discount = Math.exp(-discountRate * timeStep);
  const step = Matrix.add(eye, Matrix.mul(drift, timeStep));
  const [a, b] = [Matrix.mul(step, Math.sqrt(discount)), Matrix.mul(control, timeStep)].map((x) =>
    of(x.to2DArray()),
  );
  const cost = of(Matrix.mul(curvature, lossWeight * timeStep).to2DArray());
  const after = plus(cost, times(of(Matrix.mul(eye, discount).to2DArray()), s));
  const across = times(times(turned(b), after), a);
  const [[effort]] = times(turned(b), times(after, b));
  const bend = over(times(turned(across), across), effort + big((timeStep / mobility) * metric));
  const error = minus(plus(cost, minus(times(turned(a), times(after, a)), bend)), after);
  return sized(error) / sized(after);
}
