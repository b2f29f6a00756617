import type { Landscape } from "./landscape.js";
import { minimumAt, separable } from "./pointwise.js";

/**
 * L = sin²πw₁ + Σ(wᵢ−1)²(1 + 10·sin²(πwᵢ+1)) + (w_d−1)²(1 + sin²2πw_d), wᵢ = 1 + (xᵢ−1)/4. With u = w − 1, all
 * but the first term are u²(1 + a·sin²p) with p = ωu + φ.
 */
export function levy(dimension: number): Landscape {
  const last = dimension - 1;
  return separable(
    { kind: "levy", dimension, minima: [minimumAt(1, dimension, 0)], bounds: [-10, 10] },
    (points, i, j, share) => {
      const u = (points[i] - 1) / 4;
      const amplitude = j === last ? 1 : 10;
      const frequency = j === last ? 2 * Math.PI : Math.PI;
      const phase = frequency * u + (j === last ? 0 : Math.PI + 1);
      const factor = 1 + amplitude * Math.sin(phase) ** 2;
      const slope = amplitude * frequency * Math.sin(2 * phase);
      const bend = 2 * amplitude * frequency * frequency * Math.cos(2 * phase);
      share[0] = u * u * factor;
      share[1] = (2 * u * factor + u * u * slope) / 4;
      share[2] = (2 * factor + 4 * u * slope + u * u * bend) / 16;
      if (j > 0) return;
      share[0] += Math.sin(Math.PI * u) ** 2;
      share[1] += (Math.PI * Math.sin(2 * Math.PI * u)) / 4;
      share[2] += (2 * Math.PI ** 2 * Math.cos(2 * Math.PI * u)) / 16;
    },
  );
}
