import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Archive, Training } from "../../agents/rediscover/archive.js";
import { guardWrites, writeWhole } from "./whole-files.js";

/**
 * An archive in a folder, one file for each training, with the weights as base64. A file appears whole or not at all.
 */
export function trainingFiles(folder: string): Archive {
  return {
    read(key) {
      const file = join(folder, nameOf(key));
      if (!existsSync(file)) return null;
      const { key: kept, weights, ...training } = JSON.parse(readFileSync(file, "utf8"));
      if (kept !== key) return null;
      return { ...training, parameters: numbersOf(weights) } as Training;
    },
    write(key, { parameters, ...training }) {
      const weights = Buffer.from(parameters.slice().buffer).toString("base64");
      guardWrites(folder, () => {
        mkdirSync(folder, { recursive: true });
        writeWhole(join(folder, nameOf(key)), `${JSON.stringify({ key, ...training, weights })}\n`);
      });
    },
  };
}

/** Float64, little-endian as every machine that runs Node. */
function numbersOf(base64: string): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}

/** Such as "0-train-momentum-noise-1-drift-0.5-GRU-16-0-bptt.json". */
function nameOf(key: string): string {
  return `${key.replace(/[^\w.]+/g, "-")}.json`;
}
