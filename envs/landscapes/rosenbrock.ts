import type { Landscape } from "./landscape.js";
import { minimumAt, pointwise } from "./pointwise.js";
import type { RosenbrockSpec } from "./specs.js";

/** L = Σ steepness·(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)². */
export function rosenbrock({ kind, dimension, steepness }: RosenbrockSpec): Landscape {
  return pointwise({
    kind,
    dimension,
    minima: [minimumAt(1, dimension, 0)],
    bounds: [-2, 2],
    evaluateAt(points, first, losses, n, gradients) {
      let loss = 0;
      gradients?.fill(0, first, first + dimension);
      for (let i = first; i < first + dimension - 1; i++) {
        const x = points[i];
        const away = points[i + 1] - x * x;
        loss += steepness * away * away + (1 - x) * (1 - x);
        if (!gradients) continue;
        gradients[i] -= 4 * steepness * x * away + 2 * (1 - x);
        gradients[i + 1] += 2 * steepness * away;
      }
      losses[n] = loss;
    },
    multiplyAt(points, first, vectors, products) {
      products.fill(0, first, first + dimension);
      for (let i = first; i < first + dimension - 1; i++) {
        const x = points[i];
        const mixed = -4 * steepness * x;
        products[i] +=
          (steepness * (12 * x * x - 4 * points[i + 1]) + 2) * vectors[i] + mixed * vectors[i + 1];
        products[i + 1] += mixed * vectors[i] + 2 * steepness * vectors[i + 1];
      }
    },
  });
}
