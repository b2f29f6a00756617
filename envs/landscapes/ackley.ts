import type { Landscape } from "./landscape.js";
import { minimumAt, pointwise } from "./pointwise.js";

/**
 * L = −20·exp(−r/5) − exp(c) + 20 + e, with r = √(Σxᵢ²/d) and c = Σcos(2πxᵢ)/d. The first term has a cone at 0:
 * its gradient and its curvature count as 0 there.
 */
export function ackley(dimension: number): Landscape {
  const wave = 2 * Math.PI;
  const radius = (points: Float64Array, first: number) => {
    let squares = 0;
    for (let i = first; i < first + dimension; i++) squares += points[i] * points[i];
    return Math.sqrt(squares / dimension);
  };
  const waves = (points: Float64Array, first: number) => {
    let cosines = 0;
    for (let i = first; i < first + dimension; i++) cosines += Math.cos(wave * points[i]);
    return Math.exp(cosines / dimension);
  };
  return pointwise({
    kind: "ackley",
    dimension,
    minima: [minimumAt(0, dimension, 0)],
    bounds: [-32.768, 32.768],
    evaluateAt(points, first, losses, n, gradients) {
      const r = radius(points, first);
      const bowl = Math.exp(-0.2 * r);
      const dents = waves(points, first);
      if (gradients) {
        const along = r > 0 ? (4 * bowl) / (dimension * r) : 0;
        const across = (wave * dents) / dimension;
        for (let i = first; i < first + dimension; i++)
          gradients[i] = along * points[i] + across * Math.sin(wave * points[i]);
      }
      losses[n] = 20 * (1 - bowl) + (Math.E - dents);
    },
    multiplyAt(points, first, vectors, products) {
      const r = radius(points, first);
      const bowl = Math.exp(-0.2 * r);
      const dents = waves(points, first);
      const along = r > 0 ? (4 * bowl) / (dimension * r) : 0;
      const across = (wave * dents) / dimension;
      // The movement of r and of c along the vector, and with them of the two factors above.
      let radial = 0;
      let sines = 0;
      for (let i = first; i < first + dimension; i++) {
        radial += points[i] * vectors[i];
        sines -= Math.sin(wave * points[i]) * vectors[i];
      }
      const movedRadius = r > 0 ? radial / (dimension * r) : 0;
      const movedAlong = r > 0 ? -along * (0.2 + 1 / r) * movedRadius : 0;
      const movedAcross = across * ((wave * sines) / dimension);
      for (let i = first; i < first + dimension; i++) {
        const phase = wave * points[i];
        products[i] =
          (along + across * wave * Math.cos(phase)) * vectors[i] +
          movedAlong * points[i] +
          movedAcross * Math.sin(phase);
      }
    },
  });
}
