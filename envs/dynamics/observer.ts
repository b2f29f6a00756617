import {
  type ChannelLayout,
  layoutOf,
  type NavigationProblem,
  observationSizeOf,
} from "../problem/problem.js";
import type { Batch } from "./batch.js";
import type { Measurements } from "./measurements.js";

/** Puts the channels together to the observations `[count, observationSize]`. */
export class Observer {
  readonly layout: readonly ChannelLayout[];
  readonly size: number;

  private readonly batch: Batch;
  private readonly measurements: Measurements;
  private readonly isState: boolean;
  private readonly scalars: Float64Array;

  constructor(problem: NavigationProblem, batch: Batch, measurements: Measurements) {
    this.layout = layoutOf(problem);
    this.size = observationSizeOf(problem);
    this.batch = batch;
    this.measurements = measurements;
    this.isState = problem.observation.kind === "state";
    this.scalars = new Float64Array(batch.count);
  }

  observe(clock: number, out: Float64Array, offset: number): void {
    const { layout } = this;
    // By index, because an iterator is an object.
    for (let i = 0; i < layout.length; i++) {
      const entry = layout[i];
      const values = this.valuesOf(entry, clock);
      if (entry.coordinates) this.copyChosen(values, entry, entry.coordinates, out, offset);
      else this.copy(values, entry, out, offset);
    }
  }

  /** What a channel shows, row by row, of every coordinate. */
  private valuesOf({ channel }: ChannelLayout, clock: number): Float64Array {
    const { batch, measurements } = this;
    switch (channel) {
      case "parameters":
        return batch.parameters;
      case "update":
        return batch.updates;
      case "minimum":
        return batch.minima;
      case "time":
        return this.asNumbers(batch.elapsed);
      case "cue":
        return this.asNumbers(batch.cues);
      case "curvature":
        return this.isState ? batch.instances : measurements.read(channel, clock);
      default:
        return measurements.read(channel, clock);
    }
  }

  private asNumbers(values: Int32Array | Uint8Array): Float64Array {
    this.scalars.set(values);
    return this.scalars;
  }

  private copy(values: Float64Array, { size, offset: at }: ChannelLayout, out: Float64Array, from: number) {
    const { size: stride } = this;
    const { count } = this.batch;
    for (let n = 0, i = 0, o = from + at; n < count; n++, o += stride) {
      for (let j = 0; j < size; j++, i++) out[o + j] = values[i];
    }
  }

  private copyChosen(
    values: Float64Array,
    { size, offset: at }: ChannelLayout,
    coordinates: readonly number[],
    out: Float64Array,
    from: number,
  ) {
    const { count, dimension } = this.batch;
    for (let n = 0, o = from + at; n < count; n++, o += this.size) {
      for (let j = 0; j < size; j++) out[o + j] = values[n * dimension + coordinates[j]];
    }
  }
}
