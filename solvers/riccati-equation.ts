import type { Matrix } from "ml-matrix";
import { type Arithmetic, float64, ratio, symmetric } from "./arithmetic.js";
import { norm, plus, product, symmetrise } from "./dense.js";
import {
  cayley,
  type DoublingCoefficients,
  type LinearCoefficients,
  linearCayley,
  shiftFor,
} from "./doubling.js";
import type { Influence } from "./round-together.js";

/** A regulator: θ̇ or θ' = Aθ + Bu, with the cost Q of the state (in steps, of where a step ends) and R of the action. */
export interface Coefficients<M = Matrix> {
  readonly transition: M;
  readonly control: M;
  readonly effort: M;
  readonly cost: M;
}

/** What follows from a value matrix X, rounded to float64. */
export interface Law {
  /** K, shape [m, d]. */
  readonly gain: Matrix;
  /** F = A − BK, in which a correction of X is linear. */
  readonly closedLoop: Matrix;
}

export interface SteppedLaw extends Law {
  /** R + BᵀXB, shape [m, m]. */
  readonly actionCost: Matrix;
  /** (R + BᵀXB)⁻¹Bᵀ, shape [m, d]. */
  readonly response: Matrix;
  /** The same times X: K without the A. */
  readonly feedback: Matrix;
}

/** What a Riccati equation leaves over at X. */
export interface Defect<L extends Law = Law> {
  readonly error: Matrix;
  /** Sum of the norms of the terms that should cancel. */
  readonly size: number;
  readonly law: L;
}

export interface RiccatiEquation<L extends Law = Law> {
  /** The form that doubling takes. */
  readonly doubling: <M>(arithmetic: Arithmetic<M>, given: Coefficients<M>) => DoublingCoefficients<M>;
  readonly defectAt: <M>(arithmetic: Arithmetic<M>, given: Coefficients<M>, value: M) => Defect<L>;
  /** The equation of Newton's correction, which is linear. */
  readonly correction: <M>(
    arithmetic: Arithmetic<M>,
    given: Coefficients,
    defect: Defect,
  ) => LinearCoefficients<M>;
  /** What a small change of X changes in the error, given the rows of F. */
  readonly influence: (closedLoop: readonly Float64Array[]) => Influence;
}

/** AᵀX + XA + Q − XBR⁻¹BᵀX = 0, K = R⁻¹BᵀX. */
export const flowEquation: RiccatiEquation = {
  doubling(arithmetic, given) {
    const coefficients = pushing(arithmetic, given);
    return cayley(arithmetic, coefficients, shiftOf(arithmetic, coefficients));
  },
  defectAt(arithmetic, { transition, control, effort, cost }, value) {
    const { rounded, plus, minus, product, transpose } = arithmetic;
    const half = product(value, transition);
    const pushed = product(value, control);
    const gain = ratio(arithmetic, effort, transpose(pushed));
    const bend = product(pushed, gain);
    const error = symmetric(arithmetic, minus(plus(plus(half, transpose(half)), cost), bend));
    return {
      error: rounded(error),
      size: 2 * norm(rounded(half)) + norm(rounded(cost)) + norm(rounded(bend)),
      law: { gain: rounded(gain), closedLoop: rounded(minus(transition, product(control, gain))) },
    };
  },
  correction(arithmetic, given, defect) {
    // The rates of the closed loop may be far below its norm, which a weak push makes large.
    return linearCayley(arithmetic, linear(arithmetic, defect), shiftOf(float64, pushing(float64, given)));
  },
  influence(closedLoop) {
    const units = unitsOf(closedLoop.length);
    return (i, j) => [
      [units[i], closedLoop[j]],
      [units[j], closedLoop[i]],
    ];
  },
};

/** X = Q + AᵀX(A − BK), K = (R + BᵀXB)⁻¹BᵀXA. */
export const steppedEquation: RiccatiEquation<SteppedLaw> = {
  doubling: pushing,
  defectAt(arithmetic, { transition, control, effort, cost }, value) {
    const { rounded, plus, minus, product, transpose } = arithmetic;
    const pushed = transpose(product(value, control));
    const actionCost = plus(effort, symmetric(arithmetic, product(pushed, control)));
    const feedback = ratio(arithmetic, actionCost, pushed);
    const gain = product(feedback, transition);
    const across = product(pushed, transition);
    const moved = product(transpose(transition), product(value, transition));
    const before = symmetric(arithmetic, minus(moved, product(transpose(across), gain)));
    return {
      error: rounded(minus(plus(cost, before), value)),
      size: norm(rounded(value)),
      law: {
        gain: rounded(gain),
        closedLoop: rounded(minus(transition, product(control, gain))),
        actionCost: rounded(actionCost),
        response: rounded(ratio(arithmetic, actionCost, transpose(control))),
        feedback: rounded(feedback),
      },
    };
  },
  correction: (arithmetic, _, defect) => linear(arithmetic, defect),
  influence(closedLoop) {
    const units = unitsOf(closedLoop.length);
    return (i, j) => [
      [closedLoop[i], closedLoop[j]],
      [units[i].map((value) => -value), units[j]],
    ];
  },
};

function unitsOf(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, i) => new Float64Array(size).fill(1, i, i + 1));
}

function pushing<M>(
  arithmetic: Arithmetic<M>,
  { transition, control, effort, cost }: Coefficients<M>,
): DoublingCoefficients<M> {
  const { product, transpose } = arithmetic;
  const response = ratio(arithmetic, effort, transpose(control));
  return { transition, push: symmetric(arithmetic, product(control, response)), cost };
}

function linear<M>({ of }: Arithmetic<M>, { error, law }: Defect): LinearCoefficients<M> {
  return { transition: of(law.closedLoop), cost: of(error) };
}

function shiftOf<M>({ rounded }: Arithmetic<M>, { transition, push, cost }: DoublingCoefficients<M>): number {
  return shiftFor({ transition: rounded(transition), push: rounded(push), cost: rounded(cost) });
}

/** FᵀXF + KᵀRK: equal to AᵀXF, but an error in K counts only squared. */
export function costBefore({ effort }: Coefficients, after: Matrix, { gain, closedLoop }: Law): Matrix {
  return symmetrise(
    plus(
      product(closedLoop.transpose(), product(after, closedLoop)),
      product(gain.transpose(), product(effort, gain)),
    ),
  );
}
