/** What kernels compute on: float32 in WebAssembly, float64 in the reference. */
export type Numbers = Float32Array | Float64Array;

/** The size of a dense layer on a batch: weights `[outputs, inputs]`, data `[outputs or inputs, lanes]`. */
export interface DenseShape {
  readonly outputs: number;
  readonly inputs: number;
  /** Coordinates worked on at once; a multiple of 8, see `padLanes`. */
  readonly lanes: number;
}

/**
 * The operations of small networks on lane-major data: a matrix `[rows, lanes]` is one row of `lanes` numbers
 * after another. Arrays come from the same workspace; lengths are multiples of 8. A lane's results do not
 * depend on the other lanes, except the sums over lanes of `denseWeightGradient`, whose order is fixed.
 */
export interface Operations<A extends Numbers = Numbers> {
  /** output = weights · input + bias; without a bias, output += weights · input. */
  dense(shape: DenseShape, weights: A, bias: A | undefined, input: A, output: A): void;
  /** inputGradient = weightsᵀ · outputGradient; or +=. */
  denseInputGradient(
    shape: DenseShape,
    weights: A,
    outputGradient: A,
    inputGradient: A,
    accumulate: boolean,
  ): void;
  /** weightGradient += outputGradient · inputᵀ, biasGradient += Σ over lanes of outputGradient. */
  denseWeightGradient(
    shape: DenseShape,
    outputGradient: A,
    input: A,
    weightGradient: A,
    biasGradient: A | undefined,
  ): void;
  /** output = tanh(input); may be in place, as all that follow. Absolute error ≤ 1e-6. */
  tanh(input: A, output: A): void;
  /** inputGradient = outputGradient ⊙ (1 − output²). */
  tanhGradient(output: A, outputGradient: A, inputGradient: A): void;
  /** output = 1/(1 + e^−input). Absolute error ≤ 1e-6. */
  sigmoid(input: A, output: A): void;
  /** inputGradient = outputGradient ⊙ output ⊙ (1 − output). */
  sigmoidGradient(output: A, outputGradient: A, inputGradient: A): void;
  /** output = exp(scale · input), |scale · input| clamped to 87, for the first `length` numbers. */
  exp(input: A, output: A, scale: number, length: number): void;
  /** output = scale · log(input), input > 1e-37, for the first `length` numbers. */
  log(input: A, output: A, scale: number, length: number): void;
  /**
   * One step of a gated recurrent unit of H rows. `gates` is `[4H, lanes]`, in blocks n, r, z, q: the
   * pre-activations of n (input part), r and z, and q, the recurrent part of n. Replaces n, r and z by their
   * activations, n = tanh(n + r ⊙ q), and writes next = (1 − z) ⊙ n + z ⊙ memory.
   */
  gruStep(gates: A, memory: A, next: A): void;
  /**
   * Takes ∂J/∂next in `memoryGradient`, and the gates as `gruStep` left them. Writes the gradients of the
   * pre-activations n, r, z and of q to `gateGradient`, and leaves in `memoryGradient` the part of
   * ∂J/∂memory that went straight through, z ⊙ ∂J/∂next.
   */
  gruStepGradient(gates: A, memory: A, memoryGradient: A, gateGradient: A): void;
}

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
