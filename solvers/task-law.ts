import { Matrix } from "ml-matrix";
import type { NavigationProblem } from "../envs/problem/problem.js";
import { survivalOf } from "../envs/problem/tasks.js";
import {
  column,
  minus,
  plus,
  product,
  quotient,
  scalarOf,
  times,
  toMatrix,
  toRows,
  toVector,
  trySolve,
} from "./dense.js";
import type { DiscreteOperators } from "./discrete-operators.js";
import { linearQuadraticOf, operatorsOf } from "./linear-quadratic.js";
import { discreteLaw, type LinearQuadratic, type RiccatiSolution, solveContinuous } from "./riccati.js";

/** Rate per unit time at which E[μ(t) − μ₀] decays: 0, the hazard λ, or the relaxation rate. */
function forgettingRate({ task }: NavigationProblem): number {
  return task.kind === "static" ? 0 : task.kind === "redrawn" ? task.hazardRate : task.relaxationRate;
}

/** The certainty-equivalent law u = −gain·θ + taskGain·μ̂ + constant, where μ̂ is the expected minimum now. */
export interface TaskLaw {
  /** K, shape [m, d]. */
  readonly gain: number[][];
  /** K_μ, shape [m, d]. */
  readonly taskGain: number[][];
  /** Shape [m]. */
  readonly constant: number[];
  /** s of θ* = μ₀ + s(μ̂ − μ₀), K⁻¹K_μ: a number when it is isotropic, else [d, d]; null when K is not invertible. */
  readonly shrinkage: number | number[][] | null;
  /** w = I − s: the weight of the prior mean while a task lasts. */
  readonly priorWeight: number | number[][] | null;
}

/**
 * The law in discrete time. The linear part of the value, c = c(μ₀) + C(μ − μ₀), obeys
 * C = Ã_clᵀ(kΔtH + ρaC), because E[μ' − μ₀] = a(μ − μ₀); for scalar curvature s = (1 − κρ)/(1 − κρa).
 *
 * @throws Error when the landscape is not a known quadratic, or the problem is not stabilisable
 */
export function discreteTaskLaw(problem: NavigationProblem): TaskLaw {
  const matrices = linearQuadraticOf(problem);
  const operators = operatorsOf(problem);
  const { gain, feedforward } = discreteLaw(matrices, operators);
  const taskGain = product(operators.response, linearCost(operators, survivalOf(problem)));
  return assemble(matrices, { gain, feedforward }, taskGain);
}

/** C of c(μ) = c(μ₀) + C(μ − μ₀): how the linear part of the value depends on the present task. Shape [d, d]. */
export function taskSlope(
  { discount, cost, damping, transition }: DiscreteOperators,
  survival: number,
): Matrix {
  const backward = product(damping, transition).transpose();
  const left = minus(Matrix.eye(cost.rows), times(backward, discount * survival));
  return quotient(left, product(backward, cost));
}

/** L = kΔtH + ρaC: how the linear cost of where a step ends depends on the present task. Shape [d, d]. */
export function linearCost(operators: DiscreteOperators, survival: number): Matrix {
  return plus(operators.cost, taskSlope(operators, survival).mul(operators.discount * survival));
}

/**
 * The law in continuous time: ((γ + λ)I − A_clᵀ)C = kH and K_μ = ηG⁻¹BᵀC; for scalar curvature
 * s = (γ + R)/(γ + R + λ).
 *
 * @throws Error when the landscape is not a known quadratic, or the problem is not stabilisable
 */
export function continuousTaskLaw(problem: NavigationProblem): TaskLaw {
  const matrices = linearQuadraticOf(problem);
  const { gain, feedforward, closedLoop } = solveContinuous(matrices);
  const size = closedLoop.length;
  const rate = matrices.discountRate + forgettingRate(problem);
  const decay = minus(Matrix.eye(size, size, rate), toMatrix(closedLoop).transpose());
  const slope = quotient(decay, toMatrix(matrices.curvature).mul(matrices.lossWeight));
  const steer = quotient(toMatrix(matrices.metric), toMatrix(matrices.control).transpose()).mul(
    matrices.mobility,
  );
  return assemble(matrices, { gain, feedforward }, product(steer, slope));
}

/** The feedforward of `law` is for μ̂ = μ₀; what is left of it beside K_μμ₀ is the constant. */
function assemble(
  { minimum }: LinearQuadratic,
  { gain, feedforward }: Pick<RiccatiSolution, "gain" | "feedforward">,
  taskGain: Matrix,
): TaskLaw {
  const constant = minus(column(feedforward), taskGain.mmul(column(minimum)));
  const ratio = gain.length === minimum.length ? trySolve(toMatrix(gain), taskGain) : null;
  const shrinkage = ratio && (scalarOf(ratio) ?? toRows(ratio));
  return {
    gain,
    taskGain: toRows(taskGain),
    constant: toVector(constant),
    shrinkage,
    priorWeight:
      typeof shrinkage === "number" ? 1 - shrinkage : ratio && toRows(minus(Matrix.eye(ratio.rows), ratio)),
  };
}
