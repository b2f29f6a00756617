import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PolicyConfig } from "../../agents/index.js";
import { BadInput } from "../bad-input.js";
import { guardWrites, writeWhole } from "../run/whole-files.js";
import type { NetworkName } from "./images-networks.js";
import type { RuleName, TunedRule } from "./images-rules.js";

/** What is measured, before it is: as plain data. */
export interface ImageSettings {
  readonly data: "Fashion-MNIST";
  /** Images that are trained on, tuned on and tested on: the first of the training split, those behind them, the first of the test split. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly networks: readonly NetworkName[];
  /** Each is the initial weights and the order of the images, the same for every rule. */
  readonly seeds: readonly number[];
  readonly tuning: {
    readonly epochs: number;
    readonly seed: string;
    readonly learningRates: Readonly<Record<TunedRule, readonly number[]>>;
  };
  /** How the learned rule was trained, on random parabolas. */
  readonly learning: {
    readonly seed: number;
    readonly iterations: number;
    readonly tasks: number;
    readonly steps: number;
  };
}

export interface TuningResult {
  readonly network: NetworkName;
  readonly rule: TunedRule;
  readonly learningRate: number;
  /** Of each rate that was tried, nats; null where it was not finite. */
  readonly validationLosses: readonly (number | null)[];
}

export interface ImageRun {
  readonly network: NetworkName;
  readonly rule: RuleName;
  readonly seed: number;
  /** Learning rate, or units: what the rule was run with. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Over all training images, nats, before the first epoch and after each. */
  readonly trainLoss: readonly (number | null)[];
  /** Share of the test images. */
  readonly testAccuracy: readonly number[];
  readonly seconds: number;
}

export interface ImageRecord {
  readonly lossgym: string;
  readonly settings: ImageSettings;
  /** What computed. */
  readonly backend: string;
  readonly learned: { readonly config: PolicyConfig; readonly parameters: readonly number[] } | null;
  readonly tuning: readonly TuningResult[];
  readonly runs: readonly ImageRun[];
}

const name = "docs/results/images.json";

/** The record that comes with the package. This file runs where it is compiled to, and in tests where it is written. */
export function shippedRecord(): string {
  const paths = ["../..", "../../.."].map((up) => fileURLToPath(new URL(`${up}/${name}`, import.meta.url)));
  return paths.find(existsSync) ?? paths[1];
}

/** @throws BadInput when there is no such file, or something else in it */
export function readRecord(file: string): ImageRecord {
  const remedy = "to measure it: lossgym figures images";
  if (!existsSync(file)) throw new BadInput(`${file}: there is no such file; ${remedy}`);
  let record: Partial<ImageRecord> | null = null;
  try {
    record = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new BadInput(`${file}: cannot be read (${(error as Error).message}); choose another --record`);
  }
  if (!Array.isArray(record?.runs) || !Array.isArray(record.tuning) || !record.settings)
    throw new BadInput(`${file}: must be a record of figures images; choose another --record`);
  return record as ImageRecord;
}

export function writeRecord(file: string, record: ImageRecord): void {
  const lists = /\[[^[\]{}]*\]/g;
  const flat = (list: string) => list.replace(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]");
  const text = JSON.stringify(record, null, 2).replace(lists, flat);
  guardWrites(file, () => writeWhole(file, `${text}\n`), "choose another --record");
}
