import type { FeatureOperations } from "./feature-operations.js";
import type { NetworkOperations } from "./network-operations.js";

/** What kernels compute on: float32 in WebAssembly, float64 in the reference. */
export type Numbers = Float32Array | Float64Array;

/**
 * What policies compute, on lane-major data: a matrix `[rows, lanes]` is one row of `lanes` numbers after
 * another. Arrays come from the same workspace; lengths are multiples of 8. A lane's results do not depend on
 * the other lanes, except the sums over lanes of `denseWeightGradient`, whose order is fixed.
 */
export interface Operations<A extends Numbers = Numbers> extends NetworkOperations<A>, FeatureOperations<A> {}

/** One block of memory, made of named arrays of zeros, and the operations on it. Garbage when dropped. */
export interface Workspace<Name extends string, A extends Numbers = Numbers> {
  readonly arrays: Readonly<Record<Name, A>>;
  readonly operations: Operations<A>;
}

/** A place to run networks in. */
export interface Kernels<A extends Numbers = Numbers> {
  readonly name: "reference" | "wasm";
  /** Allocates once: `lengths` says how many numbers each array holds. Views never detach. */
  workspace<Name extends string>(lengths: Readonly<Record<Name, number>>): Workspace<Name, A>;
}

/**
 * The lanes to allocate for `count` coordinates: a multiple of 8, and an odd one from 128 on, so that the rows
 * of a matrix do not fall on the same few cache sets.
 */
export function padLanes(count: number): number {
  const tiles = Math.ceil(count / 8);
  return 8 * (tiles >= 16 && tiles % 2 === 0 ? tiles + 1 : tiles);
}

/** `length` numbers of an array from `offset` on, sharing its memory. */
export function view<A extends Numbers>(array: A, offset: number, length: number): A {
  return array.subarray(offset, offset + length) as A;
}

/** Cuts an array into consecutive views of `length` numbers. */
export function slices<A extends Numbers>(array: A, length: number): readonly A[] {
  return Array.from({ length: array.length / length }, (_, i) => view(array, i * length, length));
}

/** `count` rows of each `[rows, lanes]` matrix from the row `from` on. */
export function rowsOf<A extends Numbers>(
  matrices: readonly A[],
  lanes: number,
  from: number,
  count: number,
): readonly A[] {
  return matrices.map((matrix) => view(matrix, from * lanes, count * lanes));
}

/** Cuts an array into consecutive views of the given lengths. */
export function partition<A extends Numbers>(array: A, lengths: readonly number[]): readonly A[] {
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return view(array, offset - length, length);
  });
}

/** Multiplies an array in place; 0 clears it, whatever it held. */
export function scaleBy(array: Numbers, factor: number): void {
  if (factor === 0) array.fill(0);
  else if (factor !== 1) for (let i = 0; i < array.length; i++) array[i] *= factor;
}
