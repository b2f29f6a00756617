import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";

/** One eigenvalue λ = real + i·imaginary. */
export interface Eigenvalue {
  readonly real: number;
  readonly imaginary: number;
}

export function eigenvaluesOf(matrix: Matrix): Eigenvalue[] {
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(matrix);
  return realEigenvalues.map((real, i) => ({ real, imaginary: imaginaryEigenvalues[i] }));
}

/** The first mode of Aᵀ that `dangerous` marks and that the columns of `reach` do not touch: the Hautus test. */
function hiddenMode(
  a: Matrix,
  reach: Matrix,
  dangerous: (mode: Eigenvalue) => boolean,
): Eigenvalue | undefined {
  return eigenvaluesOf(a)
    .filter(dangerous)
    .find((mode) => smallestSingular(a, reach, mode) < 1e-9);
}

/** σ_min of [A − λI, B], relative to its norm; a complex λ in the real form [[Re, −Im], [Im, Re]]. */
function smallestSingular(a: Matrix, reach: Matrix, { real, imaginary }: Eigenvalue): number {
  const [rows, columns] = [a.rows, a.rows + reach.columns];
  const pencil = Matrix.zeros(2 * rows, 2 * columns);
  const scale = Math.max(a.norm(), Math.hypot(real, imaginary)) || 1;
  const pushScale = reach.norm() || 1;
  for (const [row, col] of [
    [0, 0],
    [rows, columns],
  ]) {
    pencil.setSubMatrix(Matrix.sub(a, Matrix.eye(rows, rows, real)).div(scale), row, col);
    pencil.setSubMatrix(Matrix.div(reach, pushScale), row, col + rows);
  }
  pencil.setSubMatrix(Matrix.eye(rows, rows, imaginary / scale), 0, columns);
  pencil.setSubMatrix(Matrix.eye(rows, rows, -imaginary / scale), rows, 0);
  const { diagonal } = new SingularValueDecomposition(pencil, { autoTranspose: true });
  return Math.min(...diagonal);
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
  const unreached = hiddenMode(transition, control, stability.dangerous);
  if (unreached) {
    throw new Error(
      "geometry.control: not stabilisable: it does not reach a direction that does not decay by itself " +
        `(eigenvalue ${show(unreached)}); push that direction, or set objective.discountRate > ${stability.tamingRate(unreached)}`,
    );
  }
  const unseen = hiddenMode(transition.transpose(), curvature, stability.dangerous);
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
