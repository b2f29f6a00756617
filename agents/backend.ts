/** TensorFlow.js with layers and converters, whichever package it came from. */
export type TensorFlow = typeof import("@tensorflow/tfjs");

/** Fastest first; also the order in which they are tried. */
export const backendNames = ["gpu", "node", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export interface Backend {
  readonly name: BackendName;
  /** In words, for a run's record. */
  readonly description: string;
  readonly tf: TensorFlow;
  /** The faster ones that did not run, and why. */
  readonly tried: readonly FailedBackend[];
}

export interface FailedBackend {
  readonly name: BackendName;
  readonly reason: string;
}

/** Imports a package by its name. */
export type PackageLoader = (name: string) => Promise<unknown>;

export interface ChooseBackendOptions {
  /** Only this one: an error says why it cannot run. Default: the fastest that runs. */
  readonly force?: BackendName;
  /** Default: dynamic `import`. */
  readonly load?: PackageLoader;
  /**
   * Where the `.wasm` files of @tensorflow/tfjs-backend-wasm are: a URL or path that ends in "/", or one
   * for each file name. Default: beside the package in Node, beside the page in a browser.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
}

const packages = {
  gpu: "@tensorflow/tfjs-node-gpu",
  node: "@tensorflow/tfjs-node",
  wasm: "@tensorflow/tfjs-backend-wasm",
  cpu: "@tensorflow/tfjs",
} as const;

const remedies: Readonly<Record<BackendName, string>> = {
  gpu: `it needs an NVIDIA GPU with CUDA and: npm install ${packages.gpu}`,
  node: `it needs Node and: npm install ${packages.node}`,
  wasm: `it needs: npm install ${packages.cpu} ${packages.wasm}; in a browser also its .wasm files: see wasmPaths`,
  cpu: `it needs: npm install ${packages.cpu}`,
};

/**
 * Starts TensorFlow.js on the fastest backend that runs here. The backend belongs to the whole program:
 * a later choice moves tensors made earlier. TensorFlow.js's own log is silenced.
 */
export async function chooseBackend({
  force,
  load = importPackage,
  wasmPaths,
}: ChooseBackendOptions = {}): Promise<Backend> {
  if (force !== undefined && !backendNames.includes(force)) {
    const accepted = backendNames.map((name) => `"${name}"`).join(", ");
    throw new Error(`chooseBackend: force must be one of ${accepted}, got ${JSON.stringify(force)}`);
  }
  const context = { load, wasmPaths, native: null };
  const tried: FailedBackend[] = [];
  for (const name of force ? [force] : backendNames) {
    try {
      return { name, ...(await starters[name](context)), tried };
    } catch (error) {
      tried.push({ name, reason: reasonOf(error) });
    }
  }
  if (force) throw new Error(`chooseBackend: "${force}" cannot run: ${tried[0].reason}; ${remedies[force]}`);
  const reasons = tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new Error(`chooseBackend: no backend runs (${reasons}); ${remedies.cpu}`);
}

interface Context {
  readonly load: PackageLoader;
  readonly wasmPaths: ChooseBackendOptions["wasmPaths"];
  /** The native package loaded so far: a program holds one, for both register the same backend. */
  native: TensorFlow | null;
}

type Starter = (context: Context) => Promise<Pick<Backend, "description" | "tf">>;

const starters: Readonly<Record<BackendName, Starter>> = {
  async gpu(context) {
    const tf = await startNative(context, packages.gpu);
    if (!usesGpu(tf)) throw new Error(`${packages.gpu} loads, but finds no CUDA device`);
    return { tf, description: describe(tf, "native, on a CUDA GPU") };
  },

  async node(context) {
    const tf = context.native ?? (await startNative(context, packages.node).catch(otherNative(context)));
    if (usesGpu(tf)) throw new Error(`${packages.gpu} is in its place, and runs on the GPU: choose "gpu"`);
    return { tf, description: describe(tf, "native, on the CPU") };
  },

  async wasm({ load, wasmPaths }) {
    const tf = asTensorFlow(await load(packages.cpu), packages.cpu);
    const wasm = (await load(packages.wasm)) as typeof import("@tensorflow/tfjs-backend-wasm");
    if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
    await start(tf, "wasm");
    const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "with SIMD" : "without SIMD";
    return { tf, description: describe(tf, `WebAssembly ${simd}, threads: ${wasm.getThreadsCount()}`) };
  },

  async cpu({ load }) {
    const tf = asTensorFlow(await load(packages.cpu), packages.cpu);
    await start(tf, "cpu");
    return { tf, description: describe(tf, "plain JavaScript") };
  },
};

async function startNative(context: Context, name: string): Promise<TensorFlow> {
  const tf = asTensorFlow(await context.load(name), name);
  await start(tf, "tensorflow");
  context.native = tf;
  return tf;
}

/** The GPU package runs on the CPU where there is no GPU; the first error is the one to report. */
const otherNative = (context: Context) => (error: unknown) =>
  startNative(context, packages.gpu).catch((): never => {
    throw error;
  });

/** Imported from CommonJS, some exports stand only under `default`. */
function asTensorFlow(module: unknown, name: string): TensorFlow {
  const found = [module, (module as { default?: unknown } | null)?.default].find(
    (each) => typeof (each as Partial<TensorFlow> | null | undefined)?.setBackend === "function",
  );
  if (!found) throw new Error(`${name} does not export TensorFlow.js`);
  return found as TensorFlow;
}

/** Loading is not running: a native library may be missing, or too old for this Node. So one sum is done. */
async function start(tf: TensorFlow, registered: string): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend(registered))) {
    // setBackend swallows the reason; its factory fails again, with it.
    await tf.findBackendFactory(registered)?.();
    throw new Error(`TensorFlow.js could not start its backend "${registered}"`);
  }
  await tf.ready();
  const squares = tf.tidy(() => tf.tensor1d([1, 2]).square().arraySync() as number[]);
  if (squares.join() !== "1,4") throw new Error(`"${registered}" squares [1, 2] to [${squares}]`);
}

function usesGpu(tf: TensorFlow): boolean {
  return (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}

function describe(tf: TensorFlow, how: string): string {
  return `TensorFlow.js ${tf.version["tfjs-core"]}: ${how}`;
}

/** One line. Some errors of the wasm backend are plain objects. */
function reasonOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message ?? error;
  return String(message).trim().split("\n")[0];
}

/** Bundlers follow only the two literal imports; the Node-only packages are left to run time. */
async function importPackage(name: string): Promise<unknown> {
  if (name === packages.cpu) return import("@tensorflow/tfjs");
  if (name === packages.wasm) return import("@tensorflow/tfjs-backend-wasm");
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name).catch((error) => {
    if (error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes(name))
      throw new Error(`${name} is not installed`);
    throw error;
  });
}
