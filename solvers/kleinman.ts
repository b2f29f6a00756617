import { Matrix } from "ml-matrix";
import { type Arithmetic, float64, ratio } from "./arithmetic.js";
import { type PairMatrix, twice } from "./compensated.js";
import { allFinite, minus, norm, times } from "./dense.js";
import { type DoublingOptions, doubleToFixedPoint, sumToFixedPoint } from "./doubling.js";
import { fixedPoint } from "./fixed-point.js";
import type { Coefficients, Defect, Law, RiccatiEquation } from "./riccati-equation.js";
import { roundTogether } from "./round-together.js";

/**
 * How well the Riccati equation holds, and how many doublings it took. A weak control makes the value matrix S much
 * larger than what it does to the control, so that a matrix of float64 numbers may leave more than 1e-12 of it.
 */
export interface RiccatiEvidence {
  /** Of S as it is returned, with its remainder: what the equation leaves over, relative to its terms. */
  readonly relativeResidual: number;
  /** About what rounding S to float64 leaves, without its remainder. Of no meaning when the status is "not-converged". */
  readonly roundingResidual: number;
  readonly iterations: number;
}

export interface RiccatiResult<L extends Law> {
  readonly value: Matrix;
  /** Of the value before it was rounded. */
  readonly law: L;
  readonly evidence: RiccatiEvidence;
  /** Whether the equation holds to 1e-12. */
  readonly converged: boolean;
  /** Y, when the digits of float64 were too few to find X; else null. */
  readonly shown: Rounded | null;
}

/** The sum of a matrix in float64 and of what it lacks. */
export interface Rounded {
  readonly value: Matrix;
  readonly remainder: Matrix;
}

/** What is asked for is Y in X = base + factor·Y. */
export interface Shown {
  readonly base: Matrix;
  readonly factor: number;
}

interface Candidate<M, L extends Law> extends Defect<L> {
  readonly value: M;
  /** ‖error‖ over the size. */
  readonly relative: number;
}

/** Relative defect that rounding leaves anyway, in float64 and in twice its precision. */
const ROUNDING = 2e-14;
const ROUNDING_TWICE = 1e-15;
/** Relative defect above which Newton's method goes astray. */
const LOST = 1e-3;
const ENOUGH = 1e-12;
const STEPS = 4;
/** What rounding typically changes of a number, and a change large enough to be seen in float64. */
const ROUNDED = 2 ** -54;
const SHAKEN = 2 ** -34;
/** Binary digits after the point where twice the precision is not enough: they hold 10⁻⁵⁰ with 64 parameters and one control. */
const DIGITS = 256;
/** Parameters above which doubling would take many seconds: in twice the precision, and with so many digits. */
const LARGEST = 96;
const LARGEST_FIXED = 64;

/**
 * A Riccati equation by doubling and Newton's method (Kleinman, "On an iterative technique for Riccati equation
 * computations", IEEE Trans. Autom. Control 13, 1968), which takes away the rounding that the doublings have piled
 * up. Where products cancel, Newton's method goes on with values in twice the precision; where float64 does not even
 * come near, so do the doublings, up to 96 parameters; and where that is not enough, with 256 binary digits, up to 64.
 */
export function solveRiccati<L extends Law>(
  equation: RiccatiEquation<L>,
  given: Coefficients,
  shown: Shown,
  options: DoublingOptions = {},
): RiccatiResult<L> {
  const { solution, iterations, converged } = doubleToFixedPoint(
    float64,
    equation.doubling(float64, given),
    options,
  );
  const plain = refine(equation, float64, float64, given, solution, ROUNDING, 1);
  if (converged && plain.relative <= ROUNDING) {
    const { value, law, relative, error, size } = plain;
    const shaken = candidateAt(equation, float64, given, shake(value));
    const roundingResidual = (norm(minus(shaken.error, error)) / size) * (ROUNDED / SHAKEN);
    const evidence = { relativeResidual: relative, roundingResidual, iterations };
    return { value, law, evidence, converged, shown: null };
  }
  const tooLarge = given.cost.rows > LARGEST;
  if (converged && plain.relative < LOST) {
    const close = refine(equation, twice, float64, given, twice.of(plain.value), ROUNDING_TWICE);
    if (close.relative <= ROUNDING_TWICE || tooLarge)
      return roundOff(equation, twice, given, shown, close, iterations);
  }
  if (tooLarge) return lost(plain, shown, iterations);
  const result = fromTheStart(equation, twice, given, shown, options);
  const enough = result.converged || given.cost.rows > LARGEST_FIXED;
  return enough ? result : fromTheStart(equation, fixedPoint(DIGITS), given, shown, options);
}

