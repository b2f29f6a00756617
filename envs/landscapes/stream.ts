import type { Landscape } from "./landscape.js";
import type { StreamSpec } from "./specs.js";
import { streamTasks } from "./stream-tasks.js";

/** A table whose task changes within an episode. An instance is the number of the task. */
export function stream(spec: StreamSpec): Landscape {
  const { change, kind } = spec;
  const tasks = streamTasks(spec);
  const { dimension } = tasks.landscapeOf(0);
  const exampleCount = spec.base.labels?.length ?? 0;
  const none = new Float64Array(0);
  const point = new Float64Array(dimension);
  const vector = new Float64Array(dimension);
  const result = new Float64Array(dimension);
  const loss = new Float64Array(1);
  let chosen = new Int32Array(0);

  const load = (rows: Float64Array, n: number, out: Float64Array) => {
    for (let j = 0; j < dimension; j++) out[j] = rows[n * dimension + j];
  };
  const changes = (uniform: (i: number) => number, step: number) =>
    "period" in change ? step % change.period === 0 : uniform(0) < change.hazard;

  return {
    kind,
    dimension,
    instanceSize: 1,
    gradientSource: "exact",
    exampleCount,
    sampleInstance(uniform, instances, offset) {
      instances[offset] = Math.floor(uniform(0) * tasks.count);
    },
    advanceInstance(uniform, step, instances, offset) {
      if (changes(uniform, step)) instances[offset] = (instances[offset] + 1) % tasks.count;
    },
    evaluate(points, instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        load(points, n, point);
        tasks.landscapeOf(instances[n] | 0).evaluate(point, none, 1, loss, gradients && result);
        if (losses) losses[n] = loss[0];
        if (gradients) gradients.set(result, n * dimension);
      }
    },
    hessianVector(points, instances, count, vectors, products) {
      for (let n = 0; n < count; n++) {
        load(points, n, point);
        load(vectors, n, vector);
        tasks.landscapeOf(instances[n] | 0).hessianVector(point, none, 1, vector, result);
        products.set(result, n * dimension);
      }
    },
    exampleCountOf(instances, offset) {
      return tasks.landscapeOf(instances[offset] | 0).exampleCount as number;
    },
    hasMinibatchLoss: true,
    minibatchGradient(points, examples, batchSize, count, gradients, instances, losses) {
      if (!instances) throw new Error("minibatchGradient: a stream needs its instances, got none");
      // Views would have to be allocated.
      if (chosen.length !== batchSize) chosen = new Int32Array(batchSize);
      for (let n = 0; n < count; n++) {
        for (let b = 0; b < batchSize; b++) chosen[b] = examples[n * batchSize + b];
        load(points, n, point);
        const task = tasks.landscapeOf(instances[n] | 0);
        task.minibatchGradient?.(point, chosen, batchSize, 1, result, none, loss);
        if (losses) losses[n] = loss[0];
        gradients.set(result, n * dimension);
      }
    },
  };
}
