import type { Landscape } from "./landscape.js";
import { crossEntropy, type Head, squaredError } from "./network-heads.js";
import {
  activate,
  addBend,
  addInputGradient,
  addLayerGradient,
  addressOf,
  affine,
  layersOf,
  multiplySlope,
  parameterCount,
} from "./network-layers.js";
import { networkSizes } from "./network-sizes.js";
import { workspaceOf } from "./network-workspace.js";
import type { NetworkSpec } from "./specs.js";
import { tableOf, targetTable } from "./table.js";

/** Examples that flow through the layers at once. */
const BLOCK = 128;

/**
 * A multilayer network on a table: backpropagation, and Pearlmutter's R-operator for Hessian-vector products.
 * Where a table shows a share of the classes, `classes` says how many there are.
 */
export function network(spec: NetworkSpec, classes?: number): Landscape {
  const { activation, ridge } = spec;
  const table = tableOf(spec.features);
  const sizes = networkSizes(spec, classes);
  const layers = layersOf(sizes);
  const dimension = parameterCount(layers);
  const exampleCount = table.rows;
  const everyExample = Int32Array.from({ length: exampleCount }, (_, i) => i);
  const head = headOf(spec, sizes[layers.length]);
  const rowsAtOnce = Math.min(BLOCK, exampleCount);
  const { kernels, theta, direction, result, values, deltas, tangents, movements } = workspaceOf(
    sizes,
    rowsAtOnce,
  );

  const load = (rows: Float64Array, first: number, out: Float64Array) => {
    for (let i = 0; i < dimension; i++) out[i] = rows[first + i];
  };

  const unload = (rows: Float64Array, first: number) => {
    for (let i = 0; i < dimension; i++) rows[first + i] = result[i];
  };

  const gather = (examples: Int32Array, from: number, rows: number) => {
    const { columns } = table;
    const x = values[0];
    for (let e = 0; e < rows; e++) {
      const row = examples[from + e] * columns;
      for (let j = 0; j < columns; j++) x[e * columns + j] = table.values[row + j];
    }
  };

  const forward = (rows: number) => {
    for (let l = 0; l < layers.length; l++) {
      affine(kernels, layers[l], theta, values[l], rows, values[l + 1]);
      if (l + 1 < layers.length) activate(activation, values[l + 1], rows * sizes[l + 1]);
    }
  };

  const sum = new Float64Array(1);

  /** The head's gradient, as a share of a mean over `size` examples; adds the examples' losses to `sum`. */
  const differentiate = (examples: Int32Array, from: number, rows: number, size: number) => {
    const top = values[layers.length];
    head.differentiate(top, examples, from, rows, sum);
    const delta = deltas[layers.length];
    for (let i = 0; i < rows * head.outputs; i++) delta[i] = top[i] / size;
  };

  const backward = (rows: number) => {
    for (let l = layers.length - 1; l >= 0; l--) {
      addLayerGradient(kernels, layers[l], deltas[l + 1], values[l], rows, result);
      if (l === 0) return;
      const size = rows * sizes[l];
      deltas[l].fill(0, 0, size);
      addInputGradient(kernels, layers[l], theta, deltas[l + 1], rows, deltas[l]);
      multiplySlope(activation, values[l], size, deltas[l]);
    }
  };

  /** The mean over `size` examples: its gradient, and its loss at n. What is passed stays in arrays, or is allocated. */
  const average = (
    points: Float64Array,
    first: number,
    examples: Int32Array,
    from: number,
    size: number,
    losses: Float64Array | null,
    n: number,
    gradients: Float64Array | null,
  ) => {
    let penalty = 0;
    sum[0] = 0;
    load(points, first, theta);
    for (let i = 0; i < dimension; i++) {
      penalty += theta[i] * theta[i];
      result[i] = ridge * theta[i];
    }
    for (let done = 0; done < size; done += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, size - done);
      gather(examples, from + done, rows);
      forward(rows);
      differentiate(examples, from + done, rows, size);
      if (gradients) backward(rows);
    }
    if (losses) losses[n] = sum[0] / size + 0.5 * ridge * penalty;
    if (gradients) unload(gradients, first);
  };

  /** Movement of every value as θ moves in the direction. */
  const forwardTangents = (rows: number) => {
    for (let l = 0; l < layers.length; l++) {
      const { inputs, units, weights } = layers[l];
      const [from, to] = [tangents[l].byteOffset, tangents[l + 1].byteOffset];
      affine(kernels, layers[l], direction, values[l], rows, tangents[l + 1]);
      if (l > 0) kernels.addProducts(from, rows, inputs, addressOf(theta, weights), units, to);
      if (l + 1 < layers.length) multiplySlope(activation, values[l + 1], rows * units, tangents[l + 1]);
    }
  };

  /** Movement of every gradient as θ moves in the direction: that of the parameters is added to the result. */
  const backwardTangents = (rows: number) => {
    for (let l = layers.length - 1; l >= 0; l--) {
      const { inputs, units, weights } = layers[l];
      addLayerGradient(kernels, layers[l], movements[l + 1], values[l], rows, result);
      if (l === 0) return;
      const [above, moved] = [deltas[l + 1].byteOffset, tangents[l].byteOffset];
      kernels.addOuterProducts(above, rows, units, moved, inputs, addressOf(result, weights));
      const size = rows * inputs;
      deltas[l].fill(0, 0, size);
      movements[l].fill(0, 0, size);
      addInputGradient(kernels, layers[l], theta, deltas[l + 1], rows, deltas[l]);
      addInputGradient(kernels, layers[l], theta, movements[l + 1], rows, movements[l]);
      addInputGradient(kernels, layers[l], direction, deltas[l + 1], rows, movements[l]);
      multiplySlope(activation, values[l], size, movements[l]);
      addBend(activation, values[l], tangents[l], deltas[l], size, movements[l]);
      multiplySlope(activation, values[l], size, deltas[l]);
    }
  };

  return {
    kind: "network",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    exampleCount,
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++)
        average(points, n * dimension, everyExample, 0, exampleCount, losses, n, gradients);
    },
    hessianVector(points, _instances, count, vectors, products) {
      const [top, turned] = [tangents[layers.length], movements[layers.length]];
      for (let n = 0; n < count; n++) {
        load(points, n * dimension, theta);
        load(vectors, n * dimension, direction);
        for (let i = 0; i < dimension; i++) result[i] = ridge * direction[i];
        for (let done = 0; done < exampleCount; done += rowsAtOnce) {
          const rows = Math.min(rowsAtOnce, exampleCount - done);
          gather(everyExample, done, rows);
          forward(rows);
          forwardTangents(rows);
          differentiate(everyExample, done, rows, exampleCount);
          head.moveGradient(values[layers.length], everyExample, done, rows, top);
          for (let i = 0; i < rows * head.outputs; i++) turned[i] = top[i] / exampleCount;
          backwardTangents(rows);
        }
        unload(products, n * dimension);
      }
    },
    hasMinibatchLoss: true,
    minibatchGradient(points, examples, batchSize, count, gradients, _instances, losses = null) {
      for (let n = 0; n < count; n++)
        average(points, n * dimension, examples, n * batchSize, batchSize, losses, n, gradients);
    },
  };
}

function headOf({ labels, targets }: NetworkSpec, outputs: number): Head {
  if (targets) return squaredError(targetTable(targets));
  return crossEntropy(Int32Array.from(labels ?? []), outputs);
}
