import { deriveKey, integerAt, type RandomKey } from "../../envs/index.js";
import { fashionMnist } from "../data/index.js";
import type { ImageSettings } from "./images-record.js";

/** Width and height of an image. */
export const side = 28;
export const classes = 10;

export interface ImageSet {
  readonly count: number;
  /** From 0 to 1, shape [count, 784]. */
  readonly pixels: Float64Array;
  readonly labels: readonly number[];
}

export interface ImageData {
  readonly train: ImageSet;
  /** For tuning; from the training split, behind the training images. */
  readonly validation: ImageSet;
  readonly test: ImageSet;
}

/** @throws BadInput where the data set is not installed, with the command that gets it */
export function loadImages(
  { train, validation, test }: Pick<ImageSettings, "train" | "validation" | "test">,
  folder?: string,
): ImageData {
  const from = folder === undefined ? {} : { folder };
  const first = fashionMnist({ split: "train", limit: train + validation, ...from });
  const second = fashionMnist({ split: "test", limit: test, ...from });
  return {
    train: part(first, 0, train),
    validation: part(first, train, train + validation),
    test: part(second, 0, test),
  };
}

function part({ features, labels }: ReturnType<typeof fashionMnist>, from: number, to: number): ImageSet {
  const pixels = features.values.subarray(from * side * side, to * side * side);
  return { count: to - from, pixels, labels: labels.slice(from, to) };
}

/** The images of each batch of an epoch, in an order that only the key and the epoch decide; what is left over is not used. */
export function batchesOf(count: number, batchSize: number, key: RandomKey, epoch: number): Int32Array[] {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const epochKey = deriveKey(key, epoch);
  for (let i = count - 1; i > 0; i--) {
    const j = integerAt(epochKey, i, 0, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return Array.from({ length: Math.floor(count / batchSize) }, (_, b) =>
    order.subarray(b * batchSize, (b + 1) * batchSize),
  );
}

/** The pixels of some images in the order that a network reads them, shape [images, order]. */
export function gatherPixels(
  { pixels }: ImageSet,
  images: ArrayLike<number>,
  order: Int32Array,
): Float32Array {
  const out = new Float32Array(images.length * order.length);
  for (let n = 0, to = 0; n < images.length; n++) {
    const from = images[n] * side * side;
    for (let i = 0; i < order.length; i++, to++) out[to] = pixels[from + order[i]];
  }
  return out;
}

/** Their classes as rows of zeros with a one. */
export function gatherLabels({ labels }: ImageSet, images: ArrayLike<number>): Float32Array {
  const out = new Float32Array(images.length * classes);
  for (let n = 0; n < images.length; n++) out[n * classes + labels[images[n]]] = 1;
  return out;
}
