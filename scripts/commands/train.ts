import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { BadInput } from "../bad-input.js";
import type { PolicyOptions } from "../run/policy-choice.js";
import { readJson } from "./json-input.js";
import { flagOf, folderName, oneOf, runName, seedOf, shellCommand, wholeNumber } from "./options.js";
import { complaintsAsBadInput, problemArgument, readProblem } from "./problem-input.js";
import { type Agent, agents, givenOptions, trainerOptions } from "./trainer-options.js";

const policies = [
  "memoryless",
  "linear-ema-bank",
  "ema-bank",
  "power-bank",
  "minimum-bank",
  "gru",
  "lstm",
  "full",
  "full-gru",
] as const;
const contents = ["config.json", "checkpoint", "policy.json", "policy.bin", "report.json"];

interface Options extends PolicyOptions {
  readonly agent: Agent;
  readonly iterations?: number;
  readonly seed: number | string;
  readonly backend: "wasm" | "reference";
  readonly checkpointEvery?: number;
  readonly workers?: number;
  readonly out: string;
  readonly name?: string;
  readonly overwrite?: true;
  readonly watch?: number | true;
  readonly json?: true;
  readonly resume?: string;
}

/** `lossgym train`. */
export function trainCommand(version: string): Command {
  const command = new Command("train")
    .description("train a policy on a problem, from scratch; leaves it in the run folder")
    .argument("[problem]", problemArgument)
    .option("--agent <name>", `how to train: ${agents.join(", ")}`, oneOf("--agent", agents), "bptt")
    .option(
      "--policy <name>",
      `${policies.join(", ")} (default: gru where something is hidden, else memoryless)`,
      oneOf("--policy", policies),
    )
    .option("--hidden <sizes>", "units of each hidden layer, such as 32,32", wholeNumbers("--hidden"))
    .option("--units <n>", "units of memory of a gru, lstm or full-gru", wholeNumber("--units"))
    .option("--iterations <n>", "updates of the weights", wholeNumber("--iterations"))
    .option("--seed <seed>", "root of all randomness, a number or text", seedOf, 0)
    .option(
      "--backend <name>",
      "what computes: wasm or reference",
      oneOf("--backend", ["wasm", "reference"]),
      "wasm",
    )
    .option(
      "--checkpoint-every <n>",
      "iterations between checkpoints (default: a twentieth of all)",
      wholeNumber("--checkpoint-every"),
    );
  for (const option of trainerOptions()) command.addOption(option.helpGroup("Options of the trainers:"));
  return command
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber("--workers"))
    .option("--out <folder>", "folder that holds the runs", "runs")
    .option("--name <name>", "name of this run (default: the time and the agent)", folderName)
    .option("--overwrite", "replace an earlier run of that name")
    .option(
      "--watch [port]",
      "show the run in a browser, on this machine only (default: any free port)",
      portOf,
    )
    .option("--json", "print the report as JSON, and nothing else, on stdout")
    .option("--resume <folder>", "go on with a run that was interrupted")
    .addHelpText("after", examples)
    .action(async (problem: string | undefined, options: Options, self: Command) => {
      process.exitCode =
        options.resume === undefined
          ? await begin(version, problem, options)
          : await goOn(version, options.resume, problem, options, self);
    });
}

async function begin(version: string, argument: string | undefined, options: Options): Promise<number> {
  if (argument === undefined)
    throw new BadInput("train: give a problem, or --resume with the folder of a run");
  const { agent: trainer, seed, backend, iterations } = options;
  const given = givenOptions(trainer, options as unknown as Readonly<Record<string, unknown>>);
  const { name: source, problem } = await readProblem(argument);
  const { policyFor } = await import("../run/policy-choice.js");
  const { completed, trainerOf } = await import("../run/training-configuration.js");
  const { train } = await import("../../agents/trainers/train.js");
  const { openRunFolder } = await import("../run/run-folder.js");
  const { recordTraining } = await import("../run/record-training.js");
  const configuration = complaintsAsBadInput(source, () => {
    const policy = policyFor(problem, options);
    const settings = { ...given, ...(iterations !== undefined && { iterations }) };
    const all = completed(
      { problem, policy, trainer, options: settings, seed, backend },
      options.checkpointEvery,
    );
    train(trainerOf(all));
    return all;
  });
  const started = new Date();
  const name = options.name ?? runName(started, trainer);
  const folder = openRunFolder({ out: options.out, name, overwrite: options.overwrite ?? false, contents });
  const record = {
    lossgym: version,
    argv: process.argv.slice(2),
    started: started.toISOString(),
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    configuration,
  };
  folder.write("config.json", `${JSON.stringify(record, null, 2)}\n`);
  return recordTraining({
    ...presentation(options),
    configuration,
    checkpoint: null,
    folder,
    version,
    resume: resumeCommand(folder.path),
  });
}

/** What may change from one part of a run to the next. */
const free = ["resume", "workers", "watch", "json"];

async function goOn(
  version: string,
  path: string,
  problem: string | undefined,
  options: Options,
  command: Command,
): Promise<number> {
  const other = command.options
    .map((option) => option.attributeName())
    .find((name) => !free.includes(name) && command.getOptionValueSource(name) === "cli");
  if (problem !== undefined || other !== undefined)
    throw new BadInput(
      `--resume: the run goes on as it began, so only ${free.slice(1).map(flagOf).join(", ")} may be given, got ${other === undefined ? JSON.stringify(problem) : flagOf(other)}`,
    );
  const { configurationFrom } = await import("../run/training-configuration.js");
  const { readCheckpoint } = await import("../run/checkpoint.js");
  const { reopenRunFolder } = await import("../run/run-folder.js");
  const { recordTraining } = await import("../run/record-training.js");
  const file = join(path, "config.json");
  if (!existsSync(file)) throw new BadInput(`${path}: is not the folder of a run, it holds no config.json`);
  const { lossgym, configuration: stored } = (await readJson(file)).value as ReturnType<JSON["parse"]>;
  if (lossgym !== version)
    throw new BadInput(
      `${file}: was written by lossgym ${lossgym}, and only that goes on to the same bits; this is ${version}`,
    );
  if (!stored?.trainer) throw new BadInput(`${file}: is not the configuration of a training run`);
  const configuration = complaintsAsBadInput(file, () => configurationFrom(stored));
  const checkpoint = readCheckpoint(join(path, "checkpoint"));
  const folder = reopenRunFolder(path, checkpoint?.eventsLength ?? 0);
  return recordTraining({
    ...presentation(options),
    configuration,
    checkpoint,
    folder,
    version,
    resume: resumeCommand(folder.path),
  });
}

function presentation({ workers, watch, json }: Options) {
  return { workers, watch: watch === true ? 0 : watch, json: json === true };
}

function resumeCommand(path: string): string {
  return shellCommand(["lossgym", "train", "--resume", path]);
}

function wholeNumbers(option: string): (text: string) => number[] {
  return (text) => text.split(",").map(wholeNumber(option));
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new BadInput(`--watch: must be a port from 0 to 65535, got ${JSON.stringify(text)}`);
}

const examples = `
Examples:
  $ lossgym train lossgym/HiddenMinimum-v0
  $ lossgym train problem.json --agent es --policy ema-bank --iterations 400 --name first
  $ lossgym train problem.json --agent cma-es --policy memoryless --hidden 8 --watch 8080
  $ lossgym train --resume runs/first

The run folder holds policy.json and policy.bin, report.json, config.json, events.jsonl and the last checkpoint.
A run that goes on from its checkpoint ends with the same bits as one that never stopped.
Exit code 0: done; 2: bad input; 130: interrupted, and how to go on.`;
