import { deriveKey, fillIntegers, fillNormals, type RandomKey, streams } from "../core/random.js";
import type { Landscape } from "../landscapes/landscape.js";
import type { GradientNoise, NavigationProblem } from "../problem/problem.js";
import type { Batch } from "./batch.js";

/** The gradient that is observed: exact, with noise, or of a minibatch. */
export class Slopes {
  /** ∇L without noise, `[count, dimension]`; `current` says whether it is that of the present. */
  readonly exact: Float64Array;
  current = false;

  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly noise: GradientNoise;
  private readonly scale: number;
  private readonly noisy: Float64Array;
  private readonly examples: Int32Array;
  private firstIndex = 0;
  private noiseKey!: RandomKey;
  private minibatchKey!: RandomKey;

  constructor({ observation }: NavigationProblem, landscape: Landscape, batch: Batch) {
    const size = batch.count * batch.dimension;
    const noise = noiseOf({ observation });
    this.landscape = landscape;
    this.batch = batch;
    this.noise = noise;
    this.scale = scaleOf(noise);
    this.exact = new Float64Array(size);
    this.noisy = new Float64Array(noise === 0 ? 0 : size);
    this.examples = new Int32Array(batch.count * batchSizeOf(noise));
  }

  seed(root: RandomKey, firstIndex: number): void {
    this.firstIndex = firstIndex;
    this.noiseKey = deriveKey(root, streams.noise);
    this.minibatchKey = deriveKey(root, streams.minibatch);
  }

  /** `[count, dimension]`. */
  observe(clock: number): Float64Array {
    if (this.examples.length > 0) return this.ofMinibatch(clock);
    const { landscape, batch, exact } = this;
    if (!this.current) {
      batch.displace();
      landscape.evaluate(batch.displacements, batch.instances, batch.count, null, exact);
    }
    return this.scale === 0 ? exact : this.addNoise(clock);
  }

  private addNoise(clock: number): Float64Array {
    const { landscape, batch, exact, noisy, noise, scale } = this;
    fillNormals(this.noiseKey, this.firstIndex * batch.dimension, clock, noisy.length, noisy);
    if (typeof noise === "object") landscape.shapeFisherNoise?.(batch.instances, batch.count, noisy);
    for (let i = 0; i < noisy.length; i++) noisy[i] = exact[i] + scale * noisy[i];
    return noisy;
  }

  private ofMinibatch(clock: number): Float64Array {
    const { landscape, batch, examples, noisy } = this;
    const batchSize = examples.length / batch.count;
    const { displacements, instances, count } = batch;
    const first = this.firstIndex * batchSize;
    for (let n = 0; n < count; n++) {
      const from = n * batchSize;
      const shown = examplesShown(landscape, instances, n);
      fillIntegers(this.minibatchKey, first + from, clock, shown, batchSize, examples, from);
    }
    batch.displace();
    landscape.minibatchGradient?.(displacements, examples, batchSize, count, noisy, instances);
    return noisy;
  }
}

/** The noise of the gradient that is observed, or whose signs are. */
export function noiseOf({ observation }: Pick<NavigationProblem, "observation">): GradientNoise {
  return observation.kind === "gradient" || observation.kind === "sign" ? observation.noise : 0;
}

/** What multiplies a normal number, after its shape where it has one. */
export function scaleOf(noise: GradientNoise): number {
  if (typeof noise === "number") return noise;
  return "fisher" in noise ? 1 / Math.sqrt(noise.fisher.batchSize) : 0;
}

/** Examples of which minibatches of environment n are drawn. */
function examplesShown(landscape: Landscape, instances: Float64Array, n: number): number {
  const { exampleCount, instanceSize } = landscape;
  return landscape.exampleCountOf?.(instances, n * instanceSize) ?? (exampleCount as number);
}

/** Examples of a minibatch; 0 where there are none. */
export function batchSizeOf(noise: GradientNoise): number {
  return typeof noise === "object" && "minibatch" in noise ? noise.minibatch.batchSize : 0;
}
