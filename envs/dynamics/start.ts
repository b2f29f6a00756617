import type { Landscape } from "../landscapes/landscape.js";
import { ProblemError } from "../problem/messages.js";
import type { Batch } from "./batch.js";

/** Losses and gradients where episodes begin. A landscape that is not finite there is bad input, not divergence. */
export class StartEvaluation {
  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly gradients: Float64Array;
  private readonly point: Float64Array;
  private readonly instance: Float64Array;
  private readonly loss = new Float64Array(1);
  private readonly slope: Float64Array;

  /** @param gradients where the exact gradients go, `[count, dimension]` */
  constructor(landscape: Landscape, batch: Batch, gradients: Float64Array) {
    this.landscape = landscape;
    this.batch = batch;
    this.gradients = gradients;
    this.point = new Float64Array(batch.dimension);
    this.instance = new Float64Array(landscape.instanceSize);
    this.slope = new Float64Array(batch.dimension);
  }

  evaluateAll(): void {
    const { landscape, batch, gradients } = this;
    batch.displace();
    landscape.evaluate(batch.displacements, batch.instances, batch.count, batch.losses, gradients);
    for (let n = 0; n < batch.count; n++) this.check(n);
  }

  /** Of environment n alone, in arrays of its own: views would have to be allocated. */
  evaluate(n: number): void {
    const { landscape, batch, gradients, point, instance, loss, slope } = this;
    const { dimension, parameters, minima, instances } = batch;
    const first = n * dimension;
    for (let j = 0; j < dimension; j++) point[j] = parameters[first + j] - minima[first + j];
    for (let j = 0; j < instance.length; j++) instance[j] = instances[n * instance.length + j];
    landscape.evaluate(point, instance, 1, loss, slope);
    batch.losses[n] = loss[0];
    for (let j = 0; j < dimension; j++) gradients[first + j] = slope[j];
    this.check(n);
  }

  private check(n: number): void {
    const { dimension, losses } = this.batch;
    if (!Number.isFinite(losses[n])) this.refuse("loss", losses[n], n);
    for (let i = n * dimension; i < (n + 1) * dimension; i++) {
      if (!Number.isFinite(this.gradients[i])) this.refuse("gradient", this.gradients[i], n);
    }
  }

  private refuse(part: string, value: number, n: number): never {
    const { parameters, dimension } = this.batch;
    const at = parameters.subarray(n * dimension, (n + 1) * dimension).join(", ");
    throw new ProblemError(`landscape.${part}: must be finite at the start, got ${value} at [${at}]`);
  }
}
