import type { Observable } from "rxjs";

/**
 * Hands each event to `onEvent` until the stream ends or `signal` aborts, which unsubscribes. Rejects with the
 * stream's error, or with what `onEvent` throws.
 */
export function follow<T>(
  events: Observable<T>,
  onEvent: (event: T) => void,
  signal: AbortSignal,
): Promise<"finished" | "interrupted"> {
  return new Promise((resolve, reject) => {
    const leave = new AbortController();
    const subscription = events.subscribe({
      next(event) {
        if (leave.signal.aborted) return;
        try {
          onEvent(event);
        } catch (error) {
          reject(error);
          leave.abort();
        }
      },
      error: reject,
      complete: () => resolve("finished"),
    });
    leave.signal.addEventListener("abort", () => subscription.unsubscribe());
    if (leave.signal.aborted) subscription.unsubscribe();
    const interrupt = () => {
      leave.abort();
      resolve("interrupted");
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener("abort", interrupt, { once: true });
  });
}
