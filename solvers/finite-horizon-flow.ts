import { Matrix, solve } from "ml-matrix";
import type { Matrix as Rows } from "../envs/problem/problem.js";
import { minus, plus, symmetrise, times, toMatrix, toRows } from "./dense.js";
import type { LinearQuadratic } from "./riccati.js";

export interface FiniteHorizonValue {
  /** S(τ), shape [d, d]: V = ½(θ − μ)ᵀS(θ − μ) with τ left to go. */
  readonly valueMatrix: number[][];
  /** R = ηG⁻¹BᵀS, shape [m, d]: u = −R(θ − μ). */
  readonly gain: number[][];
}

/** Longest step of the flow, times the norm of its generator. */
const REACH = 0.5;
/** Terms of the exponential series: (1/2)¹⁸/18! is below rounding. */
const TERMS = 18;

/**
 * The value in continuous time when τ is left to go and ½(θ − μ)ᵀS_T(θ − μ) is charged at the end, for a problem
 * without offset whose minimum is at rest. −Ṡ = kH + A_γᵀS + SA_γ − SES, A_γ = A − γ/2, E = ηBG⁻¹Bᵀ, is the flow of
 * S = YX⁻¹ under
 *
 *     d/dτ [X; Y] = [−A_γ, E; kH, A_γᵀ]·[X; Y],
 *
 * whose exponential over short steps is exact to rounding. Each step begins at [I; S], so nothing grows.
 *
 * @throws Error when τ is negative
 */
export function finiteHorizonValue(
  problem: LinearQuadratic,
  remaining: number,
  terminalWeight: Rows,
): FiniteHorizonValue {
  if (!(remaining >= 0)) throw new Error(`remaining: must be >= 0, got ${remaining}`);
  const { mobility, lossWeight, discountRate } = problem;
  const [control, metric] = [toMatrix(problem.control), toMatrix(problem.metric)];
  const d = problem.curvature.length;
  const drift = minus(toMatrix(problem.drift), Matrix.eye(d).mul(discountRate / 2));
  const response = solve(metric, control.transpose()).mul(mobility);
  const generator = Matrix.zeros(2 * d, 2 * d)
    .setSubMatrix(times(drift, -1), 0, 0)
    .setSubMatrix(control.mmul(response), 0, d)
    .setSubMatrix(times(toMatrix(problem.curvature), lossWeight), d, 0)
    .setSubMatrix(drift.transpose(), d, d);
  const steps = Math.max(1, Math.ceil((remaining * generator.norm()) / REACH));
  const flow = exponential(times(generator, remaining / steps));
  let value = toMatrix(terminalWeight);
  for (let step = 0; step < steps; step++) value = advance(flow, value);
  return { valueMatrix: toRows(value), gain: toRows(response.mmul(value)) };
}

/** YX⁻¹ after one step from [I; S]. */
function advance(flow: Matrix, value: Matrix): Matrix {
  const d = value.rows;
  const block = (row: number, column: number) => flow.subMatrix(row, row + d - 1, column, column + d - 1);
  const x = plus(block(0, 0), block(0, d).mmul(value));
  const y = plus(block(d, 0), block(d, d).mmul(value));
  return symmetrise(solve(x.transpose(), y.transpose()).transpose());
}

/** Σ Mⁿ/n! for a matrix of norm at most `REACH`. */
function exponential(matrix: Matrix): Matrix {
  const sum = Matrix.eye(matrix.rows);
  let term = Matrix.eye(matrix.rows);
  for (let n = 1; n <= TERMS; n++) {
    term = term.mmul(matrix).div(n);
    sum.add(term);
  }
  return sum;
}
