import type { Picture } from "../report/picture.js";
import { figures1 } from "./figure-1.js";
import { figures2 } from "./figure-2.js";
import { figures3 } from "./figure-3.js";
import { figuresImages } from "./figure-images.js";
import { figuresPhase } from "./figure-phase.js";
import { shippedRecord } from "./images-record.js";
import type { Study } from "./study.js";

const studies: readonly Study[] = [...figures1, ...figures2, ...figuresImages, ...figures3, ...figuresPhase];

/** The figures of a group, each drawn when it is its turn; those of images from a record of what was measured. */
export function* picturesOf(
  word: Study["group"] | NonNullable<Study["alias"]> | "all",
  record = shippedRecord(),
): Generator<Picture> {
  for (const { group, alias, draw } of studies)
    if (word === "all" || word === group || word === alias) yield draw(record);
}
