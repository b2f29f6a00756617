import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { BadInput } from "./bad-input.js";
import { checkCommand } from "./commands/check.js";
import { compareCommand } from "./commands/compare.js";
import { figuresCommand } from "./commands/figures.js";
import { listCommand } from "./commands/list.js";
import { rediscoverCommand } from "./commands/rediscover.js";
import { replayCommand } from "./commands/replay.js";
import { solveCommand } from "./commands/solve.js";
import { trainCommand } from "./commands/train.js";
import type { StartRediscovery } from "./run/start-rediscovery.js";

/** Exit code of bad input. */
const badInput = 2;
/** Exit code of a defect of this program, which no other outcome shares. */
const defect = 70;

/** Parts of the command line that a test may replace. */
export interface Parts {
  /** Loads what runs a rediscovery; asked for only by the command that needs it. */
  readonly loadRediscovery: () => Promise<StartRediscovery>;
}

const { version, description } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string; description: string };

/** Runs the command line; afterwards `process.exitCode` is set. */
export async function main(
  argv: readonly string[],
  {
    loadRediscovery = async () => (await import("./run/start-rediscovery.js")).startRediscovery,
  }: Partial<Parts> = {},
): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    stream.off("error", ignoreClosedPipe).on("error", ignoreClosedPipe);
  try {
    await createProgram(loadRediscovery).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function createProgram(loadRediscovery: Parts["loadRediscovery"]): Command {
  const program = new Command("lossgym")
    .description(description)
    .version(version)
    .addCommand(rediscoverCommand(version, loadRediscovery))
    .addCommand(solveCommand())
    .addCommand(trainCommand(version))
    .addCommand(replayCommand())
    .addCommand(compareCommand())
    .addCommand(figuresCommand())
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addHelpText(
      "after",
      `${examples}\nExit code 0: done; 1: a check missed; 2: bad input; 130: interrupted.`,
    )
    .action((_options, command: Command) => {
      const [word] = command.args;
      const commands = command.commands.map((each) => each.name()).join(", ");
      throw new BadInput(
        word === undefined
          ? `no command given; commands are ${commands} (see lossgym --help)`
          : `unknown command ${JSON.stringify(word)}; commands are ${commands}`,
      );
    })
    .allowExcessArguments();
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => {} });
  return program;
}

/** Says in one line what was wrong with the input; anything else is a defect and shows where it happened. */
function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    return complain(message.includes("Did you mean") ? message : `${message} (see lossgym --help)`);
  }
  if (error instanceof BadInput) return complain(error.message);
  process.stderr.write(`lossgym: a defect: ${error instanceof Error ? error.stack : String(error)}\n`);
  return defect;
}

function complain(message: string): number {
  process.stderr.write(`lossgym: ${message}\n`);
  return badInput;
}

/** A reader that has seen enough, such as head, closes the pipe; the run goes on and keeps its files. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

const examples = `
Examples:
  $ lossgym rediscover momentum --quick   train, probe and report in a few minutes
  $ lossgym solve problem.json            the optimal rule of a problem
  $ lossgym train problem.json            a rule learned from scratch, and its regret
  $ lossgym replay problem.json record.json   what that rule does on what was seen
  $ lossgym compare problem.json adam heavy-ball   what rules cost beyond the optimum
  $ lossgym figures                       the paper's figures and ours
  $ lossgym list                          the environments

lossgym <command> --help tells more.
`;
