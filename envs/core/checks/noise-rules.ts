import { type Rule, require, skip } from "./report.js";
import { gradientsAt, lossesAt, productsAt, type Samples } from "./samples.js";

/** Noise of single examples. */
export const noiseRules: readonly Rule<Samples>[] = [
  {
    rule: "Fisher noise has the covariance of the Hessian",
    hold(samples) {
      const { landscape, directions } = samples;
      if (!landscape.shapeFisherNoise) skip("the landscape defines no Fisher noise");
      // With S the map from normals to noise, S(Sᵀv) has to be Hv; the rows of Sᵀv are ⟨Seⱼ, v⟩.
      const [v] = directions;
      const expected = productsAt(samples, v);
      const found = applyTwice(samples, v);
      found.forEach((value, i) => {
        require(Math.abs(value - expected[i]) <=
          1e-9 *
            Math.max(
              1,
              Math.abs(expected[i]),
            ), `(SSᵀv)[${i}] is ${value} and (Hv)[${i}] ${expected[i]}`, "shape the noise by a factor of the Hessian");
      });
    },
  },
  {
    rule: "the loss and the gradient are the means of those of the examples",
    hold(samples) {
      const { landscape, points, count } = samples;
      const { exampleCount, minibatchGradient, dimension, instanceSize } = landscape;
      if (!exampleCount || !minibatchGradient) skip("the landscape averages over no examples");
      const expected = gradientsAt(samples, points);
      const mean = new Float64Array(points.length);
      const one = new Float64Array(points.length);
      const [loss, losses] = [new Float64Array(count), new Float64Array(count)];
      const shown = Array.from(
        { length: count },
        (_, n) => landscape.exampleCountOf?.(samples.instances, n * instanceSize) ?? exampleCount,
      );
      for (let example = 0; example < exampleCount; example++) {
        const examples = Int32Array.from(shown, (size) => Math.min(example, size - 1));
        minibatchGradient(points, examples, 1, count, one, samples.instances, loss);
        for (let n = 0; n < count; n++) if (example < shown[n]) losses[n] += loss[n] / shown[n];
        for (let i = 0; i < mean.length; i++) {
          const size = shown[Math.floor(i / dimension)];
          if (example < size) mean[i] += one[i] / size;
        }
      }
      if (landscape.hasMinibatchLoss)
        lossesAt(samples, points).forEach((value, n) => {
          require(Math.abs(losses[n] - value) <=
            samples.rounding *
              Math.max(
                1,
                Math.abs(value),
              ), `the loss at point ${n} is ${value}, and ${losses[n]} over the examples`, "let minibatchGradient average their losses too");
        });
      mean.forEach((value, i) => {
        require(Math.abs(value - expected[i]) <=
          samples.rounding *
            Math.max(
              1,
              Math.abs(expected[i]),
            ), `∂L/∂θ[${i % dimension}] at point ${Math.floor(i / dimension)} is ${expected[i]}, and ${value} over the examples`, "let minibatchGradient average the examples that it is given");
      });
    },
  },
];

function applyTwice({ landscape, instances, count, points }: Samples, vectors: Float64Array): Float64Array {
  const { dimension } = landscape;
  const shape = (normals: Float64Array) => {
    landscape.shapeFisherNoise?.(instances, count, normals);
    return normals;
  };
  const projections = new Float64Array(points.length);
  for (let j = 0; j < dimension; j++) {
    const column = shape(points.map((_, i) => (i % dimension === j ? 1 : 0)));
    for (let i = 0; i < column.length; i++)
      projections[Math.floor(i / dimension) * dimension + j] += column[i] * vectors[i];
  }
  return shape(projections);
}
