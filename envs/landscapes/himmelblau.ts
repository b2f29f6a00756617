import type { Landscape } from "./landscape.js";
import { pointwise } from "./pointwise.js";

/** The four minima, all with L = 0. The first is exact, the others rounded to the nearest number. */
const minima = [
  [3, 2],
  [-2.805118086952745, 3.131312518250573],
  [-3.779310253377747, -3.2831859912861696],
  [3.5844283403304917, -1.8481265269644036],
].map((parameters) => ({ parameters, loss: 0, global: true }));

/** L = (x² + y − 11)² + (x + y² − 7)². */
export function himmelblau(): Landscape {
  return pointwise({
    kind: "himmelblau",
    dimension: 2,
    minima,
    bounds: [-5, 5],
    evaluateAt(points, first, losses, n, gradients) {
      const x = points[first];
      const y = points[first + 1];
      const a = x * x + y - 11;
      const b = x + y * y - 7;
      if (gradients) {
        gradients[first] = 4 * a * x + 2 * b;
        gradients[first + 1] = 2 * a + 4 * b * y;
      }
      losses[n] = a * a + b * b;
    },
    multiplyAt(points, first, vectors, products) {
      const x = points[first];
      const y = points[first + 1];
      const v = vectors[first];
      const w = vectors[first + 1];
      products[first] = (12 * x * x + 4 * y - 42) * v + 4 * (x + y) * w;
      products[first + 1] = 4 * (x + y) * v + (12 * y * y + 4 * x - 26) * w;
    },
  });
}
