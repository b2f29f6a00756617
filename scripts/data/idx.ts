import { Table } from "../../envs/index.js";
import { BadInput } from "../bad-input.js";
import { readBytes } from "./read-bytes.js";

/** The contents of an IDX file of bytes, the format of MNIST. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

export interface LabelledImages {
  /** Pixels from 0 to 1, one row per image. */
  readonly features: Table;
  readonly labels: number[];
}

const UNSIGNED_BYTE = 0x08;

/** Reads an IDX file, gzipped or not. */
export function readIdx(path: string): IdxArray {
  const bytes = readBytes(path);
  const rank = bytes[3];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank < 1 || bytes.length < 4 + 4 * rank)
    throw new BadInput(`${path}: must be an IDX file, got one that starts with ${start(bytes)}`);
  if (bytes[2] !== UNSIGNED_BYTE)
    throw new BadInput(`${path}: must be an IDX file of bytes (type 08), got type ${hex(bytes[2])}`);
  const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const values = bytes.subarray(4 + 4 * rank);
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length !== size)
    throw new BadInput(`${path}: must hold ${shape.join(" × ")} = ${size} bytes, got ${values.length}`);
  return { shape, values };
}

/** Images and their labels, the first `limit` of them. */
export function readImages(imagesPath: string, labelsPath: string, limit?: number): LabelledImages {
  const images = readIdx(imagesPath);
  const labels = readIdx(labelsPath);
  const [count] = images.shape;
  if (labels.shape.length !== 1)
    throw new BadInput(`${labelsPath}: must be a list of labels, got shape ${labels.shape.join(" × ")}`);
  if (labels.shape[0] !== count)
    throw new BadInput(`${labelsPath}: must have one label per image (${count}), got ${labels.shape[0]}`);
  if (images.values.length === 0) throw new BadInput(`${imagesPath}: must hold images, got none`);
  const columns = images.values.length / count;
  const rows = takenOf(count, limit);
  const pixels = new Float64Array(rows * columns);
  const { values } = images;
  for (let i = 0; i < pixels.length; i++) pixels[i] = values[i] / 255;
  return { features: new Table(columns, pixels), labels: Array.from(labels.values.subarray(0, rows)) };
}

function takenOf(count: number, limit = count): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > count)
    throw new BadInput(`limit: must be a whole number from 1 to ${count}, got ${limit}`);
  return limit;
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");
const start = (bytes: Buffer) => Array.from(bytes.subarray(0, 4), hex).join(" ") || "nothing";
