import seedrandom from "seedrandom";

/**
 * Counter-based randomness. A draw is a pure function of (key, index, counter), so results do not
 * depend on batch size, worker count or the order of evaluation, and nothing has to be saved to resume.
 *
 * The generator is Threefry-2x32 with 13 rounds (Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011).
 */
export interface RandomKey {
  readonly high: number;
  readonly low: number;
}

export type Seed = number | string;

/** The purposes that have a stream of their own. The numbers are part of the stream's definition. */
export const streams = {
  start: 1,
  instance: 2,
  task: 3,
  noise: 4,
  minibatch: 5,
  weights: 6,
  population: 7,
  exploration: 8,
  lossNoise: 9,
  pace: 10,
} as const;

/** The root key of a user's seed; 1 and "1" are the same. Without a seed the key comes from the system's entropy. */
export function rootKey(seed?: Seed): RandomKey {
  if (seed !== undefined && typeof seed !== "string" && (typeof seed !== "number" || Number.isNaN(seed)))
    throw new Error(`seed: must be a number or a string, got ${String(seed)}`);
  const generator = seed === undefined ? seedrandom() : seedrandom(String(seed));
  return { high: generator.int32(), low: generator.int32() };
}

/** An independent key for each `id` below `key`. */
export function deriveKey(key: RandomKey, id: number): RandomKey {
  const block = new Int32Array(2);
  threefry(key, id, 0x6b657973, block);
  return { high: block[0], low: block[1] };
}

const PARITY = 0x1bd11bda;

/** One block: two 32-bit words from the key and the counter pair. Exported for known-answer tests. */
export function threefry(key: RandomKey, counter0: number, counter1: number, out: Int32Array): void {
  const k0 = key.high | 0;
  const k1 = key.low | 0;
  const k2 = PARITY ^ k0 ^ k1;
  let x = (counter0 + k0) | 0;
  let y = (counter1 + k1) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  out[0] = x;
  out[1] = y;
}

const TILE = 256;
const HALF = TILE / 2;
const block = new Int32Array(2);

/** A uniform number in (0, 1), 24 bits: the middle of one of 2^24 equal cells. */
export function uniformAt(key: RandomKey, index: number, counter: number): number {
  threefry(key, index, counter, block);
  return ((block[0] >>> 8) + 0.5) * 2 ** -24;
}

/** A uniform integer in [0, bound). */
export function integerAt(key: RandomKey, index: number, counter: number, bound: number): number {
  threefry(key, index, counter, block);
  return Math.floor((block[0] >>> 0) * 2 ** -32 * bound);
}

/** Uniform integers in [0, bound) for indices `first` … `first + count − 1`, all with the same counter. */
export function fillIntegers(
  key: RandomKey,
  first: number,
  counter: number,
  bound: number,
  count: number,
  out: Int32Array,
  offset = 0,
): void {
  for (let i = 0; i < count; i++) {
    threefry(key, first + i, counter, block);
    out[offset + i] = Math.floor((block[0] >>> 0) * 2 ** -32 * bound);
  }
}

/** Indices i and i + 128 of a 256-wide tile share one block, and so one Box-Muller pair. */
function blockOf(index: number): number {
  return (index >>> 8) * HALF + (index & (HALF - 1));
}

/** A standard normal number. */
export function normalAt(key: RandomKey, index: number, counter: number): number {
  threefry(key, blockOf(index), counter, block);
  const radius = Math.sqrt(-2 * Math.log(((block[0] >>> 8) + 0.5) * 2 ** -24));
  const angle = 2 * Math.PI * (((block[1] >>> 8) + 0.5) * 2 ** -24);
  return radius * ((index & HALF) === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** Standard normals for indices `first` … `first + count − 1`, all with the same counter. */
export function fillNormals(
  key: RandomKey,
  first: number,
  counter: number,
  count: number,
  out: Float64Array,
  offset = 0,
): void {
  const end = first + count;
  let index = first;
  while (index < end) {
    const tileStart = index & ~(TILE - 1);
    if (index === tileStart && end - index >= TILE) {
      fillTile(key, tileStart, counter, out, offset + index - first);
      index += TILE;
    } else {
      out[offset + index - first] = normalAt(key, index, counter);
      index++;
    }
  }
}

function fillTile(
  key: RandomKey,
  tileStart: number,
  counter: number,
  out: Float64Array,
  offset: number,
): void {
  const firstBlock = blockOf(tileStart);
  const words = block;
  for (let i = 0; i < HALF; i++) {
    threefry(key, firstBlock + i, counter, words);
    const radius = Math.sqrt(-2 * Math.log(((words[0] >>> 8) + 0.5) * 2 ** -24));
    const angle = 2 * Math.PI * (((words[1] >>> 8) + 0.5) * 2 ** -24);
    out[offset + i] = radius * Math.cos(angle);
    out[offset + HALF + i] = radius * Math.sin(angle);
  }
}
