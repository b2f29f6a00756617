import { Worker } from "node:worker_threads";
import { Observable } from "rxjs";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import type { Phenomenon, TrainerName } from "../../agents/rediscover/report.js";

export interface RediscoveryRequest {
  readonly phenomena: readonly Phenomenon[];
  readonly quick: boolean;
  readonly seed: number | string;
  readonly seeds?: number;
  readonly trainers?: readonly TrainerName[];
  readonly workers?: number;
}

export interface Rediscovery {
  /** Starts when subscribed to, and stops when unsubscribed from. */
  readonly events: Observable<RediscoverEvent>;
  /** Resolves when all that was started has ended. */
  close(): Promise<unknown>;
}

/** `trainings`: the folder where finished trainings are kept, and found again. */
export type StartRediscovery = (request: RediscoveryRequest & { readonly trainings: string }) => Rediscovery;

/** A rediscovery on a thread of its own, so that this one answers to interrupts whatever is being computed. */
export const startRediscovery: StartRediscovery = (request) => {
  let close = async (): Promise<unknown> => undefined;
  const events = new Observable<RediscoverEvent>((subscriber) => {
    const thread = new Worker(new URL("./rediscovery-thread.js", import.meta.url), { workerData: request });
    thread.on("message", (event: RediscoverEvent) => subscriber.next(event));
    thread.on("error", (error) => subscriber.error(error));
    thread.on("exit", () => subscriber.complete());
    close = () => thread.terminate();
    return close;
  });
  return { events, close: () => close() };
};
