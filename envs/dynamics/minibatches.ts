import { deriveKey, fillIntegers, type RandomKey, streams } from "../core/random.js";
import type { Landscape } from "../landscapes/landscape.js";
import type { GradientNoise } from "../problem/problem.js";
import type { Batch } from "./batch.js";

/** The examples that each environment sees, and perhaps pays for. */
export class Minibatches {
  /** 0 where there are none. */
  readonly size: number;
  /** Whether their loss is charged. */
  readonly areCharged: boolean;
  /** Those that are seen, and those that were charged last, `[count, size]`. */
  readonly examples: Int32Array;
  readonly charged: Int32Array;

  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private firstIndex = 0;
  private key!: RandomKey;

  constructor(noise: GradientNoise, landscape: Landscape, batch: Batch) {
    this.landscape = landscape;
    this.batch = batch;
    this.size = batchSizeOf(noise);
    this.areCharged = isCharged(noise);
    this.examples = new Int32Array(batch.count * this.size);
    this.charged = new Int32Array(this.areCharged ? this.examples.length : 0);
  }

  seed(root: RandomKey, firstIndex: number): void {
    this.firstIndex = firstIndex;
    this.key = deriveKey(root, streams.minibatch);
  }

  /** Draws those of environment n. */
  draw(n: number, clock: number): void {
    const { key, examples, size, landscape, batch } = this;
    const { exampleCount, instanceSize } = landscape;
    const shown = landscape.exampleCountOf?.(batch.instances, n * instanceSize) ?? (exampleCount as number);
    fillIntegers(key, (this.firstIndex + n) * size, clock, shown, size, examples, n * size);
  }

  /** Loss and gradient of every environment, where `displacements` are. */
  evaluate(gradients: Float64Array, losses: Float64Array | null): void {
    const { landscape, examples, size, batch } = this;
    const { displacements, count, instances } = batch;
    landscape.minibatchGradient?.(displacements, examples, size, count, gradients, instances, losses);
  }

  /** Keeps in mind that environment n pays for what it sees. */
  keep(n: number): void {
    const { examples, charged, size } = this;
    for (let i = n * size; i < (n + 1) * size; i++) charged[i] = examples[i];
  }
}

/** Examples of a minibatch; 0 where there are none. */
export function batchSizeOf(noise: GradientNoise): number {
  return typeof noise === "object" && "minibatch" in noise ? noise.minibatch.batchSize : 0;
}

/** Whether the loss of the minibatch is charged. */
export function isCharged(noise: GradientNoise): boolean {
  return typeof noise === "object" && "minibatch" in noise && noise.minibatch.charged === true;
}
