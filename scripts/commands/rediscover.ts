import { join } from "node:path";
import { Command } from "commander";
import type { Phenomenon, TrainerName } from "../../agents/rediscover/report.js";
import { openRunFolder } from "../run/run-folder.js";
import type { StartRediscovery } from "../run/start-rediscovery.js";
import { folderName, oneOf, runName, seedOf, shellCommand, wholeNumber } from "./options.js";
import { type Begun, goOn } from "./resume-rediscovery.js";

const phenomena: readonly Phenomenon[] = [
  "momentum",
  "adaptivity",
  "resets",
  "geometry",
  "control",
  "horizon",
];

const trainers: readonly TrainerName[] = ["bptt", "es", "pes", "ppo"];

const contents = ["config.json", "report.json", "report.html", "figures/", "trainings/"];

interface Options {
  readonly seeds?: number;
  readonly trainer?: readonly TrainerName[];
  readonly quick?: true;
  readonly seed: number | string;
  readonly workers?: number;
  readonly out: string;
  readonly name?: string;
  readonly overwrite?: true;
  readonly resume?: true;
  readonly json?: true;
}

/** `lossgym rediscover`. */
export function rediscoverCommand(version: string, load: () => Promise<StartRediscovery>): Command {
  return new Command("rediscover")
    .description("solve, train from scratch, probe and compare; leaves a report in the run folder")
    .argument(
      "[phenomenon]",
      `${phenomena.join(", ")} or all; or phase-curve: adaptivity at twenty horizons and steps`,
      oneOf("phenomenon", [...phenomena, "all", "phase-curve"]),
      "all",
    )
    .option(
      "--seeds <n>",
      "independent trainings of each setting (default: 5, or 1 with --quick)",
      wholeNumber("--seeds"),
    )
    .option(
      "--trainer <names>",
      `what trains: ${trainers.join(", ")}, several with commas, or all (default: for each setting its usual one)`,
      trainersOf,
    )
    .option("--quick", "one setting of each phenomenon, short training, wider regret limits")
    .option("--seed <seed>", "root of all randomness, a number or text", seedOf, 0)
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber("--workers"))
    .option("--out <folder>", "folder that holds the runs", "runs")
    .option("--name <name>", "name of this run (default: the time and the phenomenon)", folderName)
    .option("--overwrite", "replace an earlier run of that name")
    .option("--resume", "go on with the interrupted run of that --name (and --out)")
    .option("--json", "print the report as JSON, and nothing else, on stdout")
    .addHelpText("after", examples)
    .action(async (phenomenon: Phenomenon | "all", options: Options, self: Command) => {
      const { recordRun } = await import("../run/record-run.js");
      const start = await load();
      const run = options.resume ? await goOn(version, options, self) : begin(phenomenon, options);
      process.exitCode = await recordRun({
        ...run,
        start: (request) => start({ ...request, trainings: join(run.folder.path, "trainings") }),
        version,
        json: options.json ?? false,
        resume: shellCommand(resumeWords(run.name, options)),
      });
    });
}

function begin(phenomenon: Phenomenon | "all", options: Options): Begun {
  const now = new Date();
  const { name = runName(now, phenomenon), ...unnamed } = options;
  const { out, overwrite = false, seeds, workers, seed, trainer, quick = false } = options;
  return {
    name,
    folder: openRunFolder({ out, name, overwrite, contents }),
    started: now.toISOString(),
    resumed: false,
    command: shellCommand(commandWords(phenomenon, unnamed)),
    request: {
      phenomena: phenomenon === "all" ? phenomena : [phenomenon],
      quick,
      seed,
      ...(seeds !== undefined && { seeds }),
      ...(trainer && { trainers: trainer }),
      ...(workers !== undefined && { workers }),
    },
  };
}

function resumeWords(name: string, { out, json }: Options): string[] {
  return [
    ...["lossgym", "rediscover", "--resume"],
    ...(out === "runs" ? [] : ["--out", out]),
    ...["--name", name],
    ...(json ? ["--json"] : []),
  ];
}

function commandWords(
  phenomenon: string,
  { seeds, trainer, quick, seed, workers, out, json }: Omit<Options, "name">,
): string[] {
  return [
    ...["lossgym", "rediscover", phenomenon],
    ...(quick ? ["--quick"] : []),
    ...(seeds === undefined ? [] : ["--seeds", String(seeds)]),
    ...(trainer ? ["--trainer", trainer.join(",")] : []),
    ...["--seed", String(seed)],
    ...(workers === undefined ? [] : ["--workers", String(workers)]),
    ...(out === "runs" ? [] : ["--out", out]),
    ...(json ? ["--json"] : []),
  ];
}

/** A list with commas, or "all". */
function trainersOf(text: string): readonly TrainerName[] {
  const one = oneOf("--trainer", [...trainers, "all"]);
  const named = text.split(",").map(one);
  return trainers.filter((trainer) => named.includes("all") || named.includes(trainer));
}

const examples = `
Examples:
  $ lossgym rediscover momentum --quick        a first look
  $ lossgym rediscover                         all phenomena, five trainings each
  $ lossgym rediscover resets --seeds 10 --name resets-10
  $ lossgym rediscover momentum --trainer bptt,es      does the way of training matter?
  $ lossgym rediscover adaptivity --json > report.json

The run folder holds report.html, report.json, figures/*.svg, config.json, events.jsonl, and in trainings/ the weights
of each finished training; an interrupted run goes on from them, to the same results: lossgym rediscover --resume --name NAME.
Exit code 0: every check met; 1: a check missed; 2: bad input; 130: interrupted.`;
