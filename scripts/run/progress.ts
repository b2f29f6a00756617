import { Presets, SingleBar } from "cli-progress";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import { formatNumber, formatSeconds } from "../report/numbers.js";

/** Tells how far the run is. */
export interface Progress {
  show(event: RediscoverEvent): void;
  /** Makes room for text that is about to be printed. */
  clear(): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** Seconds since the run began. */
  readonly elapsed: () => number;
}

/** A bar on a terminal; elsewhere a line for each phase, and one every five seconds at most. */
export function createProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? progressBar(options) : progressLines(options);
}

function progressBar({ stream, elapsed }: ProgressOptions): Progress {
  const bar = new SingleBar(
    {
      stream,
      format: "{bar} {percent}  {time}  {what}",
      barsize: 20,
      clearOnComplete: true,
      hideCursor: true,
      stopOnComplete: false,
      gracefulExit: false,
      fps: 8,
    },
    Presets.shades_classic,
  );
  let running = false;
  const clear = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    show(event) {
      const now = describe(event);
      if (!now) return;
      const payload = { what: now.what, percent: percentText(now.done), time: timeText(now.done, elapsed()) };
      if (running) bar.update(now.done * 100, payload);
      else bar.start(100, now.done * 100, payload);
      running = true;
    },
    clear,
    stop: clear,
  };
}

const quietSeconds = 5;

function progressLines({ stream, elapsed }: ProgressOptions): Progress {
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(event) {
      const now = describe(event);
      if (!now || (event.kind === "progress" && elapsed() - last < quietSeconds)) return;
      last = elapsed();
      stream.write(`${percentText(now.done)}  ${timeText(now.done, elapsed())}  ${now.what}\n`);
    },
    clear() {},
    stop() {},
  };
}

function describe(event: RediscoverEvent): { readonly what: string; readonly done: number } | undefined {
  if (event.kind === "phase") {
    return { what: `${event.phenomenon}, ${event.setting}: ${phases[event.phase]}`, done: event.done };
  }
  if (event.kind !== "progress") return undefined;
  const { phenomenon, setting, policy, seed, iteration, iterations, cost, done } = event;
  return {
    what: `${phenomenon}, ${setting}: ${policy} #${seed + 1}, ${iteration}/${iterations}, cost ${formatNumber(cost)}`,
    done,
  };
}

const phases = { solve: "solving", train: "training", probe: "probing" } as const;

function percentText(done: number): string {
  return `${String(Math.floor(done * 100)).padStart(3)} %`;
}

function timeText(done: number, elapsed: number): string {
  const left = done > 0.005 ? `, ${formatSeconds((elapsed * (1 - done)) / done)} left` : "";
  return `${formatSeconds(elapsed)}${left}`;
}
