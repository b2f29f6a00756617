import type { Picture } from "../report/picture.js";

/** A figure that can be asked for: `group` is the word of the command line, `alias` another. */
export interface Study {
  readonly group: "1" | "2" | "3" | "phase";
  readonly alias?: "images";
  /** Draws it; `record` is the file of what `figures images` measured. */
  readonly draw: (record: string) => Picture;
}
