import type { Kernels, Operations, Workspace } from "./kernels.js";
import { wasmBase64 } from "./wasm-module.js";

const PAGE = 65536;
const ALIGNMENT = 64;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

type Kernel = (...parameters: number[]) => void;

interface Exports {
  heapBase(): number;
  readonly dense: Kernel;
  readonly denseInputGradient: Kernel;
  readonly denseWeightGradient: Kernel;
  readonly tanhArray: Kernel;
  readonly tanhGradient: Kernel;
  readonly sigmoidArray: Kernel;
  readonly sigmoidGradient: Kernel;
  readonly expArray: Kernel;
  readonly logArray: Kernel;
  readonly gruStep: Kernel;
  readonly gruStepGradient: Kernel;
}

/** Float32 SIMD kernels in WebAssembly. Each workspace has a memory of its own, sized once. */
export function wasmKernels(): Kernels<Float32Array> {
  return { name: "wasm", workspace };
}

function workspace<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
): Workspace<Name, Float32Array> {
  const names = Object.keys(lengths) as Name[];
  const sizes = names.map((name) => Math.ceil((lengths[name] * BYTES) / ALIGNMENT) * ALIGNMENT);
  const total = sizes.reduce((sum, size) => sum + size, 2 * ALIGNMENT + PAGE);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(total / PAGE) });
  const kernels = instantiate(memory);
  let offset = Math.ceil(kernels.heapBase() / ALIGNMENT) * ALIGNMENT;
  const entries = names.map((name, i): [Name, Float32Array] => {
    const array = new Float32Array(memory.buffer, offset, lengths[name]);
    offset += sizes[i];
    return [name, array];
  });
  return {
    arrays: Object.fromEntries(entries) as Record<Name, Float32Array>,
    operations: operationsOf(kernels),
  };
}

let compiled: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): Exports {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0)));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return exports as unknown as Exports;
}

function operationsOf(kernels: Exports): Operations<Float32Array> {
  return {
    dense({ outputs, inputs, lanes }, weights, bias, input, output) {
      const biasAddress = bias ? bias.byteOffset : 0;
      const accumulate = bias ? 0 : 1;
      kernels.dense(
        weights.byteOffset,
        biasAddress,
        input.byteOffset,
        output.byteOffset,
        outputs,
        inputs,
        lanes,
        accumulate,
      );
    },
    denseInputGradient({ outputs, inputs, lanes }, weights, outputGradient, inputGradient, accumulate) {
      kernels.denseInputGradient(
        weights.byteOffset,
        outputGradient.byteOffset,
        inputGradient.byteOffset,
        outputs,
        inputs,
        lanes,
        accumulate ? 1 : 0,
      );
    },
    denseWeightGradient({ outputs, inputs, lanes }, outputGradient, input, weightGradient, biasGradient) {
      kernels.denseWeightGradient(
        outputGradient.byteOffset,
        input.byteOffset,
        weightGradient.byteOffset,
        biasGradient ? biasGradient.byteOffset : 0,
        outputs,
        inputs,
        lanes,
      );
    },
    tanh: (input, output) => kernels.tanhArray(input.byteOffset, output.byteOffset, input.length),
    tanhGradient: (output, outputGradient, inputGradient) =>
      kernels.tanhGradient(
        output.byteOffset,
        outputGradient.byteOffset,
        inputGradient.byteOffset,
        output.length,
      ),
    sigmoid: (input, output) => kernels.sigmoidArray(input.byteOffset, output.byteOffset, input.length),
    sigmoidGradient: (output, outputGradient, inputGradient) =>
      kernels.sigmoidGradient(
        output.byteOffset,
        outputGradient.byteOffset,
        inputGradient.byteOffset,
        output.length,
      ),
    exp: (input, output, scale, length) =>
      kernels.expArray(input.byteOffset, output.byteOffset, length, scale),
    log: (input, output, scale, length) =>
      kernels.logArray(input.byteOffset, output.byteOffset, length, scale),
    gruStep: (gates, memory, next) =>
      kernels.gruStep(gates.byteOffset, memory.byteOffset, next.byteOffset, memory.length),
    gruStepGradient: (gates, memory, memoryGradient, gateGradient) =>
      kernels.gruStepGradient(
        gates.byteOffset,
        memory.byteOffset,
        memoryGradient.byteOffset,
        gateGradient.byteOffset,
        memory.length,
      ),
  };
}
