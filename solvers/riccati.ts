import { Matrix } from "ml-matrix";
import type { Matrix as Rows, Vector } from "../envs/problem/problem.js";
import { column, minus, plus, product, quotient, symmetrise, times, toMatrix, trySolve } from "./dense.js";
import { type DiscreteOperators, discreteOperators } from "./discrete-operators.js";
import type { DoublingOptions } from "./doubling.js";
import { type Eigenvalue, eigenvaluesOf } from "./eigenvalues.js";
import { type RiccatiEvidence, solveRiccati } from "./kleinman.js";
import { flowEquation } from "./riccati-equation.js";
import { continuousAffine, lawOf, resting } from "./riccati-law.js";
import { steadyState } from "./steady.js";
import { checkWellPosed, continuousStability } from "./well-posed.js";

/** A linear-quadratic problem: θ̇ = Aθ + b + Bu, cost e^{−γt}[(1/2η)uᵀGu + (k/2)(θ − μ)ᵀH(θ − μ)]. */
export interface LinearQuadratic {
  /** A, shape [d, d], per unit time. */
  readonly drift: Rows;
  /** b, shape [d], θ per unit time. */
  readonly offset: Vector;
  /** B, shape [d, m], m ≤ d. */
  readonly control: Rows;
  /** G ≻ 0, shape [m, m]. */
  readonly metric: Rows;
  /** H ≥ 0, shape [d, d]. */
  readonly curvature: Rows;
  /** μ, shape [d]. */
  readonly minimum: Vector;
  /** η > 0. */
  readonly mobility: number;
  /** k > 0. */
  readonly lossWeight: number;
  /** γ ≥ 0. */
  readonly discountRate: number;
  /** Δt > 0; the continuous problem ignores it. */
  readonly timeStep: number;
}

/** The optimum: V(θ) = ½θᵀ·valueMatrix·θ − valueVectorᵀθ + valueConstant, u = −gain·θ + feedforward. */
export interface RiccatiSolution {
  /** S, shape [d, d]. */
  readonly valueMatrix: number[][];
  /**
   * What `valueMatrix` lacks of S, shape [d, d]: their sum holds the Riccati equation to 1e-12 where a weak control
   * makes S so large that float64 does not. null where it does.
   */
  readonly valueRemainder: number[][] | null;
  /** c, shape [d]. */
  readonly valueVector: number[];
  /** Cost-to-go at θ = 0: Infinity when γ = 0 and resting costs, null without a single resting point. */
  readonly valueConstant: number | null;
  /** K, shape [m, d]. */
  readonly gain: number[][];
  /** Shape [m]. */
  readonly feedforward: number[];
  /** θ∞ of the closed loop, shape [d]; null when it has no single resting point. */
  readonly restingPoint: number[] | null;
  /** The closed loop θ ↦ closedLoop·θ + closedLoopOffset (next θ, or θ̇ in continuous time). */
  readonly closedLoop: number[][];
  readonly closedLoopOffset: number[];
  /** Eigenvalues of the closed loop: factors per step, or negated rates per unit time. */
  readonly eigenvalues: Eigenvalue[];
  readonly status: "exact" | "not-converged";
  readonly evidence: RiccatiEvidence;
}

export type RiccatiLaw = Omit<RiccatiSolution, "eigenvalues">;

/**
 * The optimum of θ' = θ + Δt(Aθ + b + Bu) with the loss charged after the step. With Ã = I + ΔtA, B̃ = ΔtB:
 * M = kΔtH + ρÃᵀM(I + ΓM)⁻¹Ã, S = ÃᵀM(I + ΓM)⁻¹Ã, K = (R̃ + B̃ᵀMB̃)⁻¹B̃ᵀMÃ.
 *
 * @throws Error when the problem is not stabilisable or not detectable
 */
export function solveDiscrete(problem: LinearQuadratic, options: DoublingOptions = {}): RiccatiSolution {
  return discreteSolution(problem, discreteOperators(problem, options));
}

/** The same from operators that are already known. */
export function discreteSolution(problem: LinearQuadratic, operators: DiscreteOperators): RiccatiSolution {
  const law = discreteLaw(problem, operators);
  return { ...law, eigenvalues: eigenvaluesOf(toMatrix(law.closedLoop)) };
}

