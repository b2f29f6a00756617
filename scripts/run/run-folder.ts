import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { BadInput, systemReason } from "../bad-input.js";

export interface RunFolderOptions {
  /** Folder that holds the runs. */
  readonly out: string;
  readonly name: string;
  /** Whether the files of an earlier run of that name may be replaced. */
  readonly overwrite: boolean;
}

/** Where a run leaves its files: `events.jsonl` grows line by line, every other file appears whole or not at all. */
export interface RunFolder {
  /** As people read it: relative to the working directory. */
  readonly path: string;
  /** Appends one line; it is with the system before this returns. */
  append(event: object): void;
  write(file: string, text: string): void;
  close(): void;
}

const ownFiles = ["config.json", "events.jsonl", "report.json", "report.html", "figures"];

/**
 * Makes the folder and tries it out, so that a run that could not keep its results never begins.
 *
 * @throws BadInput when it exists and is not empty, or cannot be written to; nothing is left behind then
 */
export function openRunFolder({ out, name, overwrite }: RunFolderOptions): RunFolder {
  const folder = join(out, name);
  const path = relative(".", folder) || ".";
  refuseEarlierRun(folder, path, overwrite);
  const made: string[] = [];
  try {
    for (const missing of missingFolders(folder)) {
      mkdirSync(missing);
      made.push(missing);
    }
    if (overwrite) for (const file of ownFiles) rmSync(join(folder, file), { recursive: true, force: true });
    if (!existsSync(join(folder, "figures"))) mkdirSync(join(folder, "figures"));
    const events = openSync(join(folder, "events.jsonl"), "a");
    return {
      path,
      append: (event) => guard(path, () => writeSync(events, `${JSON.stringify(event)}\n`)),
      write: (file, text) => guard(path, () => writeWhole(join(folder, file), text)),
      close: () => closeSync(events),
    };
  } catch (error) {
    if (made.length > 0) rmSync(made[0], { recursive: true });
    throw unwritable(path, error);
  }
}

function refuseEarlierRun(folder: string, path: string, overwrite: boolean): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory())
    throw new BadInput(`${path}: is not a folder; choose another --name or --out`);
  if (!overwrite && readdirSync(folder).length > 0)
    throw new BadInput(`${path}: already holds files; choose another --name, or give --overwrite`);
}

/** The folders to make, outermost first. Not left to mkdir's own recursion, which never ends under /proc. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}

function guard(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): unknown {
  const reason = systemReason(error);
  return reason === undefined
    ? error
    : new BadInput(`${path}: cannot be written to (${reason}); choose another --out`);
}

/** Writes beside the file, then renames: a reader sees the old file or the new one, never a part. */
function writeWhole(file: string, text: string): void {
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
