import type { Picture } from "../report/picture.js";

/** A figure that can be asked for: `group` is the word of the command line. */
export interface Study {
  readonly group: "1" | "2" | "3" | "phase";
  readonly draw: () => Picture;
}
