import { filter, firstValueFrom, type Observable } from "rxjs";
import type { Evaluator } from "../../agents/evaluators/evaluator.js";
import { emaBankFor, gruFor, type PolicyModel, policyModel } from "../../agents/policies/index.js";
import { bptt } from "../../agents/trainers/bptt.js";
import { es } from "../../agents/trainers/es.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { pes } from "../../agents/trainers/pes.js";
import { defineProblem } from "../../envs/index.js";
import { workerPool } from "../worker-pool.js";
import type { Contender, Group, Row, Timing } from "./contender.js";
import { type Peer, peerContender } from "./peer.js";
import type { Tools } from "./tools.js";

/** Beside it, what a training run allocates and compiles at its start is little. */
const RUN_MILLISECONDS = 600;
const STEPS = 60;
const BPTT_TASKS = 512;
const ES_MEMBERS = 32;
const ES_TASKS = 256;
const PES_MEMBERS = 64;
const PES_TASKS = 64;
const PES_UNROLL = 10;

/** Curvature over four decades, hidden, and carried by the noise of the gradients; one coordinate a task. */
const trainingProblem = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
  objective: { discountRate: 0.01, timeStep: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});

const models = {
  "mlp-32-32": policyModel(emaBankFor(trainingProblem)),
  "gru-16": policyModel(gruFor(trainingProblem)),
};

/** What it costs to train, on one worker and on two. */
export function trainingGroups(tools: Tools): readonly Group[] {
  const onBoth = (row: (workers: 1 | 2) => Row) => [row(1), row(2)];
  return [
    onBoth((workers) => esRow(workers)),
    onBoth((workers) => pesRow(workers, tools)),
    onBoth((workers) => bpttRow("gru-16", workers, tools)),
    onBoth((workers) => bpttRow("mlp-32-32", workers, tools)),
  ];
}

function esRow(workers: 1 | 2): Row {
  return {
    id: `es/mlp-32-32/workers=${workers}`,
    unit: "ns/coordinate-update",
    perIteration: ES_MEMBERS * ES_TASKS * STEPS,
    runMilliseconds: RUN_MILLISECONDS,
    open: async () => ({
      wasm: trainingContender(workers, (evaluator, iterations) =>
        es(trainingProblem, models["mlp-32-32"], {
          seed: 1,
          steps: STEPS,
          members: ES_MEMBERS,
          tasks: ES_TASKS,
          terminal: "none",
          iterations,
          evaluator,
        }),
      ),
    }),
  };
}

function pesRow(workers: 1 | 2, tools: Tools): Row {
  return {
    id: `pes/mlp-32-32/workers=${workers}`,
    unit: "ns/coordinate-update",
    perIteration: PES_MEMBERS * PES_TASKS * PES_UNROLL,
    runMilliseconds: RUN_MILLISECONDS,
    async open() {
      const jax = tools.jax(workers);
      const wasm = trainingContender(workers, (evaluator, iterations) =>
        pes(trainingProblem, models["mlp-32-32"], {
          seed: 1,
          steps: STEPS,
          unroll: PES_UNROLL,
          members: PES_MEMBERS,
          tasks: PES_TASKS,
          terminal: "none",
          iterations,
          evaluator,
        }),
      );
      return { wasm, ...(jax && { jax: peerContender(jax, "pes") }) };
    },
  };
}

function bpttRow(name: keyof typeof models, workers: 1 | 2, tools: Tools): Row {
  const model: PolicyModel = models[name];
  return {
    id: `bptt/${name}/workers=${workers}`,
    unit: "ms/iteration",
    perIteration: 1e6,
    runMilliseconds: RUN_MILLISECONDS,
    async open() {
      const jax = tools.jax(workers);
      // Once is enough, since it takes JAX a while to compile.
      if (jax && workers === 1) await verifyCost(name, jax);
      const wasm = trainingContender(workers, (evaluator, iterations) =>
        bptt(trainingProblem, model, {
          seed: 1,
          steps: STEPS,
          tasks: BPTT_TASKS,
          terminal: "none",
          iterations,
          evaluator,
        }),
      );
      return { wasm, ...(jax && { jax: peerContender(jax, `bptt ${name}`) }) };
    },
  };
}

/** Tasks for a cost whose standard error is below a hundredth of it, and what two of those may differ by. */
const VERIFIED_TASKS = 16384;
const COST_TOLERANCE = 0.03;

/** Whether JAX pays for an episode under the first weights what this project does: the same problem and policy. */
async function verifyCost(name: keyof typeof models, jax: Peer): Promise<void> {
  const training = bptt(trainingProblem, models[name], {
    seed: 1,
    steps: STEPS,
    tasks: VERIFIED_TASKS,
    terminal: "none",
    iterations: 1,
  });
  const { cost } = await firstValueFrom(training.pipe(filter((event) => event.kind === "progress")));
  const [theirs] = await jax.ask(`cost ${name}`);
  if (!(Math.abs(theirs / cost - 1) < COST_TOLERANCE))
    throw new Error(`bptt/${name}: an episode costs ${theirs} in jax, not ${cost}`);
}

type Train = (evaluator: Evaluator, iterations: number) => Observable<TrainingEvent>;

/** Times from the end of one iteration more, in which the workers get their memory, to the end of the last. */
function trainingContender(workers: number, train: Train): Contender {
  const evaluator = workerPool({ workers });
  return {
    run: (iterations) =>
      new Promise<Timing>((resolve, reject) => {
        let begun = 0n;
        train(evaluator, iterations + 1).subscribe({
          next(event) {
            if (event.kind === "progress" && event.iteration === 1) begun = process.hrtime.bigint();
          },
          error: reject,
          complete: () => resolve({ nanoseconds: Number(process.hrtime.bigint() - begun), iterations }),
        });
      }),
    close: () => evaluator.close(),
  };
}
