import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Backend, kernelsOf } from "../agents/evaluators/backend.js";
import type { Evaluator, Job, JobResult, Workload } from "../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../agents/evaluators/inline.js";
import type { WorkerReply, WorkerRequest } from "./worker.js";

export interface WorkerPoolOptions {
  /** Worker threads. Default: one per core that this process may use. */
  readonly workers?: number;
  /** What computes the policies. Default "wasm". */
  readonly backend?: Backend;
  /** The worker's compiled script. Default: beside this file. */
  readonly script?: URL;
}

/** Workers that a job may take with it before the job is blamed. */
const TRIES = 3;

/** The share of the waiting jobs, divided by the workers, that one worker takes at once. */
const SHARE = 0.5;

/** Messages that a worker may have: one that it works at, and one that it finds when it is done. */
const AHEAD = 2;

/** Workloads that a worker keeps memory for; the least recently begun gives way. */
const KEPT_WORKLOADS = 4;

interface Task {
  readonly job: Job;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (reason: unknown) => void;
  /** Workers that crashed over it. */
  crashes: number;
}

interface Member {
  readonly thread: Worker;
  /** Workloads that the worker knows, oldest first. */
  readonly known: Map<Workload, number>;
  /** What each message that it has not answered asks for, in their order. */
  readonly batches: (readonly Task[])[];
}

/**
 * An evaluator over persistent worker threads. A worker that crashes is replaced and its job done again. One is started when there is a job for it, and an idle one
 * does not keep the process alive. Landscapes that hold functions cannot be sent, so those jobs run here.
 */
export function workerPool({
  workers = availableParallelism(),
  backend = "wasm",
  script = new URL("./worker.js", import.meta.url),
}: WorkerPoolOptions = {}): Evaluator {
  if (!(Number.isInteger(workers) && workers > 0))
    throw new Error(`workers: must be a whole number >= 1, got ${workers}`);
  return new WorkerPool(workers, backend, script);
}

const isBlamed = (tasks: readonly Task[]) => tasks.some(({ crashes }) => crashes > 0);

class WorkerPool implements Evaluator {
  readonly backend: Backend;
  private readonly size: number;
  private readonly script: URL;
  private readonly here: Evaluator;
  private readonly queue: Task[] = [];
  private readonly members = new Set<Member>();
  /** The tasks that wait for each signal: one listener for them all. */
  private readonly watched = new WeakMap<AbortSignal, Set<Task>>();
  private closed = false;
  private lastWorkload = 0;

  constructor(size: number, backend: Backend, script: URL) {
    this.size = size;
    this.backend = backend;
    this.script = script;
    this.here = inlineEvaluator({ kernels: kernelsOf(backend) });
  }

