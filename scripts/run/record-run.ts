import { performance } from "node:perf_hooks";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import type { Report } from "../../agents/rediscover/report.js";
import { figureSvg } from "../report/figure.js";
import { formatNumber } from "../report/numbers.js";
import { page } from "../report/page.js";
import { applicationText, conclusionText, phenomenonText } from "../report/terminal.js";
import { terminalStyle, wantsColour } from "../report/terminal-style.js";
import { follow } from "./follow.js";
import { atMost, interrupted, listenForInterrupts } from "./interrupts.js";
import { createProgress, type Position } from "./progress.js";
import type { RunFolder } from "./run-folder.js";
import type { Rediscovery, RediscoveryRequest } from "./start-rediscovery.js";

export interface RecordOptions {
  readonly start: (request: RediscoveryRequest) => Rediscovery;
  readonly request: RediscoveryRequest;
  readonly folder: RunFolder;
  readonly version: string;
  /** In ISO 8601, of the first part of a run that goes on. */
  readonly started: string;
  /** Whether this goes on with an earlier run, whose configuration is kept. */
  readonly resumed: boolean;
  /** Whether stdout gets the report as JSON instead of text. */
  readonly json: boolean;
  /** What runs the same again, into a new folder. */
  readonly command: string;
  /** What goes on with this run. */
  readonly resume: string;
}

/** Runs to the end or the first interrupt, printing and keeping what happens; resolves to the exit code. */
export async function recordRun(options: RecordOptions): Promise<number> {
  const { folder, resume, resumed, request } = options;
  const interrupts = listenForInterrupts();
  if (!resumed) writeConfiguration(options);
  const rediscovery = options.start(request);
  const reader = createReader(options);
  try {
    const outcome = await follow(rediscovery.events, reader.read, interrupts.signal);
    reader.stop();
    if (outcome === "finished") return reader.conclude();
    folder.append({ kind: "interrupted", done: reader.done() });
    process.stderr.write(
      `interrupted at ${Math.floor(reader.done() * 100)} %; finished trainings are kept in ${folder.path}/trainings\n` +
        `to go on: ${resume}\n`,
    );
    return interrupted;
  } finally {
    reader.stop();
    folder.close();
    await atMost(1000, rediscovery.close());
    interrupts.dispose();
  }
}

interface Reader {
  read(event: RediscoverEvent): void;
  /** Share of the run that is done. */
  done(): number;
  stop(): void;
  /** Leaves the report's files and says what was found; the exit code. */
  conclude(): number;
}

function createReader(options: RecordOptions): Reader {
  const { folder, json } = options;
  const began = performance.now();
  const progress = createProgress({
    stream: process.stderr,
    elapsed: () => (performance.now() - began) / 1000,
  });
  const style = terminalStyle(wantsColour(process.stdout, process.env));
  const print = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  let done = 0;
  let report: Report | undefined;
  return {
    read(event) {
      folder.append(event);
      if ("done" in event) done = event.done;
      if (event.kind === "started" && !options.resumed) writeConfiguration(options, event);
      if (event.kind === "finished") report = event.report;
      if (event.kind === "phenomenon") {
        progress.clear();
        print(phenomenonText(event.report, style));
      }
      const position = positionOf(event);
      if (position) progress.show(position);
    },
    done: () => done,
    stop: () => progress.stop(),
    conclude() {
      if (!report) throw new Error("the run ended without a report");
      writeReport(report, options);
      if (report.application) print(applicationText(report.application, style));
      print(conclusionText(report, style));
      if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
      if (json && !report.met) process.stderr.write(`${conclusionText(report, terminalStyle(false))}\n`);
      process.stderr.write(`report: ${folder.path}/report.html\n`);
      return report.met ? 0 : 1;
    },
  };
}

function positionOf(event: RediscoverEvent): Position | undefined {
  if (event.kind === "phase") {
    const what = `${event.phenomenon}, ${event.setting}: ${phases[event.phase]}`;
    return { what, done: event.done, passing: false };
  }
  if (event.kind !== "progress") return undefined;
  const { phenomenon, setting, policy, seed, iteration, iterations, cost, done } = event;
  return {
    what: `${phenomenon}, ${setting}: ${policy} #${seed + 1}, ${iteration}/${iterations}, cost ${formatNumber(cost)}`,
    done,
    passing: true,
  };
}

const phases = { solve: "solving", train: "training", probe: "probing" } as const;

function writeReport(report: Report, { folder, command, started }: RecordOptions): void {
  folder.write("report.json", `${JSON.stringify(report, null, 2)}\n`);
  const figures = [...report.phenomena, ...(report.application ? [report.application] : [])].flatMap(
    (part) => part.figures,
  );
  for (const figure of figures) folder.write(`figures/${figure.name}.svg`, figureSvg(figure));
  const facts = {
    Started: `${started.slice(0, 16).replace("T", " ")} UTC`,
    "Run on": `Node.js ${process.version}, ${process.platform} ${process.arch}`,
  };
  folder.write("report.html", page(report, { command, facts }));
}

/** Written before anything runs, and again when the run has told its whole configuration. */
function writeConfiguration(
  { folder, version, started, command, request }: RecordOptions,
  event?: Extract<RediscoverEvent, { kind: "started" }>,
): void {
  const record = {
    lossgym: version,
    command,
    argv: process.argv.slice(2),
    started,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    request,
    ...(event && { configuration: event.configuration }),
  };
  folder.write("config.json", `${JSON.stringify(record, null, 2)}\n`);
}
