import type { Kernels } from "../kernels/kernels.js";
import { wasmKernels } from "../kernels/wasm.js";
import type { Evaluator, Job, JobResult } from "./evaluator.js";
import { jobRunner } from "./run-job.js";

export interface InlineEvaluatorOptions {
  /** What computes the policies. Default: WebAssembly SIMD in float32. */
  readonly kernels?: Kernels;
}

/** Runs jobs one after another on this thread, and lets the event loop turn before each. */
export function inlineEvaluator({ kernels = wasmKernels() }: InlineEvaluatorOptions = {}): Evaluator {
  const run = jobRunner(kernels);
  const closed = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  const runInTurn = async (before: Promise<unknown>, job: Job, signal?: AbortSignal): Promise<JobResult> => {
    await before.catch(() => {});
    signal?.throwIfAborted();
    await turn();
    signal?.throwIfAborted();
    closed.signal.throwIfAborted();
    return run(job);
  };
  return {
    backend: kernels.name,
    evaluate(job, signal) {
      const result = runInTurn(last, job, signal);
      last = result;
      return result;
    },
    async close() {
      closed.abort(new Error("evaluator: it is closed"));
    },
  };
}

/** One turn of the event loop, so that signals, timers and messages get through. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
