import type { Numbers } from "./kernels.js";

/** The size of a dense layer on a batch: weights `[outputs, inputs]`, data `[outputs or inputs, lanes]`. */
export interface DenseShape {
  readonly outputs: number;
  readonly inputs: number;
  /** Coordinates worked on at once; a multiple of 8, see `padLanes`. */
  readonly lanes: number;
}

/** The size of a multilayer perceptron with at least one hidden layer, on a batch. */
export interface MlpShape<A extends Numbers = Numbers> {
  /** Inputs, units of each hidden layer, outputs: `[hidden layers + 2]`, in the memory of the kernels. */
  readonly sizes: A;
  readonly lanes: number;
}

export interface MlpGradients<A extends Numbers = Numbers> {
  readonly output: A;
  readonly input: A;
  readonly parameters: A;
  /** Room for one number for each hidden unit and for `MLP_BLOCK` lanes. */
  readonly hidden: A;
}

/** The lanes that the kernels of a multilayer perceptron work on at once. */
export const MLP_BLOCK = 64;

/** The operations of small networks. */
export interface NetworkOperations<A extends Numbers = Numbers> {
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
  /**
   * hₗ = tanh(Wₗ hₗ₋₁ + bₗ) with h₀ = input; output = W [h_last, input] + b. Writes `output` and, in an order of its own,
   * `hidden`: what `mlpBackward` needs. Absolute error of tanh ≤ 1e-6.
   */
  mlpForward(shape: MlpShape<A>, parameters: A, input: A, hidden: A, output: A): void;
  /** Takes ∂J/∂output, writes ∂J/∂input, and adds to ∂J/∂parameters, summed over lanes. */
  mlpBackward(shape: MlpShape<A>, parameters: A, input: A, hidden: A, gradients: MlpGradients<A>): void;
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

  /**
   * One step of long short-term memory of H rows. `gates` is `[4H, lanes]`, in blocks i, f, g, o: their
   * pre-activations, which it replaces by their activations. Writes nextCell = f ⊙ cell + i ⊙ g and
   * memory = o ⊙ tanh(nextCell).
   */
  lstmStep(gates: A, cell: A, nextCell: A, memory: A): void;
  /**
   * Takes ∂J/∂memory, ∂J/∂nextCell in `cellGradient`, and the gates as `lstmStep` left them. Writes the
   * gradients of the pre-activations to `gateGradient`, and ∂J/∂cell to `cellGradient`.
   */
  lstmStepGradient(gates: A, cell: A, nextCell: A, memoryGradient: A, cellGradient: A, gateGradient: A): void;
}
