import type { DataType, DataTypeMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import type { Policy } from "../../envs/index.js";
import type { TensorFlow } from "../backend.js";

/** A LayersModel, a GraphModel or a function: observations `[rows, inputs]` → actions `[rows, outputs]`. */
export type TensorFlowModel = TensorFlowPredictor | ((observations: Tensor) => Tensor);

/** What LayersModel and GraphModel share. */
export interface TensorFlowPredictor {
  readonly inputs: readonly { readonly shape?: readonly (number | null)[] | undefined }[];
  predict(
    observations: Tensor,
    options: { readonly batchSize: number },
  ): Tensor | readonly Tensor[] | NamedTensorMap;
}

/** A model with memory: observations and state → actions and next state, of the same shapes. */
export type TensorFlowStep = (
  observations: Tensor,
  state: Tensor[],
) => readonly [action: Tensor, state: readonly Tensor[]];

export interface FromTensorFlowOptions {
  /** The TensorFlow.js that made the model; see `chooseBackend`. */
  readonly tf: TensorFlow;
  /** Default "tensorflow". */
  readonly name?: string;
  /**
   * Applies one small model to every coordinate: rows are the batch × `dimension` coordinates, inputs the
   * `channels` of one coordinate, and there is one output. Observations are `[batch, channels, dimension]`.
   */
  readonly perCoordinate?: { readonly channels: number; readonly dimension: number };
}

export interface TensorFlowStepOptions extends FromTensorFlowOptions {
  /** State before the first step. `rows` is the batch, times `dimension` with `perCoordinate`. */
  readonly initialState: (rows: number) => readonly Tensor[];
}

/** Plain arrays, not tensors: a policy is told of no end at which it could dispose of them. */
export interface TensorFlowState {
  readonly batch: number;
  readonly tensors: readonly StoredTensor[];
}

interface StoredTensor {
  readonly values: DataTypeMap[DataType];
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** Makes a policy of any TensorFlow.js model. It computes in float32, and leaves no tensor behind. */
export function fromTensorFlow(
  model: TensorFlowStep,
  options: TensorFlowStepOptions,
): Policy<TensorFlowState>;
export function fromTensorFlow(
  model: TensorFlowModel,
  options: FromTensorFlowOptions,
): Policy<TensorFlowState>;
export function fromTensorFlow(
  model: TensorFlowModel | TensorFlowStep,
  options: FromTensorFlowOptions & Partial<TensorFlowStepOptions>,
): Policy<TensorFlowState> {
  const { tf, name = "tensorflow", perCoordinate, initialState } = options;
  checkOptions(options);
  const step = asStep(model, name, initialState !== undefined);
  const { channels, dimension } = perCoordinate ?? { channels: 0, dimension: 1 };

  return {
    name,

    init(batch) {
      const tensors: StoredTensor[] = [];
      tf.tidy(() => {
        for (const tensor of initialState?.(batch * dimension) ?? []) tensors.push(store(tensor));
      });
      return { batch, tensors };
    },

    act(observations, { batch, tensors }, actions) {
      const rows = batch * dimension;
      const inputs = perCoordinate ? channels : columns(name, "observations", observations, rows);
      const outputs = perCoordinate ? 1 : columns(name, "actions", actions, rows);
      checkSize(name, "observations", observations, rows * inputs);
      checkSize(name, "actions", actions, rows * outputs);
      const input = perCoordinate
        ? coordinatesFirst(observations, batch, channels, dimension)
        : Float32Array.from(observations);
      const next: StoredTensor[] = [];
      // What tidy returns it searches for tensors, element by element; so it returns nothing.
      tf.tidy(() => {
        const memory = tensors.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype));
        const [action, state] = step(tf.tensor2d(input, [rows, inputs]), memory);
        checkTensor(name, "action", action, [rows, outputs]);
        checkStates(name, state, tensors);
        actions.set(action.dataSync());
        for (const tensor of state) next.push(store(tensor));
      });
      return { batch, tensors: next };
    },
  };
}

