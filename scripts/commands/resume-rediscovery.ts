import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { BadInput } from "../bad-input.js";
import type { RecordOptions } from "../run/record-run.js";
import { reopenRunFolder } from "../run/run-folder.js";
import { readJson } from "./json-input.js";

/** A run that begins or goes on. */
export type Begun = Pick<RecordOptions, "request" | "folder" | "started" | "resumed" | "command"> & {
  readonly name: string;
};

/** What may be given beside --resume; the rest was settled when the run began. */
const changeable = ["name", "out", "json", "workers", "resume"];

/**
 * Goes on with the run of a name.
 *
 * @throws BadInput when there is none, when it is finished, or when something else is asked for than when it began
 */
export async function goOn(
  version: string,
  { name, out, workers }: { readonly name?: string; readonly out: string; readonly workers?: number },
  command: Command,
): Promise<Begun> {
  if (name === undefined) throw new BadInput("--resume: needs the --name of the run to go on with");
  const given = command.options.map((option) => option.attributeName());
  const fixed = given.filter(
    (option) => command.getOptionValueSource(option) === "cli" && !changeable.includes(option),
  );
  if (fixed.length > 0 || command.args.length > 0)
    throw new BadInput(
      `--resume: takes what was asked for from the run; leave out ${[...command.args, ...fixed.map((option) => `--${option}`)].join(", ")}`,
    );
  const path = join(out, name);
  const { lossgym, request, started, command: first } = await storedRun(path);
  if (lossgym !== version)
    throw new BadInput(`${path}: was begun by lossgym ${lossgym}, and this is ${version}; begin it anew`);
  const folder = reopenRunFolder(path);
  return {
    name,
    folder,
    started,
    resumed: true,
    command: first,
    request: { ...request, ...(workers !== undefined && { workers }) },
  };
}

interface StoredRun extends Pick<RecordOptions, "request" | "started" | "command"> {
  readonly lossgym: string;
}

async function storedRun(path: string): Promise<StoredRun> {
  const file = join(path, "config.json");
  if (!existsSync(file)) throw new BadInput(`${path}: holds no run to go on with; see --name and --out`);
  if (existsSync(join(path, "report.json")))
    throw new BadInput(`${path}: is finished; its report is ${join(path, "report.html")}`);
  const { value } = await readJson(file);
  const stored = value as Partial<StoredRun> | null;
  if (!stored?.request) throw new BadInput(`${file}: is not of a rediscovery that can go on; begin it anew`);
  return stored as StoredRun;
}
