import type { Landscape } from "./landscape.js";
import { separable } from "./pointwise.js";
import type { SaddleSpec } from "./specs.js";

/** L = ½Σxᵢ² − ½·escape·y² + ¼y⁴, y the last coordinate. Bounded below, so that leaving the saddle ends somewhere. */
export function saddle({ kind, dimension, escape: descent }: SaddleSpec): Landscape {
  const last = dimension - 1;
  const minima = [1, -1].map((sign) => ({
    parameters: [...new Array<number>(last).fill(0), sign * Math.sqrt(descent)],
    loss: -(descent * descent) / 4,
    global: true,
  }));
  return separable(
    { kind, dimension, minima, bounds: [-2 * Math.sqrt(descent), 2 * Math.sqrt(descent)] },
    (points, i, j, share) => {
      const x = points[i];
      share[0] = j === last ? x * x * (0.25 * x * x - 0.5 * descent) : 0.5 * x * x;
      share[1] = j === last ? x * (x * x - descent) : x;
      share[2] = j === last ? 3 * x * x - descent : 1;
    },
  );
}
