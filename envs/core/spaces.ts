import { refuseOthers } from "./arguments.js";
import { deriveKey, normalAt, rootKey, type Seed, streams, uniformAt } from "./random.js";

export interface BoxOptions {
  readonly shape: readonly number[];
  /** Smallest value, one for all or one per element. Default −∞. */
  readonly low?: number | ArrayLike<number>;
  /** Largest value, one for all or one per element. Default +∞. */
  readonly high?: number | ArrayLike<number>;
}

type Bound = number | "-Infinity" | "Infinity";

/** A box as plain data. JSON has no infinities, so they are words. */
export interface BoxJson {
  readonly type: "Box";
  readonly dtype: "float64";
  readonly shape: readonly number[];
  readonly low: Bound | readonly Bound[];
  readonly high: Bound | readonly Bound[];
}

/** The arrays of one shape, flat and row-major, whose elements lie within bounds. */
export class Box {
  readonly dtype = "float64";
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly size: number;
  readonly low: Readonly<Float64Array>;
  readonly high: Readonly<Float64Array>;

  constructor({
    shape,
    low = Number.NEGATIVE_INFINITY,
    high = Number.POSITIVE_INFINITY,
    ...others
  }: BoxOptions) {
    refuseOthers("Box", others, "shape, low, high");
    if (!shape.every((length) => Number.isInteger(length) && length >= 0))
      throw new Error(`Box: shape must be whole numbers, got [${shape.join(", ")}]`);
    this.shape = Object.freeze([...shape]);
    this.size = shape.reduce((product, length) => product * length, 1);
    this.low = spread("low", low, this.size);
    this.high = spread("high", high, this.size);
    const wrong = this.low.findIndex((value, i) => !(value <= this.high[i]));
    if (wrong >= 0)
      throw new Error(
        `Box: low[${wrong}] must be <= high[${wrong}], got ${this.low[wrong]} and ${this.high[wrong]}`,
      );
  }

  static fromJSON({ shape, low, high }: BoxJson): Box {
    return new Box({ shape, low: readBound(low), high: readBound(high) });
  }

  contains(value: ArrayLike<number>): boolean {
    if (value.length !== this.size) return false;
    for (let i = 0; i < this.size; i++) {
      if (!(value[i] >= this.low[i] && value[i] <= this.high[i])) return false;
    }
    return true;
  }

  /**
   * The `index`-th sample of a seed: uniform between two bounds, exponential from one bound, normal without.
   *
   * @param index Default 0.
   */
  sample(seed: Seed, index = 0): Float64Array {
    const key = deriveKey(rootKey(seed), streams.exploration);
    return Float64Array.from({ length: this.size }, (_, i) => {
      const [low, high] = [this.low[i], this.high[i]];
      if (!Number.isFinite(low) && !Number.isFinite(high)) return normalAt(key, i, index);
      const uniform = uniformAt(key, i, index);
      if (!Number.isFinite(high)) return low - Math.log(uniform);
      return Number.isFinite(low) ? low + uniform * (high - low) : high + Math.log(uniform);
    });
  }

  equals(other: Box): boolean {
    const same = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      a.length === b.length && Array.from(a).every((value, i) => value === b[i]);
    return same(this.shape, other.shape) && same(this.low, other.low) && same(this.high, other.high);
  }

  toJSON(): BoxJson {
    const { dtype, shape, low, high } = this;
    return { type: "Box", dtype, shape, low: writeBound(low), high: writeBound(high) };
  }
}

/** The space of `count` values of a space, one row each. */
export function batchSpace({ shape, low, high }: Box, count: number): Box {
  const repeat = (bound: Readonly<Float64Array>) =>
    Float64Array.from({ length: count * bound.length }, (_, i) => bound[i % bound.length]);
  return new Box({ shape: [count, ...shape], low: repeat(low), high: repeat(high) });
}

function spread(name: string, bound: number | ArrayLike<number>, size: number): Float64Array {
  if (typeof bound === "number") return new Float64Array(size).fill(bound);
  if (bound.length !== size) throw new Error(`Box: ${name} must have ${size} elements, got ${bound.length}`);
  return Float64Array.from(bound);
}

function readBound(bound: Bound | readonly Bound[]): number | number[] {
  return typeof bound === "object" ? bound.map(Number) : Number(bound);
}

function writeBound(bound: Readonly<Float64Array>): Bound | Bound[] {
  const words = Array.from(bound, (value) => (Number.isFinite(value) ? value : (String(value) as Bound)));
  return words.length > 0 && words.every((word) => word === words[0]) ? words[0] : words;
}
