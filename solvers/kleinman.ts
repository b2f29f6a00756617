import { Matrix } from "ml-matrix";
import { allFinite, minus, norm, plus, product, quotient, symmetrise } from "./dense.js";
import { cayley, type DoublingCoefficients, doubleToFixedPoint } from "./doubling.js";

/** What a Riccati equation leaves over at X. */
interface Defect {
  readonly error: Matrix;
  /** ‖error‖ over the sum of the norms of the terms that should cancel. */
  readonly relative: number;
  /** The closed loop under X, in which Newton's correction is linear. */
  readonly closedLoop: Matrix;
}

export interface Polished {
  readonly value: Matrix;
  readonly relativeResidual: number;
}

/** Relative defect that rounding leaves anyway. */
const ROUNDING = 1e-14;
const STEPS = 4;

/**
 * Newton's method on AᵀX + XA + Q − XΓX = 0 (Kleinman, "On an iterative technique for Riccati equation
 * computations", IEEE Trans. Autom. Control 13, 1968), from an X that doubling brought near: it takes away the
 * rounding that the doublings have piled up. A step counts only if the defect shrinks.
 */
export function polishContinuous({ transition, push, cost }: DoublingCoefficients, value: Matrix): Polished {
  const defectAt = (x: Matrix): Defect => {
    const half = product(x, transition);
    const pushed = product(push, x);
    const bend = product(x, pushed);
    const error = symmetrise(plus(half, half.transpose()).add(cost).sub(bend));
    const size = 2 * norm(half) + norm(cost) + norm(bend);
    return { error, relative: norm(error) / size, closedLoop: minus(transition, pushed) };
  };
  return polish(value, defectAt, ({ closedLoop, error }) =>
    cayley({ transition: closedLoop, push: Matrix.zeros(error.rows, error.rows), cost: error }),
  );
}

/** A discrete problem: cost of where a step ends Q, of the action R, θ' = Aθ + Bu. */
export interface SteppedCoefficients {
  readonly transition: Matrix;
  readonly control: Matrix;
  readonly effort: Matrix;
  readonly cost: Matrix;
}

/** The same on X = Q + AᵀX(A − BK), K = (R + BᵀXB)⁻¹BᵀXA. */
export function polishDiscrete(coefficients: SteppedCoefficients, value: Matrix): Polished {
  const { control, cost } = coefficients;
  const defectAt = (x: Matrix): Defect => {
    const gain = gainAt(coefficients, x);
    const closedLoop = minus(coefficients.transition, product(control, gain));
    const before = costBefore(coefficients, x, gain);
    const error = plus(cost, before).sub(x);
    return { error, relative: norm(error) / norm(x), closedLoop };
  };
  return polish(value, defectAt, ({ closedLoop, error }) => ({
    transition: closedLoop,
    push: Matrix.zeros(error.rows, error.rows),
    cost: error,
  }));
}

/** K, shape [m, d]. */
function gainAt({ transition, control, effort }: SteppedCoefficients, after: Matrix): Matrix {
  const pushed = product(after, control);
  const actionCost = plus(effort, symmetrise(product(control.transpose(), pushed)));
  return quotient(actionCost, product(pushed.transpose(), transition));
}

/** FᵀXF + KᵀRK with F = A − BK: equal to AᵀXF, but an error in K counts only squared. */
export function costBefore(
  { transition, control, effort }: SteppedCoefficients,
  after: Matrix,
  gain: Matrix,
): Matrix {
  const closedLoop = minus(transition, product(control, gain));
  return symmetrise(
    product(closedLoop.transpose(), product(after, closedLoop)).add(
      product(gain.transpose(), product(effort, gain)),
    ),
  );
}

function polish(
  start: Matrix,
  defectAt: (value: Matrix) => Defect,
  correction: (defect: Defect) => DoublingCoefficients,
): Polished {
  let value = start;
  let defect = defectAt(value);
  for (let step = 0; step < STEPS && defect.relative > ROUNDING; step++) {
    const { solution, converged } = doubleToFixedPoint(correction(defect), { tolerance: 1e-6 });
    if (!converged || !allFinite(solution)) break;
    const next = plus(value, solution);
    const nextDefect = defectAt(next);
    if (!(nextDefect.relative < defect.relative)) break;
    [value, defect] = [next, nextDefect];
  }
  return { value, relativeResidual: defect.relative };
}
