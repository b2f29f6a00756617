import type { KnownMinimum, Landscape } from "./landscape.js";
import { separable } from "./pointwise.js";

/** The two minima of one coordinate's share: roots of 2x³ − 16x + 5/2. */
const valleys = [-2.903534027771177, 2.746802770990837];
const lossAt = (x: number) => 0.5 * (x * x * (x * x - 16) + 5 * x);
/** Beyond so many coordinates only the global one of the 2^d minima is listed. */
const LISTED = 4;

/** L = ½Σ xᵢ⁴ − 16xᵢ² + 5xᵢ. */
export function styblinskiTang(dimension: number): Landscape {
  return separable(
    { kind: "styblinski-tang", dimension, minima: minimaOf(dimension), bounds: [-5, 5] },
    (points, i, _j, share) => {
      const x = points[i];
      share[0] = lossAt(x);
      share[1] = 2 * x * (x * x - 8) + 2.5;
      share[2] = 6 * x * x - 16;
    },
  );
}

function minimaOf(dimension: number): KnownMinimum[] {
  const count = dimension <= LISTED ? 2 ** dimension : 1;
  return Array.from({ length: count }, (_, choice) => {
    const parameters = Array.from({ length: dimension }, (_, j) => valleys[(choice >> j) & 1]);
    const loss = parameters.reduce((total, x) => total + lossAt(x), 0);
    return { parameters, loss, global: choice === 0 };
  });
}