/** Every kind of model as one with memory. */
function asStep(model: TensorFlowModel | TensorFlowStep, name: string, recurrent: boolean): TensorFlowStep {
  if (typeof model === "function") {
    if (recurrent) return model as TensorFlowStep;
    return (observations) => [(model as (observations: Tensor) => Tensor)(observations), []];
  }
  if (typeof model?.predict !== "function")
    throw new Error(`${name}: model must be a TensorFlow.js model or a function, got ${typeof model}`);
  if (recurrent) throw new Error(`${name}: model must be a function when there is an initialState`);
  if (model.inputs.length !== 1)
    throw new Error(`${name}: model.inputs: expected 1, got ${model.inputs.length}`);
  return (observations) => {
    checkInput(name, observations.shape, model.inputs[0].shape);
    // A LayersModel would otherwise cut the batch into pieces of 32.
    const output = model.predict(observations, { batchSize: observations.shape[0] });
    return [Array.isArray(output) && output.length === 1 ? output[0] : (output as Tensor), []];
  };
}

/** `[batch, channels, dimension]` → `[batch, dimension, channels]`. */
function coordinatesFirst(
  observations: Float64Array,
  batch: number,
  channels: number,
  dimension: number,
): Float32Array {
  const out = new Float32Array(observations.length);
  for (let n = 0, to = 0; n < batch; n++) {
    const from = n * channels * dimension;
    for (let i = 0; i < dimension; i++) {
      for (let c = 0; c < channels; c++) out[to++] = observations[from + c * dimension + i];
    }
  }
  return out;
}

/** A copy: on the cpu backend `dataSync` returns the tensor's own memory. */
function store(tensor: Tensor): StoredTensor {
  return { values: tensor.dataSync().slice(), shape: tensor.shape, dtype: tensor.dtype };
}

function checkOptions({ tf, name = "tensorflow", perCoordinate }: FromTensorFlowOptions): void {
  if (typeof tf?.tidy !== "function")
    throw new Error(`${name}: tf must be TensorFlow.js, as chooseBackend returns it, got ${typeof tf}`);
  for (const [key, value] of Object.entries(perCoordinate ?? {})) {
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${name}: perCoordinate.${key} must be a whole number >= 1, got ${value}`);
  }
}

function checkSize(name: string, path: string, { length }: Float64Array, expected: number): void {
  if (length !== expected) throw new Error(`${name}: ${path}: expected ${expected} numbers, got ${length}`);
}

function columns(name: string, path: string, { length }: Float64Array, rows: number): number {
  if (length % rows)
    throw new Error(`${name}: ${path}: expected a multiple of ${rows} numbers, got ${length}`);
  return length / rows;
}

/** A model's own sizes are null or −1 where they are free. */
function checkInput(name: string, got: readonly number[], shape: readonly (number | null)[] | undefined) {
  if (!shape) return;
  const fits = shape.length === got.length && shape.every((size, i) => (size ?? -1) < 0 || size === got[i]);
  if (!fits) throw new Error(`${name}: observations: expected ${show(shape)}, got ${show(got)}`);
}

function checkStates(name: string, got: readonly Tensor[], expected: readonly StoredTensor[]): void {
  if (!Array.isArray(got) || got.length !== expected.length) {
    const found = Array.isArray(got) ? got.length : typeof got;
    throw new Error(`${name}: state: expected ${expected.length} tensors, got ${found}`);
  }
  for (const [i, { shape }] of expected.entries()) checkTensor(name, `state[${i}]`, got[i], shape);
}

function checkTensor(name: string, path: string, got: Tensor, expected: readonly number[]): void {
  if (typeof got?.dataSync !== "function") {
    const found = Array.isArray(got) ? `${got.length} in an array` : (got?.constructor?.name ?? typeof got);
    throw new Error(`${name}: ${path}: expected one tensor ${show(expected)}, got ${found}`);
  }
  if (got.shape.length !== expected.length || got.shape.some((size, i) => size !== expected[i]))
    throw new Error(`${name}: ${path}: expected shape ${show(expected)}, got ${show(got.shape)}`);
}

function show(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => ((size ?? -1) < 0 ? "any" : size)).join(", ")}]`;
}
