import { inverse, Matrix, solve } from "ml-matrix";
import { column, symmetrise, toMatrix } from "./dense.js";
import { type DoublingOptions, type DoublingResult, doubleToFixedPoint } from "./doubling.js";
import type { LinearQuadratic } from "./riccati.js";
import { checkWellPosed, discreteStability } from "./well-posed.js";

/**
 * The matrices of a discrete linear-quadratic problem that every law and value in μ is linear in, with
 * Ã = I + ΔtA, B̃ = ΔtB, b̃ = Δtb, R̃ = ΔtG/η.
 */
export interface DiscreteOperators {
  /** ρ = e^{−γΔt}. */
  readonly discount: number;
  /** Ã, shape [d, d]. */
  readonly transition: Matrix;
  /** b̃, shape [d, 1]. */
  readonly offset: Matrix;
  /** kΔtH, shape [d, d]. */
  readonly cost: Matrix;
  /** M = kΔtH + ρS, shape [d, d]: curvature of the cost of where a step ends. */
  readonly after: Matrix;
  /** Γ = B̃R̃⁻¹B̃ᵀ, shape [d, d]. */
  readonly push: Matrix;
  /** (I + ΓM)⁻¹, shape [d, d]. */
  readonly damping: Matrix;
  /** R̃ + B̃ᵀMB̃, shape [m, m]: curvature of the cost in the action. */
  readonly actionCost: Matrix;
  /** N = (R̃ + B̃ᵀMB̃)⁻¹B̃ᵀ, shape [m, d]: u = N(ℓ − M(Ãθ + b̃)), where ℓ is the linear cost of where a step ends. */
  readonly response: Matrix;
  readonly evidence: DoublingResult;
}

/**
 * Solves M = kΔtH + ρÃᵀM(I + ΓM)⁻¹Ã and collects what follows from it.
 *
 * @throws Error when the problem is not stabilisable or not detectable
 */
export function discreteOperators(
  problem: LinearQuadratic,
  options: DoublingOptions = {},
): DiscreteOperators {
  const { mobility, lossWeight, discountRate, timeStep } = problem;
  const [control, metric, curvature] = [
    toMatrix(problem.control),
    toMatrix(problem.metric),
    toMatrix(problem.curvature),
  ];
  const eye = Matrix.eye(curvature.rows);
  const transition = Matrix.add(eye, toMatrix(problem.drift).mul(timeStep));
  checkWellPosed(transition, control, curvature, discreteStability(discountRate, timeStep));
  const discount = Math.exp(-discountRate * timeStep);
  const push = symmetrise(control.mmul(solve(metric, control.transpose())).mul(mobility * timeStep));
  const cost = Matrix.mul(curvature, lossWeight * timeStep);
  const evidence = doubleToFixedPoint(
    { transition: Matrix.mul(transition, Math.sqrt(discount)), push, cost },
    options,
  );
  const after = evidence.solution;
  const pushed = Matrix.mul(control, timeStep);
  const actionCost = Matrix.mul(metric, timeStep / mobility).add(pushed.transpose().mmul(after).mmul(pushed));
  return {
    discount,
    transition,
    offset: column(problem.offset).mul(timeStep),
    cost,
    after,
    push,
    damping: inverse(Matrix.add(eye, push.mmul(after))),
    actionCost,
    response: solve(actionCost, pushed.transpose()),
    evidence,
  };
}
