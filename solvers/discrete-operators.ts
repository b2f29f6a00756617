import { Matrix } from "ml-matrix";
import { column, plus, product, quotient, symmetrise, times, toMatrix } from "./dense.js";
import { type DoublingOptions, doubleToFixedPoint } from "./doubling.js";
import { polishDiscrete } from "./kleinman.js";
import type { LinearQuadratic, RiccatiEvidence } from "./riccati.js";
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
  /** B̃, shape [d, m]. */
  readonly pushed: Matrix;
  /** R̃, shape [m, m]. */
  readonly effort: Matrix;
  /** (I + ΓM)⁻¹, shape [d, d]. */
  readonly damping: Matrix;
  /** R̃ + B̃ᵀMB̃, shape [m, m]: curvature of the cost in the action. */
  readonly actionCost: Matrix;
  /** N = (R̃ + B̃ᵀMB̃)⁻¹B̃ᵀ, shape [m, d]: u = N(ℓ − M(Ãθ + b̃)), where ℓ is the linear cost of where a step ends. */
  readonly response: Matrix;
  readonly evidence: RiccatiEvidence;
  readonly converged: boolean;
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
  const transition = plus(eye, toMatrix(problem.drift).mul(timeStep));
  checkWellPosed(transition, control, curvature, discreteStability(discountRate, timeStep));
  const discount = Math.exp(-discountRate * timeStep);
  const push = symmetrise(product(control, quotient(metric, control.transpose())).mul(mobility * timeStep));
  const cost = times(curvature, lossWeight * timeStep);
  const pushed = times(control, timeStep);
  const effort = times(metric, timeStep / mobility);
  const discounted = times(transition, Math.sqrt(discount));
  const { solution, iterations, converged } = doubleToFixedPoint(
    { transition: discounted, push, cost },
    options,
  );
  const {
    value: after,
    relativeResidual,
    roundingResidual,
  } = polishDiscrete({ transition: discounted, control: pushed, effort, cost }, solution);
  const actionCost = plus(effort, product(pushed.transpose(), product(after, pushed)));
  return {
    discount,
    transition,
    offset: column(problem.offset).mul(timeStep),
    cost,
    after,
    push,
    pushed,
    effort,
    damping: quotient(plus(eye, product(push, after)), eye),
    actionCost,
    response: quotient(actionCost, pushed.transpose()),
    evidence: { relativeResidual, roundingResidual, iterations },
    converged,
  };
}
