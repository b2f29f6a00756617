import type { Lagrangian, LagrangianBatch } from "./lagrangian.js";
import { GAUSS, hermite, type Path } from "./path.js";

/** Derivatives of each element's cost in [θₐ, θ̇ₐ, θ_b, θ̇_b], discounted to its own beginning; flat. */
export interface Elements {
  /** Shape [elements, 4d]. */
  readonly gradients: Float64Array;
  /** Shape [elements, 4d, 4d]. */
  readonly hessians: Float64Array;
  /** What a unit added to ℓ_xx adds to the Hessian, per coordinate, shape [elements, 4, 4]. */
  readonly masses: Float64Array;
  /** Largest entry of ℓ_xx. */
  readonly curvature: number;
}

/** θ and θ̇ at the Gauss points of all elements, shape [elements, 5, d]. */
export function gatherPoints(path: Path, d: number): { points: Float64Array; velocities: Float64Array } {
  const elements = path.times.length - 1;
  const points = new Float64Array(elements * GAUSS.length * d);
  const velocities = new Float64Array(elements * GAUSS.length * d);
  for (let n = 0, out = 0; n < elements; n++) {
    for (const { at } of GAUSS) {
      const { shape, slope } = hermite(at, path.times[n + 1] - path.times[n]);
      for (let i = n * d; i < (n + 1) * d; i++, out++) {
        const [a, b] = [path.points[i], path.points[i + d]];
        const [u, v] = [path.velocities[i], path.velocities[i + d]];
        points[out] = shape[0] * a + shape[1] * u + shape[2] * b + shape[3] * v;
        velocities[out] = slope[0] * a + slope[1] * u + slope[2] * b + slope[3] * v;
      }
    }
  }
  return { points, velocities };
}

export function elementsOf(lagrangian: Lagrangian, path: Path): Elements {
  const { dimension: d, discountRate } = lagrangian;
  const { points, velocities } = gatherPoints(path, d);
  const batch = lagrangian.derivatives(points, velocities);
  const count = path.times.length - 1;
  const elements = {
    gradients: new Float64Array(count * 4 * d),
    hessians: new Float64Array(count * 16 * d * d),
    masses: new Float64Array(count * 16),
    curvature: batch.positions.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
  };
  for (let n = 0; n < count; n++) {
    const length = path.times[n + 1] - path.times[n];
    for (let q = 0; q < GAUSS.length; q++) {
      const { at, share } = GAUSS[q];
      const weight = share * length * Math.exp(-discountRate * at * length);
      const { shape, slope } = hermite(at, length);
      accumulate(batch, n * GAUSS.length + q, d, weight, shape, slope, elements, n);
    }
  }
  return elements;
}

function accumulate(
  { byPosition, byVelocity, positions, mixed, velocities }: LagrangianBatch,
  at: number,
  d: number,
  weight: number,
  shape: readonly number[],
  slope: readonly number[],
  { gradients, hessians, masses }: Elements,
  n: number,
): void {
  for (let a = 0; a < 4; a++) {
    for (let i = 0; i < d; i++) {
      gradients[(n * 4 + a) * d + i] +=
        weight * (shape[a] * byPosition[at * d + i] + slope[a] * byVelocity[at * d + i]);
    }
    for (let b = 0; b < 4; b++) {
      masses[(n * 4 + a) * 4 + b] += weight * shape[a] * shape[b];
      for (let i = 0; i < d; i++) {
        const row = ((n * 4 + a) * d + i) * 4 * d + b * d;
        for (let j = 0; j < d; j++) {
          const own = (at * d + i) * d + j;
          const other = (at * d + j) * d + i;
          hessians[row + j] +=
            weight *
            (shape[a] * shape[b] * positions[own] +
              slope[a] * slope[b] * velocities[own] +
              slope[a] * shape[b] * mixed[own] +
              shape[a] * slope[b] * mixed[other]);
        }
      }
    }
  }
}
