import type { Picture } from "../report/picture.js";
import { figures1 } from "./figure-1.js";
import { figures2 } from "./figure-2.js";
import { figures3 } from "./figure-3.js";
import { figuresPhase } from "./figure-phase.js";
import type { Study } from "./study.js";

const studies: readonly Study[] = [...figures1, ...figures2, ...figures3, ...figuresPhase];

/** The figures of a group, each drawn when it is its turn. */
export function* picturesOf(group: Study["group"] | "all"): Generator<Picture> {
  for (const study of studies) if (group === "all" || study.group === group) yield study.draw();
}
