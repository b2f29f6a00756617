import { spawnSync } from "node:child_process";
import * as tfjs from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import {
  type BackendName,
  backendNames,
  type ChooseBackendOptions,
  chooseBackend,
  type PackageLoader,
  type TensorFlow,
} from "../../agents/backend.js";

const gpu = "@tensorflow/tfjs-node-gpu";
const node = "@tensorflow/tfjs-node";
const wasm = "@tensorflow/tfjs-backend-wasm";
const cpu = "@tensorflow/tfjs";

/** TensorFlow.js that says it runs on what it was asked for, and computes on its cpu backend. */
function fakeTensorFlow({ cuda = false, starts = true, squares = [1, 4] } = {}): TensorFlow {
  return {
    ...tfjs,
    setBackend: async () => starts,
    ready: async () => {},
    findBackendFactory: () => () => Promise.reject({ message: "first line\nsecond line" }),
    backend: () => ({ isUsingGpuDevice: cuda }),
    env: () => ({ getAsync: async () => true }),
    tidy: () => squares,
  } as unknown as TensorFlow;
}

function fakeLoader(modules: Record<string, unknown>): PackageLoader & { asked: string[] } {
  const asked: string[] = [];
  const load = async (name: string) => {
    asked.push(name);
    if (!(name in modules)) throw new Error(`${name} is not installed`);
    return modules[name];
  };
  return Object.assign(load, { asked });
}

const failure = (options: ChooseBackendOptions) =>
  chooseBackend(options).then(
    ({ name }) => `runs on ${name}`,
    (error: Error) => error.message,
  );

const fakeWasm = { getThreadsCount: () => 4, setWasmPaths: () => {} };
const missing = (name: BackendName, what: string) => ({ name, reason: `${what} is not installed` });

describe("the fastest that runs is chosen", () => {
  const all = { [node]: fakeTensorFlow(), [wasm]: fakeWasm, [cpu]: fakeTensorFlow() };

  test("gpu, with nothing else loaded", async () => {
    const load = fakeLoader({ ...all, [gpu]: fakeTensorFlow({ cuda: true }) });
    const backend = await chooseBackend({ load });
    expect(backend.name).toBe("gpu");
    expect(backend.tried).toEqual([]);
    expect(load.asked).toEqual([gpu]);
  });

  test("node without the GPU package", async () => {
    const { name, tried, description } = await chooseBackend({ load: fakeLoader(all) });
    expect(name).toBe("node");
    expect(description).toBe(`TensorFlow.js ${tfjs.version_core}: native, on the CPU`);
    expect(tried).toEqual([missing("gpu", gpu)]);
  });

  test("the GPU package without a GPU serves as node, and no second native package is loaded", async () => {
    const withoutDevice = fakeTensorFlow();
    const load = fakeLoader({ ...all, [gpu]: withoutDevice });
    const backend = await chooseBackend({ load });
    expect(backend.name).toBe("node");
    expect(backend.tf).toBe(withoutDevice);
    expect(load.asked).toEqual([gpu]);
    expect(backend.tried).toEqual([{ name: "gpu", reason: `${gpu} loads, but finds no CUDA device` }]);
  });

  test("wasm without native packages", async () => {
    const { name, tried, description } = await chooseBackend({
      load: fakeLoader({ [wasm]: fakeWasm, [cpu]: fakeTensorFlow() }),
    });
    expect(name).toBe("wasm");
    expect(description).toBe(`TensorFlow.js ${tfjs.version_core}: WebAssembly with SIMD, threads: 4`);
    expect(tried).toEqual([missing("gpu", gpu), missing("node", node)]);
  });

  test("cpu last", async () => {
    const load = fakeLoader({ [cpu]: fakeTensorFlow() });
    const { name, tried } = await chooseBackend({ load });
    expect(name).toBe("cpu");
    expect(tried).toEqual([missing("gpu", gpu), missing("node", node), missing("wasm", wasm)]);
  });

  test("none: every reason is told", async () => {
    expect(await failure({ load: fakeLoader({}) })).toMatch(
      /no backend runs \(gpu: .+ is not installed; node: .+; wasm: .+; cpu: .+\); it needs: npm install/,
    );
  });
});