function lost<L extends Law>(
  { value, law, relative }: Candidate<Matrix, L>,
  { base, factor }: Shown,
  iterations: number,
): RiccatiResult<L> {
  const evidence = { relativeResidual: relative, roundingResidual: 0, iterations };
  const shown = {
    value: times(minus(value, base), 1 / factor),
    remainder: Matrix.zeros(value.rows, value.columns),
  };
  return { value, law, evidence, converged: false, shown };
}

/** Doubles in more than float64. */
function fromTheStart<M, L extends Law>(
  equation: RiccatiEquation<L>,
  arithmetic: Arithmetic<M>,
  given: Coefficients,
  shown: Shown,
  { tolerance = 1e-15, ...rest }: DoublingOptions,
): RiccatiResult<L> {
  const coefficients = equation.doubling(arithmetic, widened(arithmetic, given));
  const options = { ...rest, tolerance: tolerance ** 2 };
  const { solution, iterations, converged } = doubleToFixedPoint(arithmetic, coefficients, options);
  const exact = refine(equation, arithmetic, arithmetic, given, solution, ROUNDING_TWICE);
  const result = roundOff(equation, arithmetic, given, shown, exact, iterations);
  return { ...result, converged: result.converged && converged };
}

function roundOff<M, L extends Law>(
  equation: RiccatiEquation<L>,
  arithmetic: Arithmetic<M>,
  given: Coefficients,
  { base, factor }: Shown,
  exact: Candidate<M, L>,
  iterations: number,
): RiccatiResult<L> {
  const { of, plus, minus, times, rounded } = arithmetic;
  const wide = widened(arithmetic, given);
  const size = given.cost.rows;
  const scale = of(Matrix.eye(size, size, factor));
  const wanted = ratio(arithmetic, scale, minus(exact.value, of(base)));
  const rows = exact.law.closedLoop.to2DArray().map((row) => Float64Array.from(row));
  const influence = equation.influence(rows);
  const round = (x: M) => (size > LARGEST ? rounded(x) : roundTogether(pairOf(arithmetic, x), influence));
  const value = round(wanted);
  const remainder = round(minus(wanted, of(value)));
  const relativeAt = (shown: M) =>
    candidateAt(equation, arithmetic, wide, plus(of(base), times(shown, factor))).relative;
  const relativeResidual = relativeAt(plus(of(value), of(remainder)));
  return {
    value: rounded(exact.value),
    law: exact.law,
    evidence: { relativeResidual, roundingResidual: relativeAt(of(value)), iterations },
    converged: relativeResidual <= ENOUGH,
    shown: { value, remainder },
  };
}

/** The nearest float64, and what is nearest to the rest. */
function pairOf<M>({ of, rounded, minus }: Arithmetic<M>, matrix: M): PairMatrix {
  const high = rounded(matrix);
  return twice.plus(twice.of(high), twice.of(rounded(minus(matrix, of(high)))));
}

/** Newton's steps for as long as they help. */
function refine<M, C, L extends Law>(
  equation: RiccatiEquation<L>,
  arithmetic: Arithmetic<M>,
  corrector: Arithmetic<C>,
  given: Coefficients,
  start: M,
  enough: number,
  steps = STEPS,
): Candidate<M, L> {
  const wide = widened(arithmetic, given);
  let best = candidateAt(equation, arithmetic, wide, start);
  for (let step = 0; step < steps && best.relative > enough && best.relative < LOST; step++) {
    const coefficients = equation.correction(corrector, given, best);
    const { solution, converged } = sumToFixedPoint(corrector, coefficients, { tolerance: 1e-6 });
    const correction = corrector.rounded(solution);
    if (!converged || !allFinite(correction)) break;
    const value = arithmetic.plus(best.value, arithmetic.of(correction));
    const next = candidateAt(equation, arithmetic, wide, value);
    if (!(next.relative < best.relative)) break;
    const helped = next.relative < best.relative / 2;
    best = next;
    if (!helped) break;
  }
  return best;
}

function candidateAt<M, L extends Law>(
  equation: RiccatiEquation<L>,
  arithmetic: Arithmetic<M>,
  given: Coefficients<M>,
  value: M,
): Candidate<M, L> {
  const { error, size: terms, law } = equation.defectAt(arithmetic, given, value);
  // Terms that all vanish leave nothing over.
  const size = terms || 1;
  return { error, size, law, value, relative: norm(error) / size };
}

function widened<M>({ of }: Arithmetic<M>, given: Coefficients): Coefficients<M> {
  return {
    transition: of(given.transition),
    control: of(given.control),
    effort: of(given.effort),
    cost: of(given.cost),
  };
}

/** Changed by ±SHAKEN of each entry, with signs that follow no pattern of its own. */
function shake(x: Matrix): Matrix {
  const sign = (i: number, j: number) => (((i + 1) * (j + 1) * 0.618) % 1 < 0.5 ? -1 : 1);
  const out = Matrix.zeros(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) out.set(i, j, (1 + SHAKEN * sign(i, j)) * x.get(i, j));
  return out;
}
