import { Matrix } from "ml-matrix";
import { dimensionOf, hidesCurvature, type NavigationProblem } from "../envs/problem/problem.js";
import { survivalOf } from "../envs/problem/tasks.js";
import type { TerminalCost } from "../envs/rollout.js";
import { column, inner, minus, plus, times, toMatrix } from "./dense.js";
import type { DiscreteOperators } from "./discrete-operators.js";
import { gapValue, readOffValue } from "./lasting-value.js";
import { linearQuadraticOf, operatorsOf } from "./linear-quadratic.js";
import { requireLastingTask } from "./modelled.js";
import { separableObjective } from "./policies/separable.js";
import { discreteLaw } from "./riccati.js";
import { solveScalar } from "./scalar.js";
import { linearCost, taskSlope } from "./task-law.js";

/**
 * The discrete cost-to-go of a learner that is told everything, from the start of a step, for a batch.
 * It bounds every policy's cost from below, and charged at truncation it leaves nothing to gain by stopping.
 */
export interface InformedValue {
  /**
   * V(θ, μ, h) of `count` environments. `parameters` and `minima` are `[count, d]`, and so are `curvatures`,
   * which only a problem with a hidden curvature reads. Writes `values` `[count]` and ∂V/∂θ into `gradients`
   * `[count, d]`; either may be null. A value is Infinity where it is not finite: γ = 0 and resting costs.
   */
  evaluate(
    parameters: ArrayLike<number>,
    minima: ArrayLike<number>,
    curvatures: ArrayLike<number> | null,
    count: number,
    values: Float64Array | null,
    gradients: Float64Array | null,
  ): void;
}

/**
 * V(θ, μ) = ½θᵀSθ − c(μ)ᵀθ + v(μ), with the cost of expected future changes of the task in v; with a hidden
 * curvature ½ΣS(hᵢ)(θᵢ − μᵢ)².
 *
 * @throws Error when the landscape is not quadratic, or the curvature is hidden and the task changes
 */
export function informedValue(problem: NavigationProblem): InformedValue {
  if (hidesCurvature(problem)) return separableValue(problem);
  if (problem.task.kind !== "static") return quadraticValue(problem);
  if (!problem.geometry.drift) return gapValue(problem);
  return (isPatient(problem) && readOffValue(problem)) || quadraticValue(problem);
}

/** Whether so little is discounted that what is divided by 1 − ρ loses its digits. */
function isPatient({ objective: { discountRate, timeStep } }: NavigationProblem): boolean {
  return discountRate * timeStep < 1e-6;
}

/** The informed value in the form that `rollout` charges at truncation. */
export function informedTerminalCost(problem: NavigationProblem): TerminalCost {
  const value = informedValue(problem);
  const out = new Float64Array(1);
  return ({ parameters, minimum, instance }) => {
    value.evaluate(parameters, minimum, instance, 1, out, null);
    return out[0];
  };
}

function separableValue(problem: NavigationProblem): InformedValue {
  requireLastingTask(problem);
  const objective = separableObjective(problem);
  const d = dimensionOf(problem);
  return {
    evaluate: (parameters, minima, curvatures, count, values, gradients) => {
      if (!curvatures) throw new Error("curvatures: must be given when the problem hides them, got null");
      values?.fill(0, 0, count);
      for (let i = 0; i < count * d; i++) {
        const slope = solveScalar(objective(i, curvatures[i])).value * (parameters[i] - minima[i]);
        if (values) values[Math.floor(i / d)] += (slope * (parameters[i] - minima[i])) / 2;
        if (gradients) gradients[i] = slope;
      }
    },
  };
}

/** V = ½ϑᵀSϑ − (c₀ + Cδ)ᵀϑ + ½δᵀDδ + eᵀδ + v₀ with ϑ = θ − μ₀ and δ = μ − μ₀. */
interface QuadraticValue {
  readonly curvature: Matrix;
  readonly vector: Matrix;
  readonly coupling: Matrix;
  readonly taskCurvature: Matrix;
  readonly taskVector: Matrix;
  readonly constant: number;
}

