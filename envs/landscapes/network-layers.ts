import type { ProductKernels } from "./network-workspace.js";

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

/** out = XWᵀ + b for one layer. */
export function affine(
  { addProducts }: ProductKernels,
  { inputs, units, weights, biases }: Layer,
  parameters: Float64Array,
  x: Float64Array,
  rows: number,
  out: Float64Array,
): void {
  for (let e = 0; e < rows; e++) {
    for (let u = 0; u < units; u++) out[e * units + u] = parameters[biases + u];
  }
  addProducts(x.byteOffset, rows, inputs, addressOf(parameters, weights), units, out.byteOffset);
}

/** Adds the gradient of one layer's parameters, given that of its outputs. */
export function addLayerGradient(
  { addOuterProducts }: ProductKernels,
  { inputs, units, weights, biases }: Layer,
  delta: Float64Array,
  x: Float64Array,
  rows: number,
  gradient: Float64Array,
): void {
  addOuterProducts(delta.byteOffset, rows, units, x.byteOffset, inputs, addressOf(gradient, weights));
  for (let e = 0; e < rows; e++) {
    for (let u = 0; u < units; u++) gradient[biases + u] += delta[e * units + u];
  }
}

/** below += ΔW: what the outputs' gradient means for the inputs. */
export function addInputGradient(
  { addBackward }: ProductKernels,
  { inputs, units, weights }: Layer,
  parameters: Float64Array,
  delta: Float64Array,
  rows: number,
  below: Float64Array,
): void {
  addBackward(delta.byteOffset, rows, units, addressOf(parameters, weights), inputs, below.byteOffset);
}

/** Where the entry of that number lies in the memory that kernels work on. */
export function addressOf({ byteOffset, BYTES_PER_ELEMENT }: Float64Array, entry: number): number {
  return byteOffset + BYTES_PER_ELEMENT * entry;
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
