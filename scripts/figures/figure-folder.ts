import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BadInput, systemReason } from "../bad-input.js";

/** A folder of pictures, each of which appears whole or not at all. */
export interface FigureFolder {
  /** Resolves to the path that was written. */
  write(file: string, content: string | Uint8Array): string;
}

/**
 * Makes the folder, so that figures that could not be kept are never drawn.
 *
 * @throws BadInput when it cannot be written to; nothing is left behind then
 */
export function openFigureFolder(path: string): FigureFolder {
  if (path === "") throw new BadInput("--out: must name a folder, got an empty text");
  if (existsSync(path) && !statSync(path).isDirectory())
    throw new BadInput(`${path}: is not a folder; choose another --out`);
  const missing = missingFolders(resolve(path));
  const made: string[] = [];
  try {
    for (const folder of missing) {
      mkdirSync(folder);
      made.push(folder);
    }
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (made.length > 0) rmSync(made[0], { recursive: true });
    throw unwritable(path, error);
  }
  return { write: (file, content) => writeWhole(path, join(path, file), content) };
}

/** Outermost first; not left to mkdir's own recursion, which never ends under /proc. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}

/** Writes beside the file, then renames: a reader sees the old file or the new one, never a part. */
function writeWhole(folder: string, file: string, content: string | Uint8Array): string {
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
    return file;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(folder, error);
  }
}

function unwritable(path: string, error: unknown): unknown {
  const reason = systemReason(error);
  return reason === undefined
    ? error
    : new BadInput(`${path}: cannot be written to (${reason}); choose another --out`);
}