/** The same without the eigenvalues. */
export function discreteLaw(problem: LinearQuadratic, operators: DiscreteOperators): RiccatiLaw {
  const { discount, after, before, remainder, cost, damping, offset, transition, response, feedback } =
    operators;
  const eye = Matrix.eye(after.rows);
  const closedLoop = product(damping, transition);
  const gain = product(feedback, transition);
  const attraction = cost.mmul(column(problem.minimum));
  const common = {
    problem,
    value: before,
    remainder,
    gain,
    closedLoop,
    evidence: operators.evidence,
    converged: operators.converged,
    patience: problem.timeStep / -Math.expm1(-problem.discountRate * problem.timeStep),
  };
  const control = toMatrix(problem.control).mul(problem.timeStep);
  const steady =
    remainder &&
    steadyState({
      drift: minus(transition, eye),
      offset,
      control,
      effort: times(toMatrix(problem.metric), problem.timeStep / problem.mobility),
      cost,
      attraction,
      adjoint: minus(times(transition.transpose(), discount), eye),
    });
  if (steady) return lawOf({ ...common, ...resting(common, steady, transition, control, offset) });
  const vector = quotient(
    minus(eye, times(closedLoop.transpose(), discount)),
    closedLoop.transpose().mmul(minus(attraction, after.mmul(offset))),
  );
  const linear = plus(attraction, times(vector, discount));
  const feedforward = minus(response.mmul(linear), feedback.mmul(offset));
  const closedLoopOffset = plus(offset, control.mmul(feedforward));
  const rest = trySolve(minus(eye, closedLoop), closedLoopOffset);
  return lawOf({ ...common, vector, feedforward, closedLoopOffset, rest });
}

/**
 * The optimum in continuous time: γS = SA + AᵀS + kH − ηSBG⁻¹BᵀS,
 * (γI − Aᵀ + ηSBG⁻¹Bᵀ)c = kHμ − Sb, u = ηG⁻¹Bᵀ(c − Sθ).
 *
 * @throws Error when the problem is not stabilisable or not detectable
 */
export function solveContinuous(problem: LinearQuadratic, options: DoublingOptions = {}): RiccatiSolution {
  const { mobility, lossWeight, discountRate } = problem;
  const [drift, control, curvature] = [
    toMatrix(problem.drift),
    toMatrix(problem.control),
    toMatrix(problem.curvature),
  ];
  checkWellPosed(drift, control, curvature, continuousStability(discountRate));
  const discounted = (rate: number) => Matrix.eye(drift.rows, drift.rows, rate);
  const price = symmetrise(
    quotient(toMatrix(problem.metric), Matrix.eye(control.columns, control.columns, mobility)),
  );
  const push = symmetrise(product(control, product(price, control.transpose())));
  const cost = times(curvature, lossWeight);
  const transition = minus(drift, discounted(discountRate / 2));
  const effort = times(toMatrix(problem.metric), 1 / mobility);
  const {
    value: found,
    law,
    evidence,
    converged,
    shown,
  } = solveRiccati(
    flowEquation,
    { transition, control, effort, cost },
    { base: Matrix.zeros(drift.rows, drift.rows), factor: 1 },
    options,
  );
  const offset = column(problem.offset);
  const closedLoop = plus(law.closedLoop, discounted(discountRate / 2));
  const common = {
    problem,
    value: shown?.value ?? found,
    remainder: shown?.remainder ?? null,
    gain: law.gain,
    closedLoop,
    evidence,
    converged,
    patience: 1 / discountRate,
  };
  const attraction = cost.mmul(column(problem.minimum));
  const steady =
    shown &&
    steadyState({
      drift,
      offset,
      control,
      effort,
      cost,
      attraction,
      adjoint: minus(drift.transpose(), discounted(discountRate)),
    });
  const affine = steady
    ? resting(common, steady, Matrix.eye(drift.rows), control, offset)
    : continuousAffine(common, push, product(price, control.transpose()), attraction, offset);
  return { ...lawOf({ ...common, ...affine }), eigenvalues: eigenvaluesOf(closedLoop) };
}
