import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { isPositiveDefinite } from "../envs/problem/linear-algebra.js";
import { minus, norm, plus, product, times, toRows } from "./dense.js";
import type { Eigenvalue } from "./eigenvalues.js";

/** A mode, and how strongly the columns of `reach` touch its left eigenvector, from 0 to 1. */
interface TouchedMode extends Eigenvalue {
  readonly touch: number;
  /** Whether no other mode comes near, so that the left eigenvector is the only one. */
  readonly isSimple: boolean;
  /** The mean of the modes that come near: a multiple one, which rounding has taken apart, without that error. */
  readonly centre: Eigenvalue;
}

/**
 * The first of the dangerous modes of A that the columns of `reach` do not touch: the Hautus test, which a simple mode
 * with a touched eigenvector need not take.
 */
function hiddenMode(a: Matrix, reach: Matrix, { dangerous }: Stability): Eigenvalue | undefined {
  return touchedModes(a, reach)
    .filter((mode) => mode.imaginary >= 0 && !(mode.isSimple && mode.touch > 1e-6))
    .sort((one, other) => one.touch - other.touch)
    .flatMap((mode): Eigenvalue[] => (mode.isSimple ? [mode] : [mode.centre, mode]))
    .filter(dangerous)
    .filter((mode, i, all) => all.findIndex((other) => isSame(mode, other)) === i)
    .find((mode) => smallestSingular(a, reach, mode) < 1e-9);
}

/** Times that A can be applied before too many digits are lost to tell what it has reached. */
const ROUNDS = 10;

/**
 * Whether the columns of `reach`, and where A takes them in a few rounds, span every direction by far, and so touch
 * any mode. A is scaled so that no mode grows, which would make up for a weak touch.
 */
function touchesAll(a: Matrix, reach: Matrix): boolean {
  const rounds = reach.columns < a.rows ? Math.ceil(a.rows / reach.columns) : 0;
  if (rounds > ROUNDS) return false;
  const square = product(a, a);
  const scaled = times(a, 1 / (norm(product(square, square)) ** 0.25 || 1));
  let [block, sum] = [reach, product(reach, reach.transpose())];
  for (let round = 0; round < rounds; round++) {
    block = product(scaled, block);
    sum = plus(sum, product(block, block.transpose()));
  }
  return isPositiveDefinite(toRows(minus(sum, Matrix.eye(a.rows, a.rows, 1e-12 * norm(reach) ** 2))));
}

function touchedModes(a: Matrix, reach: Matrix): TouchedMode[] {
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    a.transpose(),
  );
  const modes = realEigenvalues.map((real, i) => ({ real, imaginary: imaginaryEigenvalues[i] }));
  const size = Math.max(...modes.map(({ real, imaginary }) => Math.hypot(real, imaginary)));
  const touched = product(reach.transpose(), eigenvectorMatrix);
  const lengthOf = (matrix: Matrix, i: number) => Math.hypot(...matrix.getColumn(i));
  return modes.map((mode, i) => {
    // A complex pair keeps the real and the imaginary part of its eigenvector in neighbouring columns.
    const parts = mode.imaginary === 0 ? [i] : [i, mode.imaginary > 0 ? i + 1 : i - 1];
    const total = (matrix: Matrix) => Math.hypot(...parts.map((part) => lengthOf(matrix, part)));
    const near = modes.filter((other) => distance(mode, other) <= 1e-5 * size);
    const mean = (part: keyof Eigenvalue) => near.reduce((sum, other) => sum + other[part], 0) / near.length;
    return {
      ...mode,
      touch: total(touched) / (total(eigenvectorMatrix) * (norm(reach) || 1)),
      isSimple: near.length === 1,
      centre: { real: mean("real"), imaginary: mean("imaginary") },
    };
  });
}

function distance(one: Eigenvalue, other: Eigenvalue): number {
  return Math.hypot(one.real - other.real, one.imaginary - other.imaginary);
}

