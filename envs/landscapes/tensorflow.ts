import type { LayersModel, Tensor, Variable } from "@tensorflow/tfjs";
import type { CustomSpec } from "../problem/problem.js";

export interface TensorFlowLandscapeOptions {
  /** The TensorFlow.js that made the model. */
  readonly tf: Pick<
    typeof import("@tensorflow/tfjs"),
    "tidy" | "tensor" | "tensor1d" | "gather" | "slice" | "variableGrads"
  >;
  /** Its trainable weights are θ, one after another. Evaluation overwrites them. */
  readonly model: LayersModel;
  /** The mean over examples of what goes wrong, such as `tf.losses.meanSquaredError`. */
  readonly loss: (targets: Tensor, outputs: Tensor) => Tensor;
  /** Shape [examples, …]. The caller's own, as are the targets: they have to outlive the landscape. */
  readonly inputs: Tensor;
  readonly targets: Tensor;
  /** Examples that pass through the model at once when all are asked for. Default: all. */
  readonly batchSize?: number;
}

/** float32 resolves 2⁻²³. */
const STEP = Math.cbrt(2 ** -23);

/**
 * Any TensorFlow.js layers model on a table, as a custom landscape with gradients, of all examples or of
 * minibatches, that are exact but for the rounding of float32. It leaves no tensor behind. Hessian-vector products are differences of
 * gradients, for TensorFlow.js's own second derivatives are wrong through several activations.
 */
export function tensorFlowLandscape({
  tf,
  model,
  loss,
  inputs,
  targets,
  batchSize,
}: TensorFlowLandscapeOptions): CustomSpec {
  const exampleCount = inputs.shape[0] ?? 0;
  const weights = model.trainableWeights;
  const sizes = weights.map(({ shape }) => shape.reduce<number>((size, length) => size * (length ?? 1), 1));
  const dimension = sizes.reduce((total, size) => total + size, 0);
  const rows = batchSize ?? exampleCount;
  check({ exampleCount, targetCount: targets.shape[0] ?? 0, rows, dimension });

  const assign = (parameters: Float64Array) => {
    let from = 0;
    weights.forEach((weight, w) => {
      const values = Float32Array.from(parameters.subarray(from, from + sizes[w]));
      weight.write(tf.tensor(values, weight.shape as number[]));
      from += sizes[w];
    });
  };
  const meanLoss = (x: Tensor, y: Tensor) =>
    loss(y, model.apply(x, { training: false }) as Tensor).mean() as ReturnType<Tensor["asScalar"]>;

  /** Adds the gradient of some examples' mean loss, with a weight. */
  const addGradient = (x: Tensor, y: Tensor, share: number, out: Float64Array) => {
    const variables = weights.map((weight) => weight.read() as Variable);
    const { grads } = tf.variableGrads(() => meanLoss(x, y), variables);
    let from = 0;
    variables.forEach(({ name }, w) => {
      const values = grads[name]?.dataSync();
      for (let i = 0; values && i < sizes[w]; i++) out[from + i] += share * values[i];
      from += sizes[w];
    });
  };

  /** Goes over all examples, a block at a time. */
  const forBlocks = (visit: (x: Tensor, y: Tensor, share: number) => void) => {
    for (let first = 0; first < exampleCount; first += rows) {
      const size = Math.min(rows, exampleCount - first);
      const block = (all: Tensor) => tf.slice(all, [first], [size]);
      tf.tidy(() => visit(block(inputs), block(targets), size / exampleCount));
    }
  };

  const gradient = (parameters: Float64Array): Float64Array => {
    const out = new Float64Array(dimension);
    tf.tidy(() => assign(parameters));
    forBlocks((x, y, share) => addGradient(x, y, share, out));
    return out;
  };

  return {
    kind: "custom",
    dimension,
    precision: "float32",
    loss(parameters) {
      let total = 0;
      tf.tidy(() => assign(parameters));
      forBlocks((x, y, share) => {
        total += share * meanLoss(x, y).dataSync()[0];
      });
      return total;
    },
    gradient,
    hessianVector(parameters, vector) {
      const norm = Math.hypot(...vector);
      if (norm === 0) return new Float64Array(dimension);
      const step = (STEP * Math.max(1, Math.hypot(...parameters))) / norm;
      const above = gradient(parameters.map((value, i) => value + step * vector[i]));
      const below = gradient(parameters.map((value, i) => value - step * vector[i]));
      return above.map((value, i) => (value - below[i]) / (2 * step));
    },
    exampleCount,
    minibatchLoss(parameters, examples) {
      return tf.tidy(() => {
        assign(parameters);
        const chosen = tf.tensor1d(examples, "int32");
        return meanLoss(tf.gather(inputs, chosen), tf.gather(targets, chosen)).dataSync()[0];
      });
    },
    minibatchGradient(parameters, examples) {
      const out = new Float64Array(dimension);
      tf.tidy(() => {
        assign(parameters);
        const chosen = tf.tensor1d(examples, "int32");
        addGradient(tf.gather(inputs, chosen), tf.gather(targets, chosen), 1, out);
      });
      return out;
    },
  };
}

function check(counts: { exampleCount: number; targetCount: number; rows: number; dimension: number }): void {
  const { exampleCount, targetCount, rows, dimension } = counts;
  if (exampleCount < 1)
    throw new Error("tensorFlowLandscape: inputs must have at least one example, got none");
  if (targetCount !== exampleCount)
    throw new Error(
      `tensorFlowLandscape: targets must have one row per example (${exampleCount}), got ${targetCount}`,
    );
  if (!Number.isInteger(rows) || rows < 1)
    throw new Error(`tensorFlowLandscape: batchSize must be a whole number >= 1, got ${rows}`);
  if (dimension < 1) throw new Error("tensorFlowLandscape: model must have trainable weights, got none");
}
