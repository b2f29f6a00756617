import { Matrix } from "ml-matrix";
import { column, minus, plus, product, quotient, symmetrise, times, toMatrix } from "./dense.js";
import type { DoublingOptions } from "./doubling.js";
import { type RiccatiEvidence, solveRiccati } from "./kleinman.js";
import type { LinearQuadratic } from "./riccati.js";
import { costBefore, steppedEquation } from "./riccati-equation.js";
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
  /** S, shape [d, d]: curvature of the cost of where a step begins. */
  readonly before: Matrix;
  /** (I + ΓM)⁻¹Γ = B̃N, shape [d, d], Γ = B̃R̃⁻¹B̃ᵀ: how a step gives way to the linear cost of where it ends. */
  readonly yielding: Matrix;
  /** (I + ΓM)⁻¹, shape [d, d]. */
  readonly damping: Matrix;
  /** R̃ + B̃ᵀMB̃, shape [m, m]: curvature of the cost in the action. */
  readonly actionCost: Matrix;
  /** N = (R̃ + B̃ᵀMB̃)⁻¹B̃ᵀ, shape [m, d]: u = N(ℓ − M(Ãθ + b̃)), where ℓ is the linear cost of where a step ends. */
  readonly response: Matrix;
  /** NM, shape [m, d]: what the action takes of where θ would go without it. */
  readonly feedback: Matrix;
  /** What `before` lacks of S, where M is so large that its products cancel in float64; else null. */
  readonly remainder: Matrix | null;
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
  const coefficients = { transition: discounted, control: pushed, effort, cost };
  const { value, law, evidence, converged, shown } = solveRiccati(
    steppedEquation,
    coefficients,
    { base: cost, factor: discount },
    options,
  );
  const gain = product(law.feedback, transition);
  const closedLoop = minus(transition, product(pushed, gain));
  return {
    discount,
    transition,
    offset: column(problem.offset).mul(timeStep),
    cost,
    after: value,
    before: shown?.value ?? costBefore(coefficients, value, { gain, closedLoop }),
    yielding: symmetrise(product(pushed, law.response)),
    damping: shown
      ? minus(eye, product(pushed, law.feedback))
      : quotient(plus(eye, product(push, value)), eye),
    actionCost: law.actionCost,
    response: law.response,
    feedback: law.feedback,
    remainder: shown?.remainder ?? null,
    evidence,
    converged,
  };
}
