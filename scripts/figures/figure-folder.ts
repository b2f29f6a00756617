import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../bad-input.js";
import { guardWrites, makeFolder, writeWhole } from "../run/whole-files.js";

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
  makeFolder(path, () => accessSync(path, constants.W_OK | constants.X_OK));
  return {
    write(file, content) {
      const whole = join(path, file);
      guardWrites(path, () => writeWhole(whole, content));
      return whole;
    },
  };
}
