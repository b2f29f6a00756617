import { deriveKey, normalAt, rootKey, streams } from "../core/random.js";
import type { LandscapeSpec } from "../problem/problem.js";
import { landscapeDimension } from "./dimension.js";
import { networkStart } from "./network-sizes.js";

/** Where a landscape is started from that has nothing to say at the origin, all coordinates alike. */
const away: Partial<Record<LandscapeSpec["kind"], number>> = {
  ackley: 2.5,
  griewank: 5,
  levy: -4,
  "random-quadratic": 1,
  rastrigin: 2.2,
};

/**
 * θ at the start unless a problem says otherwise: the origin, except where that is a minimum or a saddle, or where
 * the literature has another.
 */
export function defaultStart(spec: LandscapeSpec): number[] {
  const dimension = landscapeDimension(spec);
  const each = (value: (j: number) => number) => Array.from({ length: dimension }, (_, j) => value(j));
  switch (spec.kind) {
    case "network":
      return networkStart(spec);
    case "stream":
      return defaultStart(spec.base);
    case "rosenbrock":
      return each((j) => (j % 2 === 0 ? -1.2 : 1));
    case "beale":
      return [1, 1];
    case "saddle":
      return each((j) => (j === dimension - 1 ? 0.01 : 1));
    case "matrix-factorisation": {
      const key = deriveKey(rootKey(0), streams.weights);
      return each((j) => 0.1 * normalAt(key, j, 0));
    }
    default: {
      const value = away[spec.kind] ?? 0;
      return each(() => value);
    }
  }
}
