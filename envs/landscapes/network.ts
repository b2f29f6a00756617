import { addOuterProducts, addProducts } from "./dense-kernels.js";
import type { Landscape } from "./landscape.js";
import { crossEntropy, type Head, squaredError } from "./network-heads.js";
import {
  activate,
  addBend,
  addInputGradient,
  addLayerGradient,
  affine,
  blockOf,
  layersOf,
  multiplySlope,
  parameterCount,
} from "./network-layers.js";
import { networkSizes } from "./network-sizes.js";
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
  const values = blockOf(sizes, rowsAtOnce);
  const deltas = blockOf(sizes, rowsAtOnce);
  let tangents: Float64Array[] | null = null;
  let movements: Float64Array[] | null = null;

  const gather = (examples: Int32Array, from: number, rows: number) => {
    const { columns } = table;
    const x = values[0];
    for (let e = 0; e < rows; e++) {
      const row = examples[from + e] * columns;
      for (let j = 0; j < columns; j++) x[e * columns + j] = table.values[row + j];
    }
  };

  const forward = (points: Float64Array, first: number, rows: number) => {
    for (let l = 0; l < layers.length; l++) {
      affine(layers[l], points, first, values[l], rows, values[l + 1]);
      if (l + 1 < layers.length) activate(activation, values[l + 1], rows * sizes[l + 1]);
    }
  };

  /** The head's gradient, as a share of a mean over `size` examples; returns its share of the loss. */
  const differentiate = (examples: Int32Array, from: number, rows: number, size: number): number => {
    const top = values[layers.length];
    const loss = head.differentiate(top, examples, from, rows);
    const delta = deltas[layers.length];
    for (let i = 0; i < rows * head.outputs; i++) delta[i] = top[i] / size;
    return loss / size;
  };

  const backward = (points: Float64Array, first: number, rows: number, gradients: Float64Array) => {
    for (let l = layers.length - 1; l >= 0; l--) {
      addLayerGradient(layers[l], deltas[l + 1], values[l], rows, gradients, first);
      if (l === 0) return;
      const size = rows * sizes[l];
      deltas[l].fill(0, 0, size);
      addInputGradient(layers[l], points, first, deltas[l + 1], rows, deltas[l]);
      multiplySlope(activation, values[l], size, deltas[l]);
    }
  };

  const average = (
    points: Float64Array,
    first: number,
    examples: Int32Array,
    from: number,
    size: number,
    gradients: Float64Array | null,
  ): number => {
    let penalty = 0;
    for (let i = first; i < first + dimension; i++) {
      penalty += points[i] * points[i];
      if (gradients) gradients[i] = ridge * points[i];
    }
    let loss = 0.5 * ridge * penalty;
    for (let done = 0; done < size; done += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, size - done);
      gather(examples, from + done, rows);
      forward(points, first, rows);
      loss += differentiate(examples, from + done, rows, size);
      if (gradients) backward(points, first, rows, gradients);
    }
    return loss;
  };

  /** Movement of every value as θ moves along a vector. */
  const forwardTangents = (
    points: Float64Array,
    vectors: Float64Array,
    first: number,
    rows: number,
    moved: readonly Float64Array[],
  ) => {
    for (let l = 0; l < layers.length; l++) {
      const { inputs, units, weights } = layers[l];
      affine(layers[l], vectors, first, values[l], rows, moved[l + 1]);
      if (l > 0) addProducts(moved[l], rows, inputs, points, first + weights, units, moved[l + 1]);
      if (l + 1 < layers.length) multiplySlope(activation, values[l + 1], rows * units, moved[l + 1]);
    }
  };

  /** Movement of every gradient as θ moves along a vector: that of the parameters is added to `products`. */
  const backwardTangents = (
    points: Float64Array,
    vectors: Float64Array,
    first: number,
    rows: number,
    moved: readonly Float64Array[],
    turned: readonly Float64Array[],
    products: Float64Array,
  ) => {
    for (let l = layers.length - 1; l >= 0; l--) {
      const { inputs, units, weights } = layers[l];
      addLayerGradient(layers[l], turned[l + 1], values[l], rows, products, first);
      if (l === 0) return;
      addOuterProducts(deltas[l + 1], rows, units, moved[l], inputs, products, first + weights);
      const size = rows * inputs;
      deltas[l].fill(0, 0, size);
      turned[l].fill(0, 0, size);
      addInputGradient(layers[l], points, first, deltas[l + 1], rows, deltas[l]);
      addInputGradient(layers[l], points, first, turned[l + 1], rows, turned[l]);
      addInputGradient(layers[l], vectors, first, deltas[l + 1], rows, turned[l]);
      multiplySlope(activation, values[l], size, turned[l]);
      addBend(activation, values[l], moved[l], deltas[l], size, turned[l]);
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
      for (let n = 0; n < count; n++) {
        const loss = average(points, n * dimension, everyExample, 0, exampleCount, gradients);
        if (losses) losses[n] = loss;
      }
    },
    hessianVector(points, _instances, count, vectors, products) {
      tangents ??= blockOf(sizes, rowsAtOnce);
      movements ??= blockOf(sizes, rowsAtOnce);
      const moved = tangents;
      const turned = movements;
      for (let n = 0; n < count; n++) {
        const first = n * dimension;
        for (let i = first; i < first + dimension; i++) products[i] = ridge * vectors[i];
        for (let done = 0; done < exampleCount; done += rowsAtOnce) {
          const rows = Math.min(rowsAtOnce, exampleCount - done);
          gather(everyExample, done, rows);
          forward(points, first, rows);
          forwardTangents(points, vectors, first, rows, moved);
          differentiate(everyExample, done, rows, exampleCount);
          const top = moved[layers.length];
          head.moveGradient(values[layers.length], everyExample, done, rows, top);
          for (let i = 0; i < rows * head.outputs; i++) turned[layers.length][i] = top[i] / exampleCount;
          backwardTangents(points, vectors, first, rows, moved, turned, products);
        }
      }
    },
    minibatchGradient(points, examples, batchSize, count, gradients) {
      for (let n = 0; n < count; n++)
        average(points, n * dimension, examples, n * batchSize, batchSize, gradients);
    },
  };
}

function headOf({ labels, targets }: NetworkSpec, outputs: number): Head {
  if (targets) return squaredError(targetTable(targets));
  return crossEntropy(Int32Array.from(labels ?? []), outputs);
}
