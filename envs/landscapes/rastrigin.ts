import type { Landscape } from "./landscape.js";
import { minimumAt, separable } from "./pointwise.js";
import type { RastriginSpec } from "./specs.js";

const wave = 2 * Math.PI;

/** L = Σ xᵢ² + amplitude·(1 − cos 2πxᵢ). */
export function rastrigin({ kind, dimension, amplitude }: RastriginSpec): Landscape {
  return separable(
    { kind, dimension, minima: [minimumAt(0, dimension, 0)], bounds: [-5.12, 5.12] },
    (points, i, _j, share) => {
      const x = points[i];
      share[0] = x * x + amplitude * (1 - Math.cos(wave * x));
      share[1] = 2 * x + amplitude * wave * Math.sin(wave * x);
      share[2] = 2 + amplitude * wave * wave * Math.cos(wave * x);
    },
  );
}