function quadraticValue(problem: NavigationProblem): InformedValue {
  const { curvature, vector, coupling, taskCurvature, taskVector, constant } = informedQuadratic(problem);
  const [s, c, cross, task, slope] = [curvature, vector, coupling, taskCurvature, taskVector].map((m) =>
    Float64Array.from(m.to1DArray()),
  );
  const mean = Float64Array.from(linearQuadraticOf(problem).minimum);
  const d = mean.length;
  const [theta, delta] = [new Float64Array(d), new Float64Array(d)];
  return {
    evaluate: (parameters, minima, _, count, values, gradients) => {
      for (let n = 0; n < count; n++) {
        const first = n * d;
        for (let i = 0; i < d; i++) {
          theta[i] = parameters[first + i] - mean[i];
          delta[i] = minima[first + i] - mean[i];
        }
        let value = constant;
        for (let i = 0; i < d; i++) {
          let own = 0;
          let pull = c[i];
          let bend = 0;
          for (let j = 0; j < d; j++) {
            own += s[i * d + j] * theta[j];
            pull += cross[i * d + j] * delta[j];
            bend += task[i * d + j] * delta[j];
          }
          value += (own / 2 - pull) * theta[i] + (bend / 2 + slope[i]) * delta[i];
          if (gradients) gradients[first + i] = own - pull;
        }
        if (values) values[n] = value;
      }
    },
  };
}

/**
 * The coefficients of the informed value, from the Bellman equation in δ.
 *
 * @throws Error when the landscape is not a known quadratic, or the problem is not stabilisable
 */
function informedQuadratic(problem: NavigationProblem): QuadraticValue {
  const { matrices, operators } = fromPriorMean(problem);
  const { valueMatrix, valueVector, valueConstant } = discreteLaw(matrices, operators);
  const [curvature, vector] = [toMatrix(valueMatrix), column(valueVector)];
  const survival = survivalOf(problem);
  const lost = -Math.expm1(-matrices.discountRate * matrices.timeStep);
  const stage = stageOf(operators, vector, survival);
  const taskCurvature = over(stage.curvature, 1 - operators.discount * rememberedSquare(problem));
  const renewal = operators.discount * renewalCost(problem, taskCurvature);
  const atRest = renewal === 0 && isPatient(problem) ? valueConstant : null;
  return {
    curvature,
    vector,
    coupling: taskSlope(operators, survival),
    taskCurvature,
    taskVector: over(stage.vector, 1 - operators.discount * survival),
    constant: atRest ?? (stage.constant + renewal) / lost,
  };
}

/** The same problem with the origin at μ₀, so that nothing cancels where that is far from 0. */
function fromPriorMean(problem: NavigationProblem) {
  const matrices = linearQuadraticOf(problem);
  const operators = operatorsOf(problem);
  const drift = toMatrix(matrices.drift).mmul(column(matrices.minimum));
  return {
    matrices: { ...matrices, minimum: matrices.minimum.map(() => 0) },
    operators: { ...operators, offset: plus(operators.offset, times(drift, matrices.timeStep)) },
  };
}

/** Zero entries stay zero where nothing is discounted. */
function over(matrix: Matrix, divisor: number): Matrix {
  return new Matrix(matrix.to2DArray().map((row) => row.map((value) => (value === 0 ? 0 : value / divisor))));
}

/** How much of δδᵀ is expected to be left after a step: all of it with probability a, or a² of it. */
function rememberedSquare(problem: NavigationProblem): number {
  const survival = survivalOf(problem);
  return problem.task.kind === "drifting" ? survival * survival : survival;
}

/** ½(1 − a or 1 − a²)·tr(DΣ₀): what a new task, or the noise of a drifting one, adds per step. */
function renewalCost(problem: NavigationProblem, taskCurvature: Matrix): number {
  const { task } = problem;
  if (task.kind === "static") return 0;
  return ((1 - rememberedSquare(problem)) * taskCurvature.mmul(toMatrix(task.covariance)).trace()) / 2;
}

/**
 * v(δ) without its future: ½b̃ᵀM̂b̃ − ℓᵀ(I + ΓM)⁻¹b̃ − ½ℓᵀ(I + ΓM)⁻¹Γℓ + (kΔt/2)δᵀHδ, with ℓ = ρc₀ + Lδ, as a
 * quadratic in δ.
 */
function stageOf(operators: DiscreteOperators, vector: Matrix, survival: number) {
  const { discount, cost, after, yielding, damping, offset } = operators;
  const linear = linearCost(operators, survival);
  const atMean = times(vector, discount);
  const moved = damping.mmul(offset);
  return {
    curvature: minus(cost, linear.transpose().mmul(yielding).mmul(linear)),
    vector: times(linear.transpose().mmul(plus(yielding.mmul(atMean), moved)), -1),
    constant:
      inner(offset, after.mmul(moved)) / 2 - inner(atMean, moved) - inner(atMean, yielding.mmul(atMean)) / 2,
  };
}