function isSame(one: Eigenvalue, other: Eigenvalue): boolean {
  return distance(one, other) <= 1e-12 * Math.hypot(one.real, one.imaginary);
}

/** σ_min of [A − λI, B], relative to its norm; a complex λ in the real form [[Re, −Im], [Im, Re]]. */
function smallestSingular(a: Matrix, reach: Matrix, { real, imaginary }: Eigenvalue): number {
  const scale = Math.max(norm(a), Math.hypot(real, imaginary)) || 1;
  const [rows, columns] = [a.rows, a.rows + reach.columns];
  const own = Matrix.zeros(rows, columns)
    .setSubMatrix(minus(a, Matrix.eye(rows, rows, real)).div(scale), 0, 0)
    .setSubMatrix(Matrix.div(reach, norm(reach) || 1), 0, rows);
  if (imaginary === 0) return leastSingular(own);
  const turn = Matrix.eye(rows, rows, imaginary / scale);
  return leastSingular(
    Matrix.zeros(2 * rows, 2 * columns)
      .setSubMatrix(own, 0, 0)
      .setSubMatrix(own, rows, columns)
      .setSubMatrix(turn, 0, columns)
      .setSubMatrix(times(turn, -1), rows, 0),
  );
}

function leastSingular(matrix: Matrix): number {
  return Math.min(...new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal);
}

/** Which modes make the discounted cost diverge, and the discount rate above which they no longer do. */
export interface Stability {
  readonly dangerous: (mode: Eigenvalue) => boolean;
  readonly tamingRate: (mode: Eigenvalue) => number;
}

/** Modes of A: e^{λt} outgrows e^{−γt/2} when Re λ ≥ γ/2. */
export function continuousStability(discountRate: number): Stability {
  return {
    dangerous: ({ real }) => real >= discountRate / 2 - 1e-12 * (Math.abs(real) + discountRate),
    tamingRate: ({ real }) => 2 * Math.max(real, 0),
  };
}

/** Modes of I + ΔtA: λᵗ outgrows ρ^{−t/2} when |λ|√ρ ≥ 1. */
export function discreteStability(discountRate: number, timeStep: number): Stability {
  const size = ({ real, imaginary }: Eigenvalue) => Math.hypot(real, imaginary);
  return {
    dangerous: (mode) => size(mode) * Math.exp((-discountRate * timeStep) / 2) >= 1 - 1e-12,
    tamingRate: (mode) => Math.max(0, (2 * Math.log(size(mode))) / timeStep),
  };
}

/**
 * Checks that some control keeps the discounted cost finite, and that the loss sees every direction that
 * could run away.
 *
 * @throws Error that names the mode and the remedy
 */
export function checkWellPosed(
  transition: Matrix,
  control: Matrix,
  curvature: Matrix,
  stability: Stability,
): void {
  const hidden = (a: Matrix, reach: Matrix) =>
    touchesAll(a, reach) ? undefined : hiddenMode(a, reach, stability);
  const unreached = hidden(transition, control);
  if (unreached) {
    throw new Error(
      "geometry.control: not stabilisable: it does not reach a direction that does not decay by itself " +
        `(eigenvalue ${show(unreached)}); push that direction, or set objective.discountRate > ${stability.tamingRate(unreached)}`,
    );
  }
  const unseen = hidden(transition.transpose(), curvature);
  if (unseen) {
    throw new Error(
      "landscape.curvature: not detectable: the loss is flat along a direction that does not decay by itself " +
        `(eigenvalue ${show(unseen)}); curve that direction, or set objective.discountRate > ${stability.tamingRate(unseen)}`,
    );
  }
}

function show({ real, imaginary }: Eigenvalue): string {
  return imaginary === 0 ? String(real) : `${real}${imaginary < 0 ? "-" : "+"}${Math.abs(imaginary)}i`;
}
