import type { Kernels } from "../../agents/kernels/kernels.js";
import { padLanes } from "../../agents/kernels/kernels.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { gruNetwork } from "../../agents/policies/gru-network.js";
import {
  emaBankFor,
  gruFor,
  memorylessFor,
  type PolicyConfig,
  policyModel,
} from "../../agents/policies/index.js";
import { mlp } from "../../agents/policies/mlp.js";
import type { Network, NetworkTape } from "../../agents/policies/network.js";
import { defineProblem, rootKey } from "../../envs/index.js";
import { type Contender, type Group, inline, type Row } from "./contender.js";
import { inputValue } from "./inputs.js";
import { type Peer, peerContender } from "./peer.js";
import { checkEqual } from "./step-verification.js";
import type { Tools } from "./tools.js";

const DIMENSION = 128;
const BATCH = 64;
const LANES = DIMENSION * BATCH;
const INPUTS = 8;
const SKIP = [new Array<number>(INPUTS).fill(0), new Array<number>(INPUTS).fill(0)];
/** Rational tanh, and sums in another order. */
const TOLERANCE = 1e-5;
const VERIFIED_STEPS = 3;

const networks: Readonly<Record<string, Network>> = {
  "mlp-16": mlp({ inputs: INPUTS, hidden: [16], skip: SKIP }),
  "mlp-32": mlp({ inputs: INPUTS, hidden: [32], skip: SKIP }),
  "mlp-32-32": mlp({ inputs: INPUTS, hidden: [32, 32], skip: SKIP }),
  "gru-16": gruNetwork({ inputs: INPUTS, units: 16, skip: SKIP }),
};

/** Bare networks of 8 inputs and 2 outputs, features excluded, on 128 × 64 coordinates; then whole policies. */
export function policyGroups(tools: Tools): readonly Group[] {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: new Array<number>(DIMENSION).fill(1) },
  });
  const policies: Readonly<Record<string, PolicyConfig>> = {
    memoryless: memorylessFor(problem),
    "ema-bank": emaBankFor(problem),
    gru: gruFor(problem),
  };
  return [
    ...Object.keys(networks).map((name) => [networkRow(name, tools)]),
    ...Object.entries(policies).map(([name, config]) => [wholePolicyRow(name, config)]),
  ];
}

function networkRow(name: string, tools: Tools): Row {
  return {
    id: `policy/${name}`,
    unit: "ns/coordinate-update",
    perIteration: LANES,
    async open() {
      const [reference, wasm] = [referenceKernels(), wasmKernels()].map((kernels) => tapeOf(name, kernels));
      const peers = { c128: tools.c("c128"), native: tools.c("native"), jax: tools.jax(1) };
      const present = Object.entries(peers).filter(
        (entry): entry is [keyof typeof peers, Peer] => !!entry[1],
      );
      const expected = outputsOf(reference);
      checkEqual(`policy/${name}: wasm beside reference`, outputsOf(wasm), expected, TOLERANCE);
      for (const [column, peer] of present) {
        const got = await peer.ask(`outputs ${name} ${LANES} ${VERIFIED_STEPS}`);
        checkEqual(`policy/${name}: ${column} beside reference`, got, expected, TOLERANCE);
      }
      return {
        reference: forwards(reference),
        wasm: forwards(wasm),
        ...Object.fromEntries(
          present.map(([column, peer]) => [column, peerContender(peer, `policy ${name} ${LANES}`)]),
        ),
      };
    },
  };
}

interface Tape {
  readonly network: NetworkTape;
  readonly lanes: number;
  step: number;
}

/** A network with the weights and inputs that every column is given. */
function tapeOf(name: string, kernels: Kernels): Tape {
  const lanes = padLanes(LANES);
  const network = networks[name].instantiate(kernels, lanes, 1);
  for (let i = 0; i < network.parameters.length; i++) network.parameters[i] = 0.3 * inputValue(i, "weights");
  const tape: Tape = { network, lanes, step: 0 };
  network.reset();
  return tape;
}

/** A step records in one of two places, each with inputs of its own. */
function advance({ network, lanes, step }: Tape): void {
  const inputs = network.inputs[network.slotOf(step)];
  for (let row = 0; row < INPUTS; row++)
    for (let lane = 0; lane < LANES; lane++)
      inputs[row * lanes + lane] = inputValue(row * LANES + lane, "features");
  network.forward(step);
}

/** Both outputs of each of the first 8 lanes after some steps. */
function outputsOf(tape: Tape): readonly number[] {
  for (; tape.step < VERIFIED_STEPS; tape.step++) advance(tape);
  const outputs = tape.network.outputs[tape.network.slotOf(tape.step - 1)];
  return Array.from({ length: 16 }, (_, i) => outputs[(i % 2) * tape.lanes + (i >> 1)]);
}

function forwards(tape: Tape): Contender {
  return inline((iterations) => {
    for (let i = 0; i < iterations; i++) tape.network.forward(tape.step++);
  });
}

/** What a policy costs with its features and its actions, on 64 environments of 128 coordinates. */
function wholePolicyRow(name: string, config: PolicyConfig): Row {
  return {
    id: `policy/act/${name}`,
    unit: "ns/coordinate-update",
    perIteration: LANES,
    open: async () => ({ reference: acts(config, referenceKernels()), wasm: acts(config, wasmKernels()) }),
  };
}

function acts(config: PolicyConfig, kernels: Kernels): Contender {
  const model = policyModel(config);
  const tape = model.instantiate(kernels, BATCH, 1);
  tape.setParameters(model.initialParameters(rootKey(1)));
  tape.reset();
  const observations = Float64Array.from({ length: BATCH * config.layout.observationSize }, (_, i) =>
    inputValue(i, "features"),
  );
  const actions = new Float64Array(LANES);
  let t = 0;
  return inline((iterations) => {
    for (let i = 0; i < iterations; i++) tape.forward(t++, observations, actions);
  });
}
