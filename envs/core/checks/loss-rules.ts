import { type Rule, require, requireSame, skip } from "./report.js";
import {
  differencesAlong,
  gradientsAt,
  lossesAt,
  type Minimum,
  requireMostlySmooth,
  type Samples,
} from "./samples.js";

/** Losses and gradients. */
export const lossRules: readonly Rule<Samples>[] = [
  {
    rule: "losses and gradients are finite",
    hold(samples) {
      for (const [name, values] of [
        ["loss", lossesAt(samples, samples.points)],
        ["gradient", gradientsAt(samples, samples.points)],
      ] as const) {
        const wrong = values.findIndex((value) => !Number.isFinite(value));
        require(wrong <
          0, `${name}[${wrong}] is ${values[wrong]}`, "avoid overflow, or give points where it is defined");
      }
    },
  },
  {
    rule: "losses and gradients are the same together and apart",
    hold(samples) {
      const { landscape, points, instances, count } = samples;
      const [losses, gradients] = [new Float64Array(count), new Float64Array(points.length)];
      landscape.evaluate(points, instances, count, losses, gradients);
      const fix = "null for either must not change the other";
      requireSame("losses", losses, lossesAt(samples, points), fix);
      requireSame("gradients", gradients, gradientsAt(samples, points), fix);
    },
  },
  {
    rule: "evaluation is a function, and leaves its arguments alone",
    hold(samples) {
      const { points, instances, directions } = samples;
      const before = [points.slice(), instances.slice(), directions[0].slice()];
      const first = gradientsAt(samples, points);
      samples.landscape.hessianVector(points, instances, samples.count, directions[0], first.slice());
      requireSame("the arguments", [points, instances, directions[0]], before, "write to the outputs only");
      requireSame(
        "the second evaluation",
        gradientsAt(samples, points),
        first,
        "keep no state between calls",
      );
    },
  },
  {
    rule: "each row is evaluated by itself",
    hold(samples) {
      const { landscape, points, instances, count } = samples;
      const { dimension, instanceSize } = landscape;
      const [losses, gradients] = [lossesAt(samples, points), gradientsAt(samples, points)];
      for (let n = 0; n < count; n++) {
        const [loss, gradient] = [new Float64Array(1), new Float64Array(dimension)];
        landscape.evaluate(
          points.slice(n * dimension, (n + 1) * dimension),
          instances.slice(n * instanceSize, (n + 1) * instanceSize),
          1,
          loss,
          gradient,
        );
        const fix = "row n must depend on row n of the points and instances alone";
        requireSame(`the loss of row ${n}`, losses[n], loss[0], fix);
        requireSame(
          `the gradient of row ${n}`,
          gradients.slice(n * dimension, (n + 1) * dimension),
          gradient,
          fix,
        );
      }
    },
  },
  {
    rule: "the gradient is the derivative of the loss",
    hold(samples) {
      const { landscape, points, count, tolerance } = samples;
      const { dimension } = landscape;
      const gradients = gradientsAt(samples, points);
      const losses = lossesAt(samples, points);
      let rough = 0;
      for (let j = 0; j < dimension; j++) {
        const unit = points.map((_, i) => (i % dimension === j ? 1 : 0));
        const { values: slopes, isRough } = differencesAlong(samples, unit, (at) => lossesAt(samples, at));
        for (let n = 0; n < count; n++) {
          const found = gradients[n * dimension + j];
          const scale = scaleOf(gradients, n, dimension, losses[n]);
          const error = Math.abs(found - slopes[n]) / scale;
          if (error > tolerance && isRough(n, tolerance * scale)) rough++;
          else
            require(error <=
              tolerance, `∂L/∂θ[${j}] at point ${n} is ${found}, and by differences ${slopes[n]} (relative error ${error.toExponential(1)} > ${tolerance})`, "correct the gradient");
        }
      }
      requireMostlySmooth(rough, points.length);
    },
  },
  {
    rule: "the minima are minima",
    hold(samples) {
      if (samples.minima.length === 0) skip("no minima are declared");
      for (const [i, minimum] of samples.minima.entries()) requireMinimum(samples, minimum, i);
    },
  },
];

/** Size of the gradient at a point; a small part of the loss where that is larger, whose rounding it cannot beat. */
function scaleOf(gradients: Float64Array, n: number, dimension: number, loss: number): number {
  let scale = 1e-3 * Math.max(1, Math.abs(loss));
  for (let i = n * dimension; i < (n + 1) * dimension; i++) scale = Math.max(scale, Math.abs(gradients[i]));
  return scale;
}

/** For every member of the family: no slope, and nothing lower in any sampled direction. */
function requireMinimum(samples: Samples, { point, loss, global = false }: Minimum, i: number): void {
  const { count, directions, landscape } = samples;
  const at = Float64Array.from(
    { length: count * landscape.dimension },
    (_, k) => point[k % landscape.dimension],
  );
  const losses = lossesAt(samples, at);
  const scale = Math.max(1, ...losses.map(Math.abs));
  const steepest = Math.max(...gradientsAt(samples, at).map(Math.abs));
  const where = `minimum ${i}, [${point.join(", ")}]:`;
  require(steepest <=
    1e-6 * scale, `${where} the gradient is ${steepest}`, "give the point to more digits, or leave it out");
  if (loss !== undefined)
    require(Math.abs(losses[0] - loss) <=
      1e-9 * scale, `${where} the loss is ${losses[0]}, and said to be ${loss}`, "correct the loss");
  const lowest = Math.min(...lossesAt(samples, samples.points));
  require(!global ||
    lowest >=
      losses[0] -
        1e-12 *
          scale, `${where} the loss is ${losses[0]}, and ${lowest} at a sampled point`, "it is not global, or there is a lower one");
  for (const direction of directions) {
    const around = lossesAt(
      samples,
      at.map((x, k) => x + 1e-3 * direction[k]),
    );
    const lower = around.findIndex((loss, n) => loss < losses[n] - 1e-12 * scale);
    require(lower <
      0, `${where} the loss is ${losses[lower]}, and ${around[lower]} close by`, "it is a saddle or a maximum, leave it out");
  }
}
