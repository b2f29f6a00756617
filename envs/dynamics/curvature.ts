import type { Landscape } from "../landscapes/landscape.js";
import type { Batch } from "./batch.js";

/** The diagonal of the Hessian, and the Hessian times the last update. Each `[count, dimension]`. */
export class Curvature {
  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly units: Float64Array;
  private readonly products: Float64Array;
  private readonly entries: Float64Array;

  constructor(landscape: Landscape, batch: Batch) {
    const size = batch.count * batch.dimension;
    this.landscape = landscape;
    this.batch = batch;
    this.units = new Float64Array(size);
    this.products = new Float64Array(size);
    this.entries = new Float64Array(size);
  }

  /** One product with each unit vector: d evaluations. */
  diagonal(): Float64Array {
    const { units, products, entries } = this;
    const { dimension } = this.batch;
    this.batch.displace();
    for (let j = 0; j < dimension; j++) {
      units.fill(0);
      for (let i = j; i < units.length; i += dimension) units[i] = 1;
      this.multiply(units);
      for (let i = j; i < units.length; i += dimension) entries[i] = products[i];
    }
    return entries;
  }

  alongUpdate(): Float64Array {
    this.batch.displace();
    this.multiply(this.batch.updates);
    return this.products;
  }

  private multiply(vectors: Float64Array): void {
    const { displacements, instances, count } = this.batch;
    this.landscape.hessianVector(displacements, instances, count, vectors, this.products);
  }
}
