import { existsSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../bad-input.js";
import { type LabelledImages, readImages } from "./idx.js";

/** Where Debian's package puts it. */
const FOLDER = "/usr/share/datasets/fashion-mnist";

export interface FashionMnistOptions {
  /** 60,000 or 10,000 images. */
  readonly split: "train" | "test";
  /** Only the first so many. All 60,000 take 376 MB. Default: all. */
  readonly limit?: number;
  /** Default: where Debian's dataset-fashion-mnist puts it. */
  readonly folder?: string;
}

/** Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 28 × 28 grey images of ten kinds of clothes. */
export function fashionMnist({ split, limit, folder = FOLDER }: FashionMnistOptions): LabelledImages {
  if (split !== "train" && split !== "test")
    throw new BadInput(`split: must be "train" or "test", got ${JSON.stringify(split)}`);
  const prefix = split === "train" ? "train" : "t10k";
  const images = find(folder, `${prefix}-images-idx3-ubyte`);
  const labels = find(folder, `${prefix}-labels-idx1-ubyte`);
  return readImages(images, labels, limit);
}

function find(folder: string, name: string): string {
  const path = [join(folder, `${name}.gz`), join(folder, name)].find(existsSync);
  if (path) return path;
  throw new BadInput(`${folder}: has no ${name}, to get it: apt-get install dataset-fashion-mnist`);
}
