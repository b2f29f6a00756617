import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { product } from "../dense.js";

/** Qf(Λ)Qᵀ of a symmetric matrix QΛQᵀ. */
export function spectralFunction(matrix: Matrix, of: (eigenvalue: number) => number): Matrix {
  const { eigenvectorMatrix: q, realEigenvalues } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return product(product(q, Matrix.diag(realEigenvalues.map(of))), q.transpose());
}

/** UVᵀ of a matrix UΣVᵀ, over the singular values that are not zero to rounding. */
export function polarFactor(matrix: Matrix): Matrix {
  const svd = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = svd;
  const signs = diagonal.map((value) => (value > 1e-12 * diagonal[0] ? 1 : 0));
  return u.mmul(Matrix.diag(signs)).mmul(v.transpose());
}
