import type { Tensor, Tensor2D, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../agents/backend.js";
import { deriveKey, fillNormals, rootKey, type Seed, streams } from "../../envs/index.js";
import { classes, side } from "./images-data.js";

export type NetworkName = "MLP" | "CNN";

/**
 * A network whose layers are products with a matrix: its input is cut into rows, as long as the first matrix is high, and
 * so is what each layer puts out. Where a row is a patch of the image, that is a convolution.
 */
export interface Network {
  /** Which pixel each number of the input is. */
  readonly order: Int32Array;
  /** Rows and columns of each layer's matrix. */
  readonly layers: readonly (readonly [rows: number, columns: number])[];
  /** For the reader. */
  readonly words: string;
}

/** Patches of `kernel`² pixels, `stride` apart, in blocks of `block`² patches, so that the next layer reads a block as a row. */
function patches(kernel: number, stride: number, block: number): Int32Array {
  const blocks = Math.floor(((side - kernel) / stride + 1) / block);
  const order: number[] = [];
  const square = (size: number, visit: (row: number, column: number) => void) => {
    for (let i = 0; i < size * size; i++) visit(Math.floor(i / size), i % size);
  };
  square(blocks, (blockRow, blockColumn) =>
    square(block, (row, column) => {
      const top = (blockRow * block + row) * stride;
      const left = (blockColumn * block + column) * stride;
      square(kernel, (down, right) => order.push((top + down) * side + left + right));
    }),
  );
  return Int32Array.from(order);
}

export const networks: Readonly<Record<NetworkName, Network>> = {
  MLP: {
    order: Int32Array.from({ length: side * side }, (_, i) => i),
    layers: [
      [side * side, 512],
      [512, 256],
      [256, classes],
    ],
    words: "784-512-256-10",
  },
  CNN: {
    order: patches(5, 2, 3),
    layers: [
      [25, 16],
      [9 * 16, 32],
      [16 * 32, 64],
      [64, classes],
    ],
    words: "16 filters of 5 × 5, stride 2; 32 of 3 × 3, stride 3; 64; 10",
  },
};

/** Weights from N(0, 2/fan-in) (He et al., 2015) and biases of zero: a matrix and a vector for each layer. */
export function initialVariables(tf: TensorFlow, { layers }: Network, seed: Seed): Variable[] {
  const key = deriveKey(rootKey(seed), streams.weights);
  return layers.flatMap(([rows, columns], layer) => {
    const weights = new Float64Array(rows * columns);
    fillNormals(deriveKey(key, layer), 0, 0, weights.length, weights);
    const deviation = Math.sqrt(2 / rows);
    return [
      tf.variable(
        tf.tensor2d(
          Float32Array.from(weights, (value) => deviation * value),
          [rows, columns],
        ),
      ),
      tf.variable(tf.zeros([columns])),
    ];
  });
}

/** Scores of the classes, shape [images, 10]. The hidden layers are rectified. */
export function scoresOf(
  tf: TensorFlow,
  { layers }: Network,
  variables: readonly Variable[],
  input: Tensor,
): Tensor2D {
  return layers.reduce<Tensor>((value, [rows], layer) => {
    const [weights, bias] = variables.slice(2 * layer);
    const product = multiply(tf, value.reshape([-1, rows]) as Tensor2D, weights as Tensor2D, layer > 0);
    const sum = product.add(bias);
    return layer === layers.length - 1 ? sum : sum.relu();
  }, input) as Tensor2D;
}

/**
 * A matrix product whose gradients transpose first, which the wasm backend does many times faster than to multiply
 * transposed. The first layer has no use for a gradient of its input.
 */
function multiply(tf: TensorFlow, left: Tensor2D, right: Tensor2D, passesBack: boolean): Tensor2D {
  const product = tf.customGrad((...given) => {
    const [rows, weights, save] = given as unknown as [Tensor2D, Tensor2D, (tensors: Tensor[]) => void];
    save([rows, weights]);
    return {
      value: tf.matMul(rows, weights),
      gradFunc: (slope: Tensor, saved: Tensor[]) => {
        const [before, matrix] = saved as [Tensor2D, Tensor2D];
        const ofRows = passesBack ? tf.matMul(slope as Tensor2D, matrix.transpose()) : tf.zerosLike(before);
        return [ofRows, tf.matMul(before.transpose(), slope as Tensor2D)];
      },
    };
  });
  return product(left, right) as Tensor2D;
}
