import type { Table } from "./table.js";

/** What is done with the outputs of a network, in blocks `[rows, outputs]` of the examples named from `from` on. */
export interface Head {
  readonly outputs: number;
  /** Adds the examples' losses to `loss[0]`, and turns scores into the gradient of that sum, in place. */
  differentiate(
    scores: Float64Array,
    examples: Int32Array,
    from: number,
    rows: number,
    loss: Float64Array,
  ): void;
  /** Turns a movement of the scores into that of the gradient, in place. */
  moveGradient(
    gradient: Float64Array,
    examples: Int32Array,
    from: number,
    rows: number,
    tangents: Float64Array,
  ): void;
}

/** −log softmax(scores) of the label: its gradient is the probabilities p, less 1 at the label. */
export function crossEntropy(labels: Int32Array, classes: number): Head {
  return {
    outputs: classes,
    differentiate(scores, examples, from, rows, loss) {
      for (let e = 0; e < rows; e++) {
        const first = e * classes;
        const label = first + labels[examples[from + e]];
        let largest = Number.NEGATIVE_INFINITY;
        for (let c = first; c < first + classes; c++) if (scores[c] > largest) largest = scores[c];
        const own = scores[label] - largest;
        let total = 0;
        for (let c = first; c < first + classes; c++) total += scores[c] = Math.exp(scores[c] - largest);
        for (let c = first; c < first + classes; c++) scores[c] /= total;
        scores[label] -= 1;
        loss[0] += Math.log(total) - own;
      }
    },
    moveGradient(gradient, examples, from, rows, tangents) {
      for (let e = 0; e < rows; e++) {
        const first = e * classes;
        const label = first + labels[examples[from + e]];
        let mean = tangents[label];
        for (let c = first; c < first + classes; c++) mean += gradient[c] * tangents[c];
        for (let c = first; c < first + classes; c++) {
          const probability = c === label ? gradient[c] + 1 : gradient[c];
          tangents[c] = probability * (tangents[c] - mean);
        }
      }
    },
  };
}

/** ½‖scores − y‖². */
export function squaredError({ columns, values }: Table): Head {
  return {
    outputs: columns,
    differentiate(scores, examples, from, rows, loss) {
      for (let e = 0; e < rows; e++) {
        const row = examples[from + e] * columns;
        for (let c = 0; c < columns; c++) {
          const residual = scores[e * columns + c] - values[row + c];
          scores[e * columns + c] = residual;
          loss[0] += 0.5 * residual * residual;
        }
      }
    },
    moveGradient() {},
  };
}
