const PAGE = 65536;
const LARGEST = 65536 * PAGE;
const ALIGNMENT = 64;
/** Kernels may read and write this far beyond the end of an array. */
const SLACK = 64;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A WebAssembly memory, sized once, with named float32 arrays of zeros, and the kernels that work on it. */
export interface KernelMemory<Name extends string, Exports> {
  readonly arrays: Readonly<Record<Name, Float32Array>>;
  readonly kernels: Exports;
}

/** What every kernel module exports. */
interface Module {
  heapBase(): number;
}

/** By their text: a process has few. */
const compiled = new Map<string, WebAssembly.Module>();

/** Instantiates a module, given as base64, over a memory of its own. Views never detach. */
export function kernelMemory<Name extends string, Exports>(
  base64: string,
  lengths: Readonly<Record<Name, number>>,
): KernelMemory<Name, Exports & Module> {
  const names = Object.keys(lengths) as Name[];
  const sizes = names.map((name) => roundUp(lengths[name] * BYTES + SLACK));
  const total = sizes.reduce((sum, size) => sum + size, 2 * ALIGNMENT + PAGE);
  if (total > LARGEST)
    throw new Error(
      `memory: must be at most 4 GiB in WebAssembly, got ${(total / 2 ** 30).toPrecision(3)}; make the batch smaller`,
    );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(total / PAGE) });
  const { exports } = new WebAssembly.Instance(compile(base64), { env: { memory } });
  const kernels = exports as unknown as Exports & Module;
  let offset = roundUp(kernels.heapBase());
  const entries = names.map((name, i): [Name, Float32Array] => {
    const array = new Float32Array(memory.buffer, offset, lengths[name]);
    offset += sizes[i];
    return [name, array];
  });
  return { arrays: Object.fromEntries(entries) as Record<Name, Float32Array>, kernels };
}

function compile(base64: string): WebAssembly.Module {
  let module = compiled.get(base64);
  if (!module) {
    module = new WebAssembly.Module(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
    compiled.set(base64, module);
  }
  return module;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Makes the rows `from` … `end − 1` of `to` equal to `row`. */
export function fillRows(row: Float32Array, to: Float32Array, from: number, end: number): void {
  const first = from * row.length;
  const last = end * row.length;
  for (let j = 0; j < row.length && first + j < last; j++) to[first + j] = row[j];
  for (let filled = row.length; first + filled < last; filled *= 2) {
    to.copyWithin(first + filled, first, Math.min(first + filled, last - filled));
  }
}
