import type { Batch } from "./batch.js";

/** What was measured `delay` steps ago in the same episode, and until then what was measured first. */
export class DelayLine {
  private readonly batch: Batch;
  private readonly width: number;
  private readonly delay: number;
  /** `[delay + 1, count, width]`: the measurement of step t lies in slot t modulo delay + 1. */
  private readonly slots: Float64Array;
  private readonly out: Float64Array;

  constructor(batch: Batch, width: number, delay: number) {
    this.batch = batch;
    this.width = width;
    this.delay = delay;
    this.slots = new Float64Array((delay + 1) * batch.count * width);
    this.out = new Float64Array(batch.count * width);
  }

  /** Keeps the measurements of the present, `[count, width]`. */
  store(values: Float64Array): void {
    const { width } = this;
    for (let n = 0, i = 0; n < this.batch.count; n++) {
      let slot = this.slotOf(n, this.batch.elapsed[n]);
      for (let j = 0; j < width; j++, i++, slot++) this.slots[slot] = values[i];
    }
  }

  /** What is seen of them at present, `[count, width]`. */
  read(): Float64Array {
    const { width, out } = this;
    for (let n = 0, i = 0; n < this.batch.count; n++) {
      let slot = this.slotOf(n, Math.max(this.batch.elapsed[n] - this.delay, 0));
      for (let j = 0; j < width; j++, i++, slot++) out[i] = this.slots[slot];
    }
    return out;
  }

  private slotOf(n: number, step: number): number {
    return ((step % (this.delay + 1)) * this.batch.count + n) * this.width;
  }
}