describe("what loads but does not run is passed over", () => {
  const rest = { [wasm]: fakeWasm, [cpu]: fakeTensorFlow() };
  test.each([
    ["a wrong sum", fakeTensorFlow({ squares: [1, 5] }), '"tensorflow" squares [1, 2] to [1,5]'],
    ["a backend that does not start", fakeTensorFlow({ starts: false }), "first line"],
    ["another package", { version: 1 }, `${node} does not export TensorFlow.js`],
  ])("%s", async (_, module, reason) => {
    const { name, tried } = await chooseBackend({ load: fakeLoader({ ...rest, [node]: module }) });
    expect(name).toBe("wasm");
    expect(tried[1]).toEqual({ name: "node", reason });
  });

  test("exports may stand under default, as CommonJS gives them", async () => {
    const tf = fakeTensorFlow();
    const backend = await chooseBackend({ load: fakeLoader({ [node]: { default: tf } }) });
    expect(backend.tf).toBe(tf);
  });
});

describe("force", () => {
  test("tries no other", async () => {
    const load = fakeLoader({ [node]: fakeTensorFlow(), [cpu]: fakeTensorFlow() });
    expect((await chooseBackend({ force: "cpu", load })).name).toBe("cpu");
    expect(load.asked).toEqual([cpu]);
  });

  test("says why it cannot run, and what to install", async () => {
    for (const [force, name] of Object.entries({ gpu, node, wasm, cpu }) as [BackendName, string][]) {
      const load = fakeLoader(force === "wasm" ? { [cpu]: fakeTensorFlow() } : {});
      const message = await failure({ force, load });
      expect(message).toMatch(`chooseBackend: "${force}" cannot run: ${name} is not installed; it needs`);
      expect(message).toMatch(/npm install @tensorflow\//);
    }
  });

  test("node accepts the GPU package, but not on a GPU", async () => {
    const load = (cuda: boolean) => fakeLoader({ [gpu]: fakeTensorFlow({ cuda }) });
    expect((await chooseBackend({ force: "node", load: load(false) })).name).toBe("node");
    expect(await failure({ force: "node", load: load(true) })).toContain('choose "gpu"');
    expect(await failure({ force: "gpu", load: load(false) })).toContain("no CUDA device");
  });

  test("an unknown name lists the accepted ones", async () => {
    expect(await failure({ force: "cuda" as BackendName })).toContain(
      'chooseBackend: force must be one of "gpu", "node", "wasm", "cpu", got "cuda"',
    );
  });
});

test("where the .wasm files are is passed on", async () => {
  const given: unknown[] = [];
  const load = fakeLoader({
    [wasm]: { ...fakeWasm, setWasmPaths: (paths: unknown) => given.push(paths) },
    [cpu]: fakeTensorFlow(),
  });
  await chooseBackend({ force: "wasm", load, wasmPaths: "/assets/" });
  await chooseBackend({ force: "wasm", load });
  expect(given).toEqual(["/assets/"]);
});

test.each(["wasm", "cpu"] as const)("%s computes", async (force) => {
  const { name, tf } = await chooseBackend({ force });
  expect(name).toBe(force);
  expect(tf.getBackend()).toBe(force);
  const product = tf.tidy(() =>
    tf
      .tensor2d([[1, 2]])
      .matMul(tf.tensor2d([[3], [4]]))
      .arraySync(),
  );
  expect(product).toEqual([[11]]);
  expect(tf.memory().numTensors).toBe(0);
});

test("the built package chooses by itself in plain Node, and keeps stdout clean", () => {
  const built = new URL("../../dist/agents/backend.js", import.meta.url).href;
  const script = `
    import { chooseBackend } from ${JSON.stringify(built)};
    for (const force of [undefined, "wasm", "cpu"]) {
      const { name, tried } = await chooseBackend(force ? { force } : {});
      console.error("chosen " + JSON.stringify([name, tried.map(({ name, reason }) => [name, reason])]));
    }
  `;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  expect(child.stdout).toBe("");
  const chosen = child.stderr.match(/(?<=^chosen ).+/gm)?.map((line) => JSON.parse(line)) ?? [];
  expect(chosen.map(([name]) => name).slice(1), child.stderr).toEqual(["wasm", "cpu"]);
  const [name, tried] = chosen[0];
  expect(tried.map(([each]: [string]) => each)).toEqual(backendNames.slice(0, backendNames.indexOf(name)));
  expect(backendNames.indexOf(name)).toBeLessThanOrEqual(backendNames.indexOf("wasm"));
  expect(child.stderr).not.toMatch(/you are running TensorFlow\.js/);
});
