import { LuDecomposition, Matrix } from "ml-matrix";
import { eigenvaluesOf } from "../eigenvalues.js";
import { type ControlField, driftAt, restingEffort } from "./control-field.js";
import { type Grid, isInside, nodesOf } from "./grid.js";

/** A point at which a learner may rest: k∇L + (Aᵀ − γ)Nf = 0, without drift ∇L = 0. */
export interface StationaryPoint {
  readonly parameters: number[];
  /** "minimum" when paths from every direction can end there, "maximum" when from none. */
  readonly kind: "minimum" | "saddle" | "maximum";
  /** kL + ½fᵀNf: the cost per unit time of resting there. */
  readonly restingCost: number;
}

/**
 * Every stationary point in the box, by damped Newton steps from the nodes where the force is least, and from
 * points that are known to lie near one.
 */
export function stationaryPoints(
  field: ControlField,
  grid: Grid,
  known: readonly (readonly number[])[] = [],
): StationaryPoint[] {
  const points = nodesOf(grid);
  const sizes = sizesOf(forcesAt(field, points), field.dimension);
  const largest = sizes.reduce((most, size) => (size < Infinity ? Math.max(most, size) : most), 0);
  const tolerance = (field.isExact ? 1e-10 : 1e-7) * largest;
  const found: number[][] = [];
  const least = leastNodes(sizes, grid).map((node) =>
    points.slice(node * field.dimension, (node + 1) * field.dimension),
  );
  for (const seed of [...known.map((point) => Float64Array.from(point)), ...least]) {
    const at = newton(field, seed, tolerance);
    if (!at || !isInside(grid, at) || distance(grid, at, seed) > 3) continue;
    if (found.every((other) => distance(grid, at, other) > 0.01)) found.push(Array.from(at));
  }
  return found.map((at) => describe(field, at)).sort((a, b) => a.restingCost - b.restingCost);
}

export function describe(field: ControlField, parameters: number[]): StationaryPoint {
  const stable = stableDimensions(field, parameters);
  return {
    parameters,
    kind: stable === field.dimension ? "minimum" : stable === 0 ? "maximum" : "saddle",
    restingCost: field.losses(Float64Array.from(parameters), 1)[0] + restingEffort(field, parameters),
  };
}

/** The stationary point that Newton steps reach from a seed, or null. */
export function newton(field: ControlField, seed: Float64Array, tolerance: number): Float64Array | null {
  const d = field.dimension;
  let at = seed;
  let force = forcesAt(field, at);
  for (let i = 0; i < 60; i++) {
    const jacobian = new LuDecomposition(Matrix.from1DArray(d, d, Array.from(jacobianAt(field, at))));
    if (jacobian.isSingular()) break;
    const step = jacobian.solve(Matrix.columnVector(Array.from(force))).to1DArray();
    let scale = 1;
    let [next, nextForce] = [at, force];
    for (; scale > 1e-3; scale /= 2) {
      next = at.map((value, j) => value - scale * step[j]);
      nextForce = forcesAt(field, next);
      if (Math.hypot(...nextForce) < Math.hypot(...force)) break;
    }
    if (scale <= 1e-3) break;
    [at, force] = [next, nextForce];
  }
  return Math.hypot(...force) <= tolerance ? at : null;
}

/** k∇L + (Aᵀ − γ)Nf, shape [count, d]. */
function forcesAt(field: ControlField, points: Float64Array): Float64Array {
  const { dimension: d, isDriftless, effort } = field;
  const forces = field.gradients(points, points.length / d);
  if (isDriftless) return forces;
  const pull = pullOf(field);
  const response = multiply(pull, effort, d);
  for (let first = 0; first < points.length; first += d) {
    const f = driftAt(field, points.subarray(first, first + d));
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) forces[first + i] += response[i * d + j] * f[j];
  }
  return forces;
}

function jacobianAt(field: ControlField, at: Float64Array): Float64Array {
  const { dimension: d, isDriftless, effort, drift } = field;
  const hessian = field.hessians(at, 1);
  if (isDriftless) return hessian;
  const pull = multiply(multiply(pullOf(field), effort, d), drift, d);
  return hessian.map((value, i) => value + pull[i]);
}

/** Aᵀ − γI. */
function pullOf({ dimension: d, drift, discountRate }: ControlField): Float64Array {
  return drift.map((_, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return drift[column * d + row] - (row === column ? discountRate : 0);
  });
}

function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  return a.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += a[Math.floor(i / d) * d + j] * b[j * d + (i % d)];
    return sum;
  });
}

/** How many directions the linearised flow θ̇ = f − Mp, ṗ = (γ − Aᵀ)p − k∇L contracts; flat ones count. */
function stableDimensions(field: ControlField, at: number[]): number {
  const { dimension: d, push, drift, isDriftless } = field;
  const hessian = field.hessians(Float64Array.from(at), 1);
  if (isDriftless) {
    const curvatures = eigenvaluesOf(Matrix.from1DArray(d, d, Array.from(multiply(push, hessian, d))));
    const largest = Math.max(...curvatures.map(({ real }) => Math.abs(real)));
    return curvatures.filter(({ real }) => real >= -1e-6 * largest).length;
  }
  const pull = pullOf(field);
  const flow = new Matrix(2 * d, 2 * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      flow.set(i, j, drift[i * d + j]);
      flow.set(i, d + j, -push[i * d + j]);
      flow.set(d + i, j, -hessian[i * d + j]);
      flow.set(d + i, d + j, -pull[i * d + j]);
    }
  }
  return eigenvaluesOf(flow).filter(({ real }) => real < 0).length;
}

function sizesOf(vectors: Float64Array, d: number): Float64Array {
  return Float64Array.from({ length: vectors.length / d }, (_, n) => {
    let square = 0;
    for (let i = 0; i < d; i++) square += vectors[n * d + i] ** 2;
    return Number.isNaN(square) ? Infinity : Math.sqrt(square);
  });
}

/** Nodes no larger than any neighbour, diagonal ones too. */
function leastNodes(sizes: Float64Array, { points }: Grid): number[] {
  const [rows, columns] = points.length === 1 ? [1, points[0]] : [points[0], points[1]];
  const least: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const own = sizes[i * columns + j];
      let isLeast = own < Infinity;
      for (let a = Math.max(i - 1, 0); isLeast && a <= Math.min(i + 1, rows - 1); a++)
        for (let b = Math.max(j - 1, 0); b <= Math.min(j + 1, columns - 1); b++)
          if (sizes[a * columns + b] < own) isLeast = false;
      if (isLeast) least.push(i * columns + j);
    }
  }
  return least;
}

/** In cells of the grid. */
function distance({ spacing }: Grid, a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(...spacing.map((h, i) => (a[i] - b[i]) / h));
}
