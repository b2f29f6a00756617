import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { BadInput, systemReason } from "../bad-input.js";

/**
 * Makes a folder and tries it out. When either fails, no folder that it made is left behind.
 *
 * @throws BadInput that names `path` when the system refuses
 */
export function makeFolder<Value>(path: string, tryOut: () => Value): Value {
  const made: string[] = [];
  try {
    for (const folder of missingFolders(resolve(path))) {
      mkdirSync(folder);
      made.push(folder);
    }
    return tryOut();
  } catch (error) {
    if (made.length > 0) rmSync(made[0], { recursive: true });
    throw unwritable(path, error);
  }
}

/** Outermost first; not left to mkdir's own recursion, which never ends under /proc. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}

/**
 * Writes beside the file, then renames: a reader sees the old file or the new one, never a part, even after the
 * power failed.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.part`;
  try {
    const descriptor = openSync(temporary, "w");
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Does what writes under `path`. @throws BadInput with the remedy when the system refuses */
export function guardWrites<Value>(path: string, write: () => Value, remedy = "choose another --out"): Value {
  try {
    return write();
  } catch (error) {
    throw unwritable(path, error, remedy);
  }
}

function unwritable(path: string, error: unknown, remedy = "choose another --out"): unknown {
  const reason = systemReason(error);
  return reason === undefined ? error : new BadInput(`${path}: cannot be written to (${reason}); ${remedy}`);
}
