import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { createLandscape } from "../envs/landscapes/create-landscape.js";
import type { Landscape } from "../envs/landscapes/landscape.js";
import { dimensionOf, type NavigationProblem } from "../envs/problem/problem.js";
import { minus, plus, symmetrise, toRows } from "./dense.js";

export interface LocalQuadratic {
  /** The problem with the landscape replaced by its second-order expansion at the minimum. */
  readonly problem: NavigationProblem;
  /** L at the minimum. */
  readonly minimumLoss: number;
  /** ‖∇L‖ at the minimum found. */
  readonly gradientNorm: number;
  readonly iterations: number;
}

/** Newton steps allowed. */
const ITERATIONS = 200;
/** Share of the norm of a Hessian that its least eigenvalue must exceed for its point to be a minimum. */
const FLOOR = 1e-6;

/**
 * The minimum in whose valley the start lies, by damped Newton steps down the loss, and the parabola there.
 *
 * @throws Error when no minimum is reached, or the Hessian there is not positive definite
 */
export function localQuadratic(problem: NavigationProblem): LocalQuadratic {
  const landscape = createLandscape(problem.landscape);
  const d = dimensionOf(problem);
  const { start } = problem;
  let at: Float64Array = Float64Array.from(start.kind === "point" ? start.parameters : start.mean);
  let iterations = 0;
  let { loss, gradient } = evaluate(landscape, at);
  const still = (slope: Float64Array) => Math.hypot(...slope) <= tolerance(landscape);
  while (!still(gradient) && iterations < ITERATIONS) {
    const step = newtonStep(hessianAt(landscape, at), gradient);
    const next = descend(landscape, at, loss, gradient, step);
    if (!next) break;
    [at, { loss, gradient }] = [next, evaluate(landscape, next)];
    iterations++;
  }
  if (!still(gradient)) {
    throw new Error(
      `landscape: no minimum was reached from the start; ‖∇L‖ is still ${Math.hypot(...gradient).toPrecision(3)} at [${at.join(", ")}]`,
    );
  }
  const hessian = hessianAt(landscape, at);
  const floor = Matrix.eye(d).mul(FLOOR * hessian.norm());
  if (!new CholeskyDecomposition(minus(hessian, floor)).isPositiveDefinite()) {
    throw new Error(
      `landscape: the Hessian must be positive definite at the minimum [${at.join(", ")}], got ${JSON.stringify(toRows(hessian))}`,
    );
  }
  const minimum = Array.from(at);
  return {
    problem: {
      ...problem,
      landscape: { kind: "quadratic", dimension: d, curvature: toRows(hessian), minimum },
    },
    minimumLoss: loss,
    gradientNorm: Math.hypot(...gradient),
    iterations,
  };
}

/** What a gradient can be driven to: rounding, or the error of central differences. */
function tolerance({ gradientSource }: Landscape): number {
  return gradientSource === "exact" ? 1e-9 : 1e-6;
}

const NO_INSTANCE = new Float64Array(0);

function evaluate(landscape: Landscape, at: Float64Array): { loss: number; gradient: Float64Array } {
  const loss = new Float64Array(1);
  const gradient = new Float64Array(at.length);
  landscape.evaluate(at, NO_INSTANCE, 1, loss, gradient);
  return { loss: loss[0], gradient };
}

function hessianAt(landscape: Landscape, at: Float64Array): Matrix {
  const d = at.length;
  const columns = Array.from({ length: d }, (_, j) => {
    const unit = new Float64Array(d);
    const product = new Float64Array(d);
    unit[j] = 1;
    landscape.hessianVector(at, NO_INSTANCE, 1, unit, product);
    return Array.from(product);
  });
  return symmetrise(new Matrix(columns));
}

/** −(H + shift·I)⁻¹∇L with the least shift, among doublings, that makes the matrix positive definite. */
function newtonStep(hessian: Matrix, gradient: Float64Array): Float64Array {
  const size = hessian.norm() || 1;
  let shift = 0;
  let factor = new CholeskyDecomposition(hessian);
  while (!factor.isPositiveDefinite()) {
    shift = Math.max(2 * shift, 1e-3 * size);
    factor = new CholeskyDecomposition(plus(hessian, Matrix.eye(gradient.length).mul(shift)));
  }
  const step = factor.solve(Matrix.columnVector(Array.from(gradient)));
  return Float64Array.from(step.to1DArray(), (value) => -value);
}

/** Halves the step until the loss falls enough (Armijo); null when it never does. */
function descend(
  landscape: Landscape,
  at: Float64Array,
  loss: number,
  gradient: Float64Array,
  step: Float64Array,
): Float64Array | null {
  const slope = step.reduce((sum, value, i) => sum + value * gradient[i], 0);
  for (let scale = 1; scale > 1e-12; scale /= 2) {
    const next = at.map((value, i) => value + scale * step[i]);
    if (evaluate(landscape, next).loss <= loss + 1e-4 * scale * slope) return next;
  }
  return null;
}
