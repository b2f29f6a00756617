import { Matrix, solve } from "ml-matrix";
import type { Matrix as Rows, Vector } from "../envs/problem/problem.js";
import { bilinear, column, inner, symmetrise, toMatrix, toRows, toVector, trySolve } from "./dense.js";
import { discreteOperators } from "./discrete-operators.js";
import { cayley, type DoublingOptions, type DoublingResult, doubleToFixedPoint } from "./doubling.js";
import { checkWellPosed, continuousStability, type Eigenvalue, eigenvaluesOf } from "./well-posed.js";

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
  readonly evidence: { readonly relativeResidual: number; readonly iterations: number };
}

/**
 * The optimum of θ' = θ + Δt(Aθ + b + Bu) with the loss charged after the step. With Ã = I + ΔtA, B̃ = ΔtB:
 * M = kΔtH + ρÃᵀM(I + ΓM)⁻¹Ã, S = ÃᵀM(I + ΓM)⁻¹Ã, K = (R̃ + B̃ᵀMB̃)⁻¹B̃ᵀMÃ.
 *
 * @throws Error when the problem is not stabilisable or not detectable
 */
export function solveDiscrete(problem: LinearQuadratic, options: DoublingOptions = {}): RiccatiSolution {
  const { discount, after, cost, push, damping, offset, transition, response, evidence } = discreteOperators(
    problem,
    options,
  );
  const eye = Matrix.eye(after.rows);
  const closedLoop = damping.mmul(transition);
  const value = symmetrise(closedLoop.transpose().mmul(after).mmul(transition));
  const attraction = cost.mmul(column(problem.minimum));
  const vector = solve(
    Matrix.sub(eye, Matrix.mul(closedLoop.transpose(), discount)),
    closedLoop.transpose().mmul(Matrix.sub(attraction, after.mmul(offset))),
  );
  const linear = Matrix.add(attraction, Matrix.mul(vector, discount));
  const closedLoopOffset = damping.mmul(Matrix.add(offset, push.mmul(linear)));
  return describe({
    problem,
    value,
    vector,
    gain: response.mmul(after).mmul(transition),
    feedforward: response.mmul(Matrix.sub(linear, after.mmul(offset))),
    closedLoop,
    closedLoopOffset,
    rest: trySolve(Matrix.sub(eye, closedLoop), closedLoopOffset),
    evidence,
    residual: Matrix.sub(after, Matrix.add(cost, Matrix.mul(value, discount))).norm() / after.norm(),
    patience: problem.timeStep / -Math.expm1(-problem.discountRate * problem.timeStep),
  });
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
  const steer = solve(toMatrix(problem.metric), control.transpose()).mul(mobility);
  const push = symmetrise(control.mmul(steer));
  const cost = Matrix.mul(curvature, lossWeight);
  const transition = Matrix.sub(drift, discounted(discountRate / 2));
  const evidence = doubleToFixedPoint(cayley({ transition, push, cost }), options);
  const value = evidence.solution;
  const offset = column(problem.offset);
  const closedLoop = Matrix.sub(drift, push.mmul(value));
  const forcing = Matrix.sub(cost.mmul(column(problem.minimum)), value.mmul(offset));
  const vector = solve(Matrix.sub(discounted(discountRate), closedLoop.transpose()), forcing);
  const closedLoopOffset = Matrix.add(offset, push.mmul(vector));
  return describe({
    problem,
    value,
    vector,
    gain: steer.mmul(value),
    feedforward: steer.mmul(vector),
    closedLoop,
    closedLoopOffset,
    rest: trySolve(Matrix.mul(closedLoop, -1), closedLoopOffset),
    evidence,
    residual: continuousResidual(transition, push, cost, value),
    patience: 1 / discountRate,
  });
}

/** ‖AᵀS + SA + Q − SΓS‖ over the sum of the norms of its terms. */
function continuousResidual(transition: Matrix, push: Matrix, cost: Matrix, value: Matrix): number {
  const half = value.mmul(transition);
  const bend = value.mmul(push).mmul(value);
  const error = Matrix.add(half, half.transpose()).add(cost).sub(bend);
  return error.norm() / (2 * half.norm() + cost.norm() + bend.norm());
}

interface Parts {
  readonly problem: LinearQuadratic;
  readonly value: Matrix;
  readonly vector: Matrix;
  readonly gain: Matrix;
  readonly feedforward: Matrix;
  readonly closedLoop: Matrix;
  readonly closedLoopOffset: Matrix;
  readonly rest: Matrix | null;
  readonly evidence: DoublingResult;
  readonly residual: number;
  /** ∫e^{−γt}dt, or Δt·Σρᵗ: what a constant unit of running cost adds up to. */
  readonly patience: number;
}

function describe(parts: Parts): RiccatiSolution {
  const { value, vector, gain, feedforward, closedLoop, closedLoopOffset, rest, evidence, residual } = parts;
  return {
    valueMatrix: toRows(value),
    valueVector: toVector(vector),
    valueConstant: rest ? constantOf(parts, rest) : null,
    gain: toRows(gain),
    feedforward: toVector(feedforward),
    restingPoint: rest && toVector(rest),
    closedLoop: toRows(closedLoop),
    closedLoopOffset: toVector(closedLoopOffset),
    eigenvalues: eigenvaluesOf(closedLoop),
    status: evidence.converged && residual < 1e-8 ? "exact" : "not-converged",
    evidence: { relativeResidual: residual, iterations: evidence.iterations },
  };
}

/** Read off at the resting point, where the cost-to-go is that of resting for ever. */
function constantOf({ problem, value, vector, gain, feedforward, patience }: Parts, rest: Matrix): number {
  const [metric, curvature] = [toMatrix(problem.metric), toMatrix(problem.curvature)];
  const gap = Matrix.sub(rest, column(problem.minimum));
  const action = Matrix.sub(feedforward, gain.mmul(rest));
  const effort = bilinear(action, metric, action) / (2 * problem.mobility);
  const loss = (problem.lossWeight * bilinear(gap, curvature, gap)) / 2;
  const scale =
    (problem.lossWeight * curvature.norm() + metric.norm() / problem.mobility) * (1 + rest.dot(rest));
  const running = effort + loss <= 1e-24 * scale ? 0 : (effort + loss) * patience;
  return running - bilinear(rest, value, rest) / 2 + inner(vector, rest);
}