  evaluate(job: Job, signal?: AbortSignal): Promise<JobResult> {
    if (job.workload.problem.landscape.kind === "custom") return this.here.evaluate(job, signal);
    if (this.closed) return Promise.reject(new Error("worker pool: it is closed"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const task: Task = { job, signal, resolve, reject, crashes: 0 };
      if (signal) this.watch(signal, task);
      this.queue.push(task);
      // Once all that is asked for in this turn waits, so that jobs go together.
      if (this.queue.length === 1) queueMicrotask(() => this.dispatch());
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const reason = new Error("worker pool: it was closed");
    for (const task of this.queue.splice(0)) task.reject(reason);
    const members = [...this.members];
    this.members.clear();
    for (const { batches } of members) for (const task of batches.flat()) task.reject(reason);
    await Promise.all([this.here.close(), ...members.map(({ thread }) => thread.terminate())]);
  }

  private watch(signal: AbortSignal, task: Task): void {
    const known = this.watched.get(signal);
    if (known) {
      known.add(task);
      return;
    }
    const tasks = new Set([task]);
    this.watched.set(signal, tasks);
    signal.addEventListener("abort", () => this.cancel(signal.reason, tasks), { once: true });
  }

  /** What waits is dropped; what runs ends unheard. */
  private cancel(reason: unknown, tasks: Set<Task>): void {
    const waiting = this.queue.filter((task) => !tasks.has(task));
    this.queue.splice(0, this.queue.length, ...waiting);
    for (const task of tasks) task.reject(reason);
    tasks.clear();
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const member = this.memberFor(this.queue[0]);
      if (!member) return;
      this.assign(member, this.nextTasks());
    }
  }

  /** Several of one workload while many wait, so that a message pays; alone what a worker has crashed over. */
  private nextTasks(): readonly Task[] {
    const { queue, size } = this;
    const [{ job, crashes }] = queue;
    const most = crashes > 0 ? 1 : Math.ceil((SHARE * queue.length) / size);
    let count = 1;
    while (count < most && queue[count].job.workload === job.workload && queue[count].crashes === 0) count++;
    return queue.splice(0, count);
  }

  /** An idle one, else a new one, else one that has little to do; what a worker has crashed over waits for an idle one. */
  private memberFor({ crashes }: Task): Member | undefined {
    const members = [...this.members].filter(({ batches }) => !batches.some(isBlamed));
    const idle = members.find(({ batches }) => batches.length === 0);
    if (idle) return idle;
    if (this.members.size < this.size) return this.start();
    return crashes > 0 ? undefined : members.find(({ batches }) => batches.length < AHEAD);
  }

  private start(): Member {
    const thread = new Worker(this.script, { workerData: { backend: this.backend }, execArgv: [] });
    const member: Member = { thread, known: new Map(), batches: [] };
    thread.on("message", (reply: WorkerReply) => this.finish(member, reply));
    thread.on("error", (error) => this.lose(member, error instanceof Error ? error.message : String(error)));
    thread.on("exit", (code) => this.lose(member, `it exited with code ${code}`));
    this.members.add(member);
    return member;
  }

  private assign(member: Member, tasks: readonly Task[]): void {
    member.batches.push(tasks);
    member.thread.ref();
    try {
      const workload = this.introduce(member, tasks[0].job.workload);
      const jobs = tasks.map(({ job: { workload: _, ...rest } }) => rest);
      this.send(member, { kind: "jobs", workload, jobs });
    } catch (error) {
      member.batches.pop();
      this.release(member);
      for (const task of tasks) task.reject(error);
    }
  }

  private release({ batches, thread }: Member): void {
    if (batches.length === 0) thread.unref();
  }

  /** The number by which the worker knows a workload. */
  private introduce(member: Member, workload: Workload): number {
    const { known } = member;
    const earlier = known.get(workload);
    if (earlier !== undefined) return earlier;
    const { model, ...rest } = workload;
    const id = ++this.lastWorkload;
    this.send(member, { kind: "workload", id, policy: model.config, ...rest });
    known.set(workload, id);
    if (known.size <= KEPT_WORKLOADS) return id;
    const [oldest, oldestId] = known.entries().next().value as [Workload, number];
    known.delete(oldest);
    this.send(member, { kind: "forget", id: oldestId });
    return id;
  }

  private send({ thread }: Member, request: WorkerRequest): void {
    thread.postMessage(request);
  }

  private finish(member: Member, { outcomes }: WorkerReply): void {
    const tasks = member.batches.shift() ?? [];
    this.release(member);
    for (const [i, task] of tasks.entries()) {
      if (task.signal) this.watched.get(task.signal)?.delete(task);
      const outcome = outcomes[i];
      if ("result" in outcome) task.resolve(outcome.result);
      else task.reject(new Error(outcome.failure));
    }
    this.dispatch();
  }

  /** Another worker takes the place of one that crashed, and does its jobs; their results are the same wherever they run. */
  private lose(member: Member, why: string): void {
    if (!this.members.delete(member)) return;
    for (const task of member.batches[0] ?? []) task.crashes++;
    const lost = member.batches.flat().filter(({ signal }) => !signal?.aborted);
    for (const task of lost.reverse()) {
      if (task.crashes < TRIES) this.queue.unshift(task);
      else task.reject(new Error(`worker pool: ${TRIES} workers crashed over one job: ${why}`));
    }
    this.dispatch();
  }
}
