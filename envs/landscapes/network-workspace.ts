import { kernelMemory } from "../kernels/memory.js";
import { wasmBase64 } from "../kernels/wasm-module.js";
import { layersOf, parameterCount } from "./network-layers.js";

/** Matrix products of assembly/layers.ts. Matrices are row-major, named by their addresses in bytes. */
export interface ProductKernels {
  /** out `[rows, units]` += X Wᵀ, for inputs X `[rows, inputs]` and weights W `[units, inputs]`. */
  addProducts(x: number, rows: number, inputs: number, weights: number, units: number, out: number): void;
  /** out `[units, inputs]` += ΔᵀX, for Δ `[rows, units]` and X `[rows, inputs]`. */
  addOuterProducts(delta: number, rows: number, units: number, x: number, inputs: number, out: number): void;
  /** out `[rows, inputs]` += ΔW, for Δ `[rows, units]` and weights W `[units, inputs]`. */
  addBackward(delta: number, rows: number, units: number, weights: number, inputs: number, out: number): void;
}

/** What a network computes with, in one memory: a block of examples, and one set of parameters. */
export interface Workspace {
  readonly kernels: ProductKernels;
  /** θ, a direction, and the gradient or the Hessian times the direction. Shape [d]. */
  readonly theta: Float64Array;
  readonly direction: Float64Array;
  readonly result: Float64Array;
  /** Per layer, inputs first, `[rows, size]`: values, their gradients, and how both move along the direction. */
  readonly values: readonly Float64Array[];
  readonly deltas: readonly Float64Array[];
  readonly tangents: readonly Float64Array[];
  readonly movements: readonly Float64Array[];
}

const workspaces = new Map<string, Workspace>();

/** Networks of one shape share a workspace: nothing in it outlasts a call. */
export function workspaceOf(sizes: readonly number[], rows: number): Workspace {
  const key = `${rows}: ${sizes.join(", ")}`;
  let workspace = workspaces.get(key);
  if (!workspace) {
    workspace = allocate(sizes, rows);
    workspaces.set(key, workspace);
  }
  return workspace;
}

function allocate(sizes: readonly number[], rows: number): Workspace {
  const dimension = parameterCount(layersOf(sizes));
  const lengths = { theta: dimension, direction: dimension, result: dimension };
  const blocks = ["values", "deltas", "tangents", "movements"] as const;
  const layerLengths = blocks.flatMap((block) =>
    sizes.map((size, l) => [`${block} ${l}`, block === "values" || l > 0 ? rows * size : 0] as const),
  );
  const { arrays, kernels } = doubles({ ...lengths, ...Object.fromEntries(layerLengths) });
  const layersIn = (block: (typeof blocks)[number]) => sizes.map((_, l) => arrays[`${block} ${l}`]);
  return {
    kernels,
    theta: arrays.theta,
    direction: arrays.direction,
    result: arrays.result,
    values: layersIn("values"),
    deltas: layersIn("deltas"),
    tangents: layersIn("tangents"),
    movements: layersIn("movements"),
  };
}

/** A memory of float64 arrays, each in the place of a float32 array twice as long. */
function doubles(lengths: Readonly<Record<string, number>>) {
  const halves = Object.entries(lengths).map(([name, length]) => [name, 2 * length] as const);
  const { arrays, kernels } = kernelMemory<string, ProductKernels>(wasmBase64, Object.fromEntries(halves));
  const views = Object.entries(arrays).map(
    ([name, { buffer, byteOffset, length }]) =>
      [name, new Float64Array(buffer, byteOffset, length / 2)] as const,
  );
  return { arrays: Object.fromEntries(views) as Readonly<Record<string, Float64Array>>, kernels };
}
