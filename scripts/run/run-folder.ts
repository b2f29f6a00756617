import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { BadInput } from "../bad-input.js";
import { guardWrites, makeFolder, writeWhole } from "./whole-files.js";

export interface RunFolderOptions {
  /** Folder that holds the runs. */
  readonly out: string;
  readonly name: string;
  /** Whether the files of an earlier run of that name may be replaced. */
  readonly overwrite: boolean;
  /** What a run leaves besides its events; a name that ends in "/" is a folder, made at once. */
  readonly contents: readonly string[];
}

/** Where a run leaves its files: `events.jsonl` grows line by line, every other file appears whole or not at all. */
export interface RunFolder {
  /** As people read it: relative to the working directory. */
  readonly path: string;
  /** Appends one line; it is with the system before this returns, or no part of it is in the file. */
  append(event: object): void;
  /** Bytes of events.jsonl, which are on the disk when this returns. */
  syncEvents(): number;
  write(file: string, content: string | Uint8Array): void;
  close(): void;
}

const eventsFile = "events.jsonl";

/**
 * Makes the folder and tries it out, so that a run that could not keep its results never begins.
 *
 * @throws BadInput when it exists and is not empty, or cannot be written to; nothing is left behind then
 */
export function openRunFolder({ out, name, overwrite, contents }: RunFolderOptions): RunFolder {
  const folder = join(out, name);
  const path = relative(".", folder) || ".";
  refuseEarlierRun(folder, path, overwrite);
  return makeFolder(path, () => {
    if (overwrite)
      for (const file of [eventsFile, ...contents])
        rmSync(join(folder, file), { recursive: true, force: true });
    for (const file of contents)
      if (file.endsWith("/") && !existsSync(join(folder, file))) mkdirSync(join(folder, file));
    return runFolder(folder, path);
  });
}

/**
 * The folder of a run that goes on, its events cut back to their first `length` bytes where a length is given.
 *
 * @throws BadInput when it cannot be written to, or has fewer events
 */
export function reopenRunFolder(folder: string, length?: number): RunFolder {
  const path = relative(".", folder) || ".";
  const remedy = "make it writable, then resume again";
  return guardWrites(path, () => runFolder(folder, path, length), remedy);
}

function runFolder(folder: string, path: string, length?: number): RunFolder {
  const events = openSync(join(folder, eventsFile), "a");
  if (length !== undefined) cutBack(events, join(path, eventsFile), length);
  return {
    path,
    append: (event) => guardWrites(path, () => appendWhole(events, `${JSON.stringify(event)}\n`)),
    syncEvents() {
      fsyncSync(events);
      return fstatSync(events).size;
    },
    write: (file, content) => guardWrites(path, () => writeWhole(join(folder, file), content)),
    close: () => closeSync(events),
  };
}

function cutBack(events: number, file: string, length: number): void {
  const { size } = fstatSync(events);
  if (size < length) {
    closeSync(events);
    throw new BadInput(`${file}: has ${size} bytes, but the checkpoint was written after ${length}`);
  }
  ftruncateSync(events, length);
}

/** A disk that fills up may take a part of a line: it is taken back. */
function appendWhole(events: number, line: string): void {
  const { size } = fstatSync(events);
  try {
    writeFileSync(events, line);
  } catch (error) {
    if (fstatSync(events).isFile()) ftruncateSync(events, size);
    throw error;
  }
}

function refuseEarlierRun(folder: string, path: string, overwrite: boolean): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory())
    throw new BadInput(`${path}: is not a folder; choose another --name or --out`);
  if (!overwrite && readdirSync(folder).length > 0)
    throw new BadInput(`${path}: already holds files; choose another --name, or give --overwrite`);
}
