import type { Landscape } from "../landscapes/landscape.js";
import { ProblemError } from "../problem/messages.js";
import type { Batch } from "./batch.js";
import type { Slopes } from "./slopes.js";

/** Losses and gradients where episodes begin. A landscape that is not finite there is bad input, not divergence. */
export class StartEvaluation {
  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly slopes: Slopes;
  private readonly point: Float64Array;
  private readonly instance: Float64Array;
  private readonly loss = new Float64Array(1);
  private readonly slope: Float64Array;
  private readonly examples: Int32Array;

  /** @param slopes where the gradients go */
  constructor(landscape: Landscape, batch: Batch, slopes: Slopes) {
    this.landscape = landscape;
    this.batch = batch;
    this.slopes = slopes;
    this.point = new Float64Array(batch.dimension);
    this.instance = new Float64Array(landscape.instanceSize);
    this.slope = new Float64Array(batch.dimension);
    this.examples = new Int32Array(slopes.minibatches.size);
  }

  evaluateAll(clock: number): void {
    const { landscape, batch, slopes } = this;
    if (slopes.minibatches.areCharged) slopes.charge(clock, batch.losses);
    else {
      batch.displace();
      landscape.evaluate(batch.displacements, batch.instances, batch.count, batch.losses, slopes.exact);
    }
    for (let n = 0; n < batch.count; n++) this.check(n);
  }

  /** Of environment n alone, in arrays of its own: views would have to be allocated. */
  evaluate(n: number, clock: number): void {
    const { landscape, batch, slopes, point, instance, loss, slope } = this;
    const { dimension, parameters, minima, instances } = batch;
    const first = n * dimension;
    for (let j = 0; j < dimension; j++) point[j] = parameters[first + j] - minima[first + j];
    for (let j = 0; j < instance.length; j++) instance[j] = instances[n * instance.length + j];
    if (slopes.minibatches.areCharged) this.chargeMinibatch(n, clock);
    else landscape.evaluate(point, instance, 1, loss, slope);
    batch.losses[n] = loss[0];
    for (let j = 0; j < dimension; j++) slopes.charged[first + j] = slope[j];
    this.check(n);
  }

  private chargeMinibatch(n: number, clock: number): void {
    const { landscape, slopes, examples, point, instance, loss, slope } = this;
    const { minibatches } = slopes;
    const { size } = minibatches;
    minibatches.draw(n, clock);
    minibatches.keep(n);
    for (let i = 0; i < size; i++) examples[i] = minibatches.examples[n * size + i];
    landscape.minibatchGradient?.(point, examples, size, 1, slope, instance, loss);
  }

  private check(n: number): void {
    const { dimension, losses } = this.batch;
    const { charged } = this.slopes;
    if (!Number.isFinite(losses[n])) this.refuse("loss", losses[n], n);
    for (let i = n * dimension; i < (n + 1) * dimension; i++) {
      if (!Number.isFinite(charged[i])) this.refuse("gradient", charged[i], n);
    }
  }

  private refuse(part: string, value: number, n: number): never {
    const { parameters, dimension } = this.batch;
    const at = parameters.subarray(n * dimension, (n + 1) * dimension).join(", ");
    throw new ProblemError(`landscape.${part}: must be finite at the start, got ${value} at [${at}]`);
  }
}
