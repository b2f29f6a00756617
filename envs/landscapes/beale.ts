import type { Landscape } from "./landscape.js";
import { pointwise } from "./pointwise.js";

const targets = [1.5, 2.25, 2.625];

/** L = Σₖ (cₖ − x + xyᵏ)², k = 1, 2, 3. */
export function beale(): Landscape {
  return pointwise({
    kind: "beale",
    dimension: 2,
    minima: [{ parameters: [3, 0.5], loss: 0, global: true }],
    bounds: [-4.5, 4.5],
    evaluateAt(points, first, losses, n, gradients) {
      const x = points[first];
      const y = points[first + 1];
      let loss = 0;
      let alongX = 0;
      let alongY = 0;
      for (let k = 1; k <= 3; k++) {
        const power = y ** k;
        const residual = targets[k - 1] - x + x * power;
        loss += residual * residual;
        alongX += 2 * residual * (power - 1);
        alongY += 2 * residual * x * k * y ** (k - 1);
      }
      if (gradients) {
        gradients[first] = alongX;
        gradients[first + 1] = alongY;
      }
      losses[n] = loss;
    },
    multiplyAt(points, first, vectors, products) {
      const x = points[first];
      const y = points[first + 1];
      let xx = 0;
      let xy = 0;
      let yy = 0;
      for (let k = 1; k <= 3; k++) {
        const power = y ** k;
        const slope = k * y ** (k - 1);
        const bend = k === 1 ? 0 : k * (k - 1) * y ** (k - 2);
        const residual = targets[k - 1] - x + x * power;
        xx += 2 * (power - 1) ** 2;
        xy += 2 * (x * slope * (power - 1) + residual * slope);
        yy += 2 * ((x * slope) ** 2 + residual * x * bend);
      }
      products[first] = xx * vectors[first] + xy * vectors[first + 1];
      products[first + 1] = xy * vectors[first] + yy * vectors[first + 1];
    },
  });
}
