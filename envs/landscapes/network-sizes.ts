import { deriveKey, normalAt, rootKey, type Seed, streams } from "../core/random.js";
import { layersOf, parameterCount } from "./network-layers.js";
import type { NetworkSpec } from "./specs.js";
import { tableShape } from "./table.js";

type Shape = Pick<NetworkSpec, "features" | "labels" | "targets" | "hidden">;

/** Units of every layer, from the inputs to the outputs. */
export function networkSizes({ features, labels, targets, hidden }: Shape, classes?: number): number[] {
  return [
    tableShape(features).columns,
    ...hidden,
    classes ?? (labels ? classCount(labels) : outputCount(targets ?? [])),
  ];
}

/** d. */
export function networkDimension(spec: Shape): number {
  return parameterCount(layersOf(networkSizes(spec)));
}

/** One more than the greatest label. */
export function classCount(labels: readonly number[]): number {
  return labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
}

function outputCount([first]: NonNullable<Shape["targets"]>): number {
  return typeof first === "number" ? 1 : first.length;
}

/**
 * Parameters to start a network from: biases 0, weights N(0, g/inputs), with g = 2 for relu (He et al. 2015) and
 * g = 1 for tanh (LeCun et al. 1998).
 */
export function networkStart(spec: Shape & Pick<NetworkSpec, "activation">, seed: Seed = 0): number[] {
  const layers = layersOf(networkSizes(spec));
  const key = deriveKey(rootKey(seed), streams.weights);
  const gain = spec.activation === "relu" ? 2 : 1;
  const start = new Array<number>(parameterCount(layers)).fill(0);
  for (const { inputs, weights, biases } of layers) {
    const scale = Math.sqrt(gain / inputs);
    for (let i = weights; i < biases; i++) start[i] = scale * normalAt(key, i, 0);
  }
  return start;
}
