import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Contender, Group, Row } from "./contender.js";
import { vectorEnvContender } from "./simulation-step.js";
import type { StepShape } from "./step-contender.js";

const COUNT = 1024;
/** Of a run, however short: what an episode allocates at its beginning is spread over its 200 steps. */
const STEPS = 2000;

/** Bytes of heap that a step of an environment leaves behind `VectorEnv.stepInto`: in place of nanoseconds. */
export function allocationGroups(): readonly Group[] {
  return [2, 16].map((dimension) => [allocationRow({ count: COUNT, dimension, noise: false })]);
}

function allocationRow(shape: StepShape): Row {
  return {
    id: `api/bytes/D=${shape.dimension}`,
    unit: "bytes/step",
    perIteration: COUNT,
    open: async () => ({
      reference: bytesOf(vectorEnvContender(shape, "reference")),
      wasm: bytesOf(vectorEnvContender(shape, "wasm")),
    }),
  };
}

/** What a run adds to the heap; the engine, which compiles meanwhile, adds to it too. */
function bytesOf(inner: Contender): Contender {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  return {
    async run() {
      collect();
      const before = process.memoryUsage().heapUsed;
      const timing = await inner.run(STEPS);
      return { ...timing, amount: Math.max(0, process.memoryUsage().heapUsed - before) };
    },
  };
}
