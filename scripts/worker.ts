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
  | ({ readonly kind: "job"; readonly workload: number } & Omit<Job, "workload">);

/** One per job, in the order of the jobs. */
export type WorkerReply =
  | { readonly kind: "result"; readonly result: JobResult }
  | { readonly kind: "failure"; readonly message: string };

const { backend } = workerData as { readonly backend: Backend };
const run = jobRunner(kernelsOf(backend));
const announced = new Map<number, Extract<WorkerRequest, { kind: "workload" }>>();
const workloads = new Map<number, Workload>();

parentPort?.on("message", (request: WorkerRequest) => {
  if (request.kind === "job") reply(request);
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

function reply({ workload, ...rest }: Extract<WorkerRequest, { kind: "job" }>): void {
  try {
    const result = run({ ...rest, workload: workloadOf(workload) });
    const transferred = result.gradient ? [result.gradient.buffer as ArrayBuffer] : [];
    parentPort?.postMessage({ kind: "result", result } satisfies WorkerReply, transferred);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ kind: "failure", message } satisfies WorkerReply);
  }
}
