import { Matrix as DenseMatrix, SingularValueDecomposition } from "ml-matrix";
import { flatten } from "../problem/linear-algebra.js";
import type { KnownMinimum, Landscape } from "./landscape.js";
import { pointwise } from "./pointwise.js";
import type { MatrixFactorisationSpec } from "./specs.js";

/**
 * L = ‖UV − M‖² over θ = [U | V]. With the residual R = UV − M: ∇U = 2RVᵀ, ∇V = 2UᵀR, and along (U̇, V̇) the
 * residual moves by U̇V + UV̇.
 */
export function matrixFactorisation({ kind, matrix, rank }: MatrixFactorisationSpec): Landscape {
  const rows = matrix.length;
  const columns = matrix[0].length;
  const goal = flatten(matrix);
  const second = rows * rank;
  const residual = new Float64Array(rows * columns);
  const moved = new Float64Array(rows * columns);

  /** out += UV, with U from one array and V from another. */
  const addProduct = (u: Float64Array, v: Float64Array, first: number, out: Float64Array) => {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < rank; k++) {
        const scale = u[first + i * rank + k];
        const row = first + second + k * columns;
        for (let j = 0; j < columns; j++) out[i * columns + j] += scale * v[row + j];
      }
    }
  };

  /** out += [2RVᵀ | 2UᵀR]. */
  const addGradient = (r: Float64Array, points: Float64Array, first: number, out: Float64Array) => {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < rank; k++) {
        const own = first + i * rank + k;
        const row = first + second + k * columns;
        let sum = 0;
        for (let j = 0; j < columns; j++) {
          sum += r[i * columns + j] * points[row + j];
          out[row + j] += 2 * points[own] * r[i * columns + j];
        }
        out[own] += 2 * sum;
      }
    }
  };

  const setResidual = (points: Float64Array, first: number) => {
    for (let i = 0; i < residual.length; i++) residual[i] = -goal[i];
    addProduct(points, points, first, residual);
  };

  const dimension = second + rank * columns;
  return pointwise({
    kind,
    dimension,
    minima: [bestApproximation(matrix, rank)],
    bounds: [-2, 2],
    evaluateAt(points, first, losses, n, gradients) {
      setResidual(points, first);
      if (gradients) {
        gradients.fill(0, first, first + dimension);
        addGradient(residual, points, first, gradients);
      }
      let loss = 0;
      for (let i = 0; i < residual.length; i++) loss += residual[i] * residual[i];
      losses[n] = loss;
    },
    multiplyAt(points, first, vectors, products) {
      setResidual(points, first);
      moved.fill(0);
      addProduct(vectors, points, first, moved);
      addProduct(points, vectors, first, moved);
      products.fill(0, first, first + dimension);
      addGradient(moved, points, first, products);
      addGradient(residual, vectors, first, products);
    },
  });
}

/** The truncated singular value decomposition, each factor with the root of the singular values (Eckart-Young). */
function bestApproximation(matrix: MatrixFactorisationSpec["matrix"], rank: number): KnownMinimum {
  const decomposition = new SingularValueDecomposition(new DenseMatrix(matrix.map((row) => [...row])), {
    autoTranspose: true,
  });
  const { leftSingularVectors: left, rightSingularVectors: right, diagonal } = decomposition;
  const roots = Array.from({ length: rank }, (_, k) => Math.sqrt(diagonal[k] ?? 0));
  const u = matrix.flatMap((_, i) => roots.map((root, k) => (root > 0 ? root * left.get(i, k) : 0)));
  const v = roots.flatMap((root, k) => matrix[0].map((_, j) => (root > 0 ? root * right.get(j, k) : 0)));
  const loss = diagonal.slice(rank).reduce((total, value) => total + value * value, 0);
  return { parameters: [...u, ...v], loss, global: true };
}
