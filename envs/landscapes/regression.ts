import type { RegressionSpec } from "../problem/problem.js";
import type { Landscape } from "./landscape.js";
import { classCount } from "./network-sizes.js";
import { tableOf, withOnes } from "./table.js";

/**
 * Softmax regression: the mean cross-entropy of softmax(Wx + b) over a table, plus (ridge/2)‖θ‖². Where a table
 * shows a share of the classes, `classes` says how many there are.
 */
export function regression(spec: RegressionSpec, classes = classCount(spec.labels)): Landscape {
  const { ridge } = spec;
  const labels = Int32Array.from(spec.labels);
  const exampleCount = labels.length;
  const { columns: width, values: inputs } = withOnes(tableOf(spec.features));
  const dimension = classes * width;
  const everyExample = Int32Array.from(labels, (_, i) => i);
  const probabilities = new Float64Array(classes);

  const sum = new Float64Array(1);

  /** Fills `probabilities`; adds the log of their normaliser less the label's score, the cross-entropy, to `sum`. */
  const predict = (points: Float64Array, first: number, example: number) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      let score = 0;
      for (let j = 0; j < width; j++) score += points[first + c * width + j] * inputs[example * width + j];
      probabilities[c] = score;
      if (score > largest) largest = score;
    }
    const own = probabilities[labels[example]];
    let total = 0;
    for (let c = 0; c < classes; c++) total += probabilities[c] = Math.exp(probabilities[c] - largest);
    for (let c = 0; c < classes; c++) probabilities[c] /= total;
    sum[0] += Math.log(total) + largest - own;
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
    for (let i = first; i < first + dimension; i++) {
      penalty += points[i] * points[i];
      if (gradients) gradients[i] = ridge * points[i];
    }
    for (let e = from; e < from + size; e++) {
      const example = examples[e];
      predict(points, first, example);
      if (!gradients) continue;
      for (let c = 0; c < classes; c++) {
        const residual = (probabilities[c] - (c === labels[example] ? 1 : 0)) / size;
        for (let j = 0; j < width; j++)
          gradients[first + c * width + j] += residual * inputs[example * width + j];
      }
    }
    if (losses) losses[n] = sum[0] / size + 0.5 * ridge * penalty;
  };

  return {
    kind: "regression",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    exampleCount,
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++)
        average(points, n * dimension, everyExample, 0, exampleCount, losses, n, gradients);
    },
    hessianVector(points, _instances, count, vectors, products) {
      const directions = new Float64Array(classes);
      for (let n = 0; n < count; n++) {
        const first = n * dimension;
        for (let i = first; i < first + dimension; i++) products[i] = ridge * vectors[i];
        for (let example = 0; example < exampleCount; example++) {
          predict(points, first, example);
          let mean = 0;
          for (let c = 0; c < classes; c++) {
            let along = 0;
            for (let j = 0; j < width; j++)
              along += vectors[first + c * width + j] * inputs[example * width + j];
            directions[c] = along;
            mean += probabilities[c] * along;
          }
          for (let c = 0; c < classes; c++) {
            const weight = (probabilities[c] * (directions[c] - mean)) / exampleCount;
            for (let j = 0; j < width; j++)
              products[first + c * width + j] += weight * inputs[example * width + j];
          }
        }
      }
    },
    hasMinibatchLoss: true,
    minibatchGradient(points, examples, batchSize, count, gradients, _instances, losses = null) {
      for (let n = 0; n < count; n++)
        average(points, n * dimension, examples, n * batchSize, batchSize, losses, n, gradients);
    },
  };
}
