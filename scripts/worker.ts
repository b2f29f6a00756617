import { parentPort, workerData } from "node:worker_threads";
import { type Backend, kernelsOf } from "../agents/evaluators/backend.js";
import type { Job, JobResult, Workload } from "../agents/evaluators/evaluator.js";
import { jobRunner } from "../agents/evaluators/run-job.js";
import { type PolicyConfig, policyModel } from "../agents/policies/index.js";

/** What the pool sends: a workload comes before its first job. */
export type WorkerRequest =
  | ({ readonly kind: "workload"; readonly id: number; readonly policy: PolicyConfig } & Omit<
      Workload,
      "model"
    >)
  | { readonly kind: "forget"; readonly id: number }
  | { readonly kind: "jobs"; readonly workload: number; readonly jobs: readonly Omit<Job, "workload">[] };

/** What became of the jobs of one request, in their order. */
export interface WorkerReply {
  readonly outcomes: readonly Outcome[];
}

type Outcome = { readonly result: JobResult } | { readonly failure: string };

const { backend } = workerData as { readonly backend: Backend };
const run = jobRunner(kernelsOf(backend));
const announced = new Map<number, Extract<WorkerRequest, { kind: "workload" }>>();
const workloads = new Map<number, Workload>();

parentPort?.on("message", (request: WorkerRequest) => {
  if (request.kind === "jobs") reply(request);
  else if (request.kind === "forget") forget(request.id);
  else announced.set(request.id, request);
});

function forget(id: number): void {
  announced.delete(id);
  workloads.delete(id);
}

/** Made at the first job, so that a bad policy fails that job and not the worker. */
function workloadOf(id: number): Workload {
  const made = workloads.get(id);
  if (made) return made;
  const { policy, ...rest } = announced.get(id) as Extract<WorkerRequest, { kind: "workload" }>;
  const workload = { ...rest, model: policyModel(policy) };
  workloads.set(id, workload);
  return workload;
}

function reply({ workload, jobs }: Extract<WorkerRequest, { kind: "jobs" }>): void {
  const outcomes = jobs.map((job) => outcomeOf(workload, job));
  const transferred = outcomes.flatMap((outcome) =>
    "result" in outcome && outcome.result.gradient ? [outcome.result.gradient.buffer as ArrayBuffer] : [],
  );
  parentPort?.postMessage({ outcomes } satisfies WorkerReply, transferred);
}

function outcomeOf(workload: number, job: Omit<Job, "workload">): Outcome {
  try {
    return { result: run({ ...job, workload: workloadOf(workload) }) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
