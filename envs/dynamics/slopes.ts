import { deriveKey, fillNormals, type RandomKey, streams } from "../core/random.js";
import type { Landscape } from "../landscapes/landscape.js";
import type { GradientNoise, NavigationProblem } from "../problem/problem.js";
import type { Batch } from "./batch.js";
import { Minibatches } from "./minibatches.js";

/** The gradient that is observed: exact, with noise, or of a minibatch. */
export class Slopes {
  /** ∇L without noise, `[count, dimension]`. */
  readonly exact: Float64Array;
  /** Whether what is observed, but for noise that is added, and the loss in the batch are those of the present. */
  current = false;
  readonly minibatches: Minibatches;

  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly noise: GradientNoise;
  private readonly scale: number;
  private readonly noisy: Float64Array;
  private firstIndex = 0;
  private noiseKey!: RandomKey;

  constructor({ observation }: NavigationProblem, landscape: Landscape, batch: Batch) {
    const size = batch.count * batch.dimension;
    const noise = noiseOf({ observation });
    this.landscape = landscape;
    this.batch = batch;
    this.noise = noise;
    this.scale = scaleOf(noise);
    this.exact = new Float64Array(size);
    this.noisy = new Float64Array(noise === 0 ? 0 : size);
    this.minibatches = new Minibatches(noise, landscape, batch);
  }

  seed(root: RandomKey, firstIndex: number): void {
    this.firstIndex = firstIndex;
    this.noiseKey = deriveKey(root, streams.noise);
    this.minibatches.seed(root, firstIndex);
  }

  /** The gradients that are evaluated along with losses, `[count, dimension]`. */
  get charged(): Float64Array {
    return this.minibatches.areCharged ? this.noisy : this.exact;
  }

  /** `[count, dimension]`. */
  observe(clock: number): Float64Array {
    if (this.minibatches.size > 0) return this.ofMinibatch(clock);
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
    if (!this.current || !this.minibatches.areCharged) this.sample(clock, null);
    return this.noisy;
  }

  /** The same minibatches, whose losses are charged. */
  charge(clock: number, losses: Float64Array): void {
    const { minibatches, batch } = this;
    this.sample(clock, losses);
    for (let n = 0; n < batch.count; n++) minibatches.keep(n);
  }

  /** Sees the minibatches of a tick of the clock, and their losses. */
  sample(clock: number, losses: Float64Array | null): void {
    const { minibatches, batch, noisy } = this;
    for (let n = 0; n < batch.count; n++) minibatches.draw(n, clock);
    batch.displace();
    minibatches.evaluate(noisy, losses);
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
