import { addBackward, addOuterProducts, addProducts } from "./dense-kernels.js";

/** One dense layer, and where its weights `[units, inputs]` and biases lie in θ. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly weights: number;
  readonly biases: number;
}

export function layersOf(sizes: readonly number[]): Layer[] {
  let offset = 0;
  return sizes.slice(1).map((units, l) => {
    const inputs = sizes[l];
    const layer = { inputs, units, weights: offset, biases: offset + units * inputs };
    offset = layer.biases + units;
    return layer;
  });
}

/** How many parameters the layers have. */
export function parameterCount(layers: readonly Layer[]): number {
  return layers.reduce((total, { inputs, units }) => total + units * (inputs + 1), 0);
}

/** Numbers that flow through the layers for a block of examples: `[rows, size]` per layer, inputs first. */
export function blockOf(sizes: readonly number[], rows: number): Float64Array[] {
  return sizes.map((size) => new Float64Array(rows * size));
}

/** out = XWᵀ + b for one layer, its parameters from `first` on. */
export function affine(
  { inputs, units, weights, biases }: Layer,
  parameters: Float64Array,
  first: number,
  x: Float64Array,
  rows: number,
  out: Float64Array,
): void {
  for (let e = 0; e < rows; e++) {
    for (let u = 0; u < units; u++) out[e * units + u] = parameters[first + biases + u];
  }
  addProducts(x, rows, inputs, parameters, first + weights, units, out);
}

/** Adds the gradient of one layer's parameters, given that of its outputs. */
export function addLayerGradient(
  { inputs, units, weights, biases }: Layer,
  delta: Float64Array,
  x: Float64Array,
  rows: number,
  gradients: Float64Array,
  first: number,
): void {
  addOuterProducts(delta, rows, units, x, inputs, gradients, first + weights);
  for (let e = 0; e < rows; e++) {
    for (let u = 0; u < units; u++) gradients[first + biases + u] += delta[e * units + u];
  }
}

/** below += ΔW: what the outputs' gradient means for the inputs. */
export function addInputGradient(
  { inputs, units, weights }: Layer,
  parameters: Float64Array,
  first: number,
  delta: Float64Array,
  rows: number,
  below: Float64Array,
): void {
  addBackward(delta, rows, units, parameters, first + weights, inputs, below);
}

/** Activations in place; relu's slope at 0 counts as 0. */
export function activate(activation: "tanh" | "relu", values: Float64Array, size: number): void {
  if (activation === "tanh") for (let i = 0; i < size; i++) values[i] = Math.tanh(values[i]);
  else for (let i = 0; i < size; i++) values[i] = values[i] > 0 ? values[i] : 0;
}

/** Multiplies by the slope of the activation, written in terms of its value. */
export function multiplySlope(
  activation: "tanh" | "relu",
  values: Float64Array,
  size: number,
  out: Float64Array,
): void {
  if (activation === "tanh") for (let i = 0; i < size; i++) out[i] *= 1 - values[i] * values[i];
  else for (let i = 0; i < size; i++) out[i] = values[i] > 0 ? out[i] : 0;
}

/** out += σ″(s)·ṡ·g, with σ″ṡ = −2aȧ for a tanh of value a, and 0 for relu. */
export function addBend(
  activation: "tanh" | "relu",
  values: Float64Array,
  tangents: Float64Array,
  gradient: Float64Array,
  size: number,
  out: Float64Array,
): void {
  if (activation === "relu") return;
  for (let i = 0; i < size; i++) out[i] -= 2 * values[i] * tangents[i] * gradient[i];
}
