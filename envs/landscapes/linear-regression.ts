import { Matrix as DenseMatrix, solve } from "ml-matrix";
import type { KnownMinimum, Landscape } from "./landscape.js";
import type { LinearRegressionSpec } from "./specs.js";
import { type Table, tableOf, targetTable, withOnes } from "./table.js";

/** L = mean ½‖Wx + b − y‖² + (ridge/2)‖θ‖²: a parabola, whose Hessian is the inputs' second moments plus the ridge. */
export function linearRegression({ kind, features, targets, ridge }: LinearRegressionSpec): Landscape {
  const inputs = withOnes(tableOf(features));
  const goals = targetTable(targets);
  const { columns: width, rows: exampleCount } = inputs;
  const { columns: outputs } = goals;
  const dimension = width * outputs;
  const everyExample = Int32Array.from({ length: exampleCount }, (_, i) => i);

  const scoreOf = (points: Float64Array, row: number, example: number): number => {
    let score = 0;
    for (let j = 0; j < width; j++) score += points[row + j] * inputs.values[example * width + j];
    return score;
  };

  const addScaled = (scale: number, example: number, out: Float64Array, row: number) => {
    for (let j = 0; j < width; j++) out[row + j] += scale * inputs.values[example * width + j];
  };

  const average = (
    points: Float64Array,
    first: number,
    examples: Int32Array,
    from: number,
    size: number,
    gradients: Float64Array | null,
  ): number => {
    let loss = 0;
    let penalty = 0;
    for (let i = first; i < first + dimension; i++) {
      penalty += points[i] * points[i];
      if (gradients) gradients[i] = ridge * points[i];
    }
    for (let e = from; e < from + size; e++) {
      for (let o = 0; o < outputs; o++) {
        const example = examples[e];
        const residual = scoreOf(points, first + o * width, example) - goals.values[example * outputs + o];
        loss += residual * residual;
        if (gradients) addScaled(residual / size, example, gradients, first + o * width);
      }
    }
    return 0.5 * (loss / size + ridge * penalty);
  };

  return {
    kind,
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    exampleCount,
    ...minimaOf(inputs, goals, ridge),
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        const loss = average(points, n * dimension, everyExample, 0, exampleCount, gradients);
        if (losses) losses[n] = loss;
      }
    },
    hessianVector(_points, _instances, count, vectors, products) {
      for (let i = 0; i < count * dimension; i++) products[i] = ridge * vectors[i];
      for (let row = 0; row < count * dimension; row += width) {
        for (let e = 0; e < exampleCount; e++)
          addScaled(scoreOf(vectors, row, e) / exampleCount, e, products, row);
      }
    },
    hasMinibatchLoss: true,
    minibatchGradient(points, examples, batchSize, count, gradients, _instances, losses) {
      for (let n = 0; n < count; n++) {
        const loss = average(points, n * dimension, examples, n * batchSize, batchSize, gradients);
        if (losses) losses[n] = loss;
      }
    },
  };
}

/** The solution of the normal equations; of several, the shortest. */
function minimaOf(inputs: Table, goals: Table, ridge: number): { minima: KnownMinimum[] } {
  const x = DenseMatrix.from1DArray(inputs.rows, inputs.columns, Array.from(inputs.values));
  const y = DenseMatrix.from1DArray(goals.rows, goals.columns, Array.from(goals.values));
  const ridges = DenseMatrix.eye(inputs.columns, inputs.columns).mul(ridge * inputs.rows);
  const moments = x.transpose().mmul(x).add(ridges);
  const weights = solve(moments, x.transpose().mmul(y), true);
  const residuals = x.mmul(weights).sub(y);
  const loss = 0.5 * (residuals.norm() ** 2 / inputs.rows + ridge * weights.norm() ** 2);
  return { minima: [{ parameters: weights.transpose().to1DArray(), loss, global: true }] };
}
