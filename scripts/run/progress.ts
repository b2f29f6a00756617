import { Presets, SingleBar } from "cli-progress";
import { formatSeconds } from "../report/numbers.js";

/** Where a run is. */
export interface Position {
  readonly what: string;
  /** Share of the run that is done. */
  readonly done: number;
  /** Whether it may go unsaid where every word is kept. */
  readonly passing: boolean;
}

/** Tells how far the run is. */
export interface Progress {
  show(position: Position): void;
  /** Makes room for text that is about to be printed. */
  clear(): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** Seconds since the run began. */
  readonly elapsed: () => number;
  /** Share that was done before, by an earlier part of the run. Default 0. */
  readonly begun?: number;
}

/** A bar on a terminal; elsewhere a line for each phase, and one every five seconds at most. */
export function createProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? progressBar(options) : progressLines(options);
}

function progressBar({ stream, elapsed, begun = 0 }: ProgressOptions): Progress {
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
    show({ what, done }) {
      const payload = { what, percent: percentText(done), time: timeText(done, begun, elapsed()) };
      if (running) bar.update(done * 100, payload);
      else bar.start(100, done * 100, payload);
      running = true;
    },
    clear,
    stop: clear,
  };
}

const quietSeconds = 5;

function progressLines({ stream, elapsed, begun = 0 }: ProgressOptions): Progress {
  let last = Number.NEGATIVE_INFINITY;
  return {
    show({ what, done, passing }) {
      if (passing && elapsed() - last < quietSeconds) return;
      last = elapsed();
      stream.write(`${percentText(done)}  ${timeText(done, begun, elapsed())}  ${what}\n`);
    },
    clear() {},
    stop() {},
  };
}

function percentText(done: number): string {
  return `${String(Math.floor(done * 100)).padStart(3)} %`;
}

function timeText(done: number, begun: number, elapsed: number): string {
  const here = done - begun;
  const left = here > 0.005 ? `, ${formatSeconds((elapsed * (1 - done)) / here)} left` : "";
  return `${formatSeconds(elapsed)}${left}`;
}
