import { Matrix } from "ml-matrix";
import { compensatedProduct } from "./compensated.js";
import { allFinite, minus, norm, plus, product, quotient, symmetrise } from "./dense.js";
import { cayley, type DoublingCoefficients, doubleToFixedPoint, shiftFor } from "./doubling.js";

/** What a Riccati equation leaves over at X. */
interface Defect {
  readonly error: Matrix;
  /** Sum of the norms of the terms that should cancel. */
  readonly size: number;
  /** ‖error‖ over the size. */
  readonly relative: number;
  /** K under X, shape [m, d]. */
  readonly gain: Matrix;
  /** The closed loop under X, in which Newton's correction is linear. */
  readonly closedLoop: Matrix;
}

export interface Polished extends Pick<Defect, "gain" | "closedLoop"> {
  readonly value: Matrix;
  readonly relativeResidual: number;
  /** About the relative defect that rounding X to float64 leaves, however exact X was. */
  readonly roundingResidual: number;
}

type Multiply = typeof product;

/** Relative defect that rounding leaves anyway. */
const ROUNDING = 1e-14;
/** Relative defect above which products are computed in twice the precision. */
const CANCELLED = 1e-13;
const STEPS = 4;

/** A continuous problem: cost of the state Q, of the action G/η = `price`⁻¹, θ̇ = Aθ + Bu. */
export interface ContinuousCoefficients {
  readonly transition: Matrix;
  readonly control: Matrix;
  readonly price: Matrix;
  readonly cost: Matrix;
}

/**
 * Newton's method on AᵀX + XA + Q − XΓX = 0 (Kleinman, "On an iterative technique for Riccati equation
 * computations", IEEE Trans. Autom. Control 13, 1968), from an X that doubling brought near: it takes away the
 * rounding that the doublings have piled up. The best of the steps counts. A weak push makes X so much
 * larger than XB that products cancel; those are then computed in twice the precision.
 */
export function polishContinuous(coefficients: ContinuousCoefficients, value: Matrix): Polished {
  const { transition, control, price, cost } = coefficients;
  const defectAt = (x: Matrix, multiply: Multiply): Defect => {
    const half = multiply(x, transition);
    const pushed = multiply(x, control);
    const gain = product(price, pushed.transpose());
    const bend = product(pushed, gain);
    const error = symmetrise(plus(half, half.transpose()).add(cost).sub(bend));
    const size = 2 * norm(half) + norm(cost) + norm(bend);
    const closedLoop = minus(transition, product(control, gain));
    return { error, size, relative: norm(error) / size, gain, closedLoop };
  };
  // The rates of the closed loop may be far below its norm, which a weak push makes large.
  const shift = shiftFor({ transition, push: product(control, product(price, control.transpose())), cost });
  const { size: scale, ...polished } = polish(value, defectAt, ({ closedLoop, error }) =>
    cayley({ transition: closedLoop, push: Matrix.zeros(error.rows, error.rows), cost: error }, shift),
  );
  const turned = product(rounding(polished.value), polished.closedLoop);
  return { ...polished, roundingResidual: norm(plus(turned, turned.transpose())) / scale };
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
  const { transition, control, effort, cost } = coefficients;
  const defectAt = (x: Matrix, multiply: Multiply): Defect => {
    const seenFrom = pushedBy(x, control, multiply);
    const across = seenFrom(transition).transpose();
    const gain = quotient(plus(effort, symmetrise(seenFrom(control))), across);
    const closedLoop = minus(transition, product(control, gain));
    const before = minus(pushedBy(x, transition, multiply)(transition), product(across.transpose(), gain));
    const error = symmetrise(plus(cost, before).sub(x));
    const size = norm(x);
    return { error, size, relative: norm(error) / size, gain, closedLoop };
  };
  const { size, ...polished } = polish(value, defectAt, ({ closedLoop, error }) => ({
    transition: closedLoop,
    push: Matrix.zeros(error.rows, error.rows),
    cost: error,
  }));
  const change = rounding(polished.value);
  const carried = product(polished.closedLoop.transpose(), product(change, polished.closedLoop));
  return { ...polished, roundingResidual: norm(minus(carried, change)) / size };
}

/** L ↦ LᵀXB; in twice the precision, what XB loses when it is rounded counts too. */
function pushedBy(x: Matrix, b: Matrix, multiply: Multiply): (left: Matrix) => Matrix {
  const pushed = multiply(x, b);
  if (multiply === product) return (left) => product(left.transpose(), pushed);
  const stacked = beside(b.transpose(), pushed.transpose()).transpose();
  const lost = multiply(beside(x, Matrix.eye(x.rows, x.rows, -1)), stacked);
  return (left) => plus(multiply(left.transpose(), pushed), product(left.transpose(), lost));
}

function beside(left: Matrix, right: Matrix): Matrix {
  return Matrix.zeros(left.rows, left.columns + right.columns)
    .setSubMatrix(left, 0, 0)
    .setSubMatrix(right, 0, left.columns);
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

/** Changes as large as those of rounding X, with signs that follow no pattern of its own. */
function rounding(x: Matrix): Matrix {
  const sign = (i: number, j: number) => (((i + 1) * (j + 1) * 0.618) % 1 < 0.5 ? -1 : 1);
  const out = Matrix.zeros(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) out.set(i, j, 2 ** -54 * sign(i, j) * x.get(i, j));
  return out;
}

function polish(
  start: Matrix,
  defectAt: (value: Matrix, multiply: Multiply) => Defect,
  correction: (defect: Defect) => DoublingCoefficients,
): Omit<Polished, "roundingResidual"> & Pick<Defect, "size"> {
  const stepFrom = ({ value, ...defect }: Defect & { readonly value: Matrix }, multiply: Multiply) => {
    if (!(defect.relative < 1)) return null;
    const { solution, converged } = doubleToFixedPoint(correction(defect), { tolerance: 1e-6 });
    if (!converged || !allFinite(solution)) return null;
    const next = plus(value, solution);
    return { value: next, ...defectAt(next, multiply) };
  };
  const refine = (from: Matrix, multiply: Multiply, enough: number) => {
    let best = { value: from, ...defectAt(from, multiply) };
    let current: typeof best | null = best;
    for (let step = 0; step < STEPS && current && best.relative > enough; step++) {
      current = stepFrom(current, multiply);
      if (current && current.relative < best.relative) best = current;
      else if (multiply === product) break;
    }
    return best;
  };
  const plain = refine(start, product, ROUNDING);
  const {
    error: _,
    relative,
    ...best
  } = plain.relative > CANCELLED ? refine(plain.value, compensatedProduct, CANCELLED) : plain;
  return { ...best, relativeResidual: relative };
}
