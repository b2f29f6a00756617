import type { ColumnName, Contender, Group, Row } from "./contender.js";
import { idiomaticStepContender } from "./idiomatic-step.js";
import { peerContender } from "./peer.js";
import { simulationContender, vectorEnvContender } from "./simulation-step.js";
import type { StepShape } from "./step-contender.js";
import { verifyStep } from "./step-verification.js";
import type { Tools } from "./tools.js";

const COUNT = 1024;
const COORDINATES = [1e3, 1e4, 1e5, 1e6, 1e7];

type Contenders = Partial<Record<ColumnName, Contender>>;

/**
 * Environment steps, called from outside: bare kernels with exact and with noisy gradients, the same behind `VectorEnv`, and how the cost of
 * a coordinate grows with their number. What is compared runs in turns.
 */
export function stepGroups(tools: Tools): readonly Group[] {
  const exact = [2, 16, 128, 1024].map((dimension) => {
    const shape = { count: COUNT, dimension, noise: false };
    const row = stepRow(`step/exact/D=${dimension}`, shape, tools);
    return dimension === 1024 ? [row] : [row, vectorEnvRow(shape)];
  });
  const noisy = [2, 16, 128, 1024].map((dimension) => [
    stepRow(`step/noisy/D=${dimension}`, { count: COUNT, dimension, noise: true }, tools),
  ]);
  const scans = [false, true].flatMap((noise) =>
    [2, 16].map((dimension) => [scanRow({ count: COUNT, dimension, noise }, tools)]),
  );
  const linear = COORDINATES.map((coordinates) => [linearRow(coordinates, 16, tools)]);
  return [...exact, ...noisy, ...scans, ...linear];
}

function stepRow(id: string, shape: StepShape, tools: Tools): Row {
  return {
    id,
    unit: "ns/coordinate",
    perIteration: shape.count * shape.dimension,
    async open() {
      const own = {
        idiomatic: idiomaticStepContender(shape),
        reference: simulationContender(shape, "reference"),
        wasm: simulationContender(shape, "wasm"),
      };
      const peers = { c128: tools.c("c128"), native: tools.c("native"), jax: tools.jax(1) };
      await verifyStep(id, shape, own, peers);
      return { ...own, ...cContenders(shape, tools), ...jaxContenders("step", shape, tools) };
    },
  };
}

/** Steps whose actions are known beforehand: JAX compiles the whole loop. */
function scanRow(shape: StepShape, tools: Tools): Row {
  const { noise, dimension, count } = shape;
  return {
    id: `scan/${noise ? "noisy" : "exact"}/D=${dimension}`,
    unit: "ns/coordinate",
    perIteration: count * dimension,
    open: async () => ({
      wasm: simulationContender(shape, "wasm"),
      ...cContenders(shape, tools),
      ...jaxContenders("scan", shape, tools),
    }),
  };
}

function vectorEnvRow(shape: StepShape): Row {
  return {
    id: `api/step/D=${shape.dimension}`,
    unit: "ns/coordinate",
    perIteration: shape.count * shape.dimension,
    open: async () => ({
      reference: vectorEnvContender(shape, "reference"),
      wasm: vectorEnvContender(shape, "wasm"),
    }),
  };
}

function linearRow(coordinates: number, dimension: number, tools: Tools): Row {
  const shape = { count: Math.round(coordinates / dimension), dimension, noise: false };
  return {
    id: `linear/N=${shape.count},D=${dimension}`,
    unit: "ns/coordinate",
    perIteration: shape.count * dimension,
    open: async () => ({
      reference: simulationContender(shape, "reference"),
      wasm: simulationContender(shape, "wasm"),
      ...cContenders(shape, tools),
    }),
  };
}

function cContenders({ count, dimension, noise }: StepShape, tools: Tools): Contenders {
  const question = `step ${Number(noise)} ${dimension} ${count}`;
  const [c128, native] = [tools.c("c128"), tools.c("native")];
  return {
    ...(c128 && { c128: peerContender(c128, question) }),
    ...(native && { native: peerContender(native, question) }),
  };
}

function jaxContenders(
  command: "step" | "scan",
  { count, dimension, noise }: StepShape,
  tools: Tools,
): Contenders {
  const jax = tools.jax(1);
  if (!jax) return {};
  const question = (resets: 0 | 1) => `${command} ${resets} ${Number(noise)} ${dimension} ${count}`;
  return { jax: peerContender(jax, question(1)), jaxNoReset: peerContender(jax, question(0)) };
}
