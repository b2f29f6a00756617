/** A path of cubic Hermite elements: displacements from the start and θ̇ at nodes in time, shape [nodes, d] each. */
export interface Path {
  readonly times: Float64Array;
  readonly points: Float64Array;
  readonly velocities: Float64Array;
}

/** Gauss-Legendre on [0, 1], five points: exact to degree 9. */
const OFFSETS = [0, Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3];
const SHARES = [128 / 225, (322 + 13 * Math.sqrt(70)) / 900, (322 - 13 * Math.sqrt(70)) / 900];
export const GAUSS = [-2, -1, 0, 1, 2].map((i) => ({
  at: (1 + Math.sign(i) * OFFSETS[Math.abs(i)]) / 2,
  share: SHARES[Math.abs(i)] / 2,
}));

/** How θ, θ̇ at the ends [θₐ, θ̇ₐ, θ_b, θ̇_b] make θ (`shape`) and θ̇ (`slope`) at a share τ of an element. */
export function hermite(tau: number, length: number): { readonly shape: number[]; readonly slope: number[] } {
  const rest = 1 - tau;
  const bow = 6 * tau * rest;
  return {
    shape: [
      (1 + 2 * tau) * rest * rest,
      length * tau * rest * rest,
      tau * tau * (3 - 2 * tau),
      -length * tau * tau * rest,
    ],
    slope: [-bow / length, rest * (1 - 3 * tau), bow / length, tau * (3 * tau - 2)],
  };
}

/** θ and θ̇ at a share τ of element n. */
function within(
  path: Path,
  n: number,
  tau: number,
  d: number,
): { point: Float64Array; velocity: Float64Array } {
  const { shape, slope } = hermite(tau, path.times[n + 1] - path.times[n]);
  const blend = (by: number[], i: number) =>
    by[0] * path.points[n * d + i] +
    by[1] * path.velocities[n * d + i] +
    by[2] * path.points[(n + 1) * d + i] +
    by[3] * path.velocities[(n + 1) * d + i];
  const along = (by: number[]) => Float64Array.from({ length: d }, (_, i) => blend(by, i));
  return { point: along(shape), velocity: along(slope) };
}

/** The same path with every element halved. */
export function halved(path: Path, d: number): Path {
  const elements = path.times.length - 1;
  const [points, velocities] = [
    new Float64Array((2 * elements + 1) * d),
    new Float64Array((2 * elements + 1) * d),
  ];
  const times = new Float64Array(2 * elements + 1);
  for (let n = 0; n <= elements; n++) {
    times[2 * n] = path.times[n];
    points.set(path.points.subarray(n * d, (n + 1) * d), 2 * n * d);
    velocities.set(path.velocities.subarray(n * d, (n + 1) * d), 2 * n * d);
    if (n === elements) continue;
    const { point, velocity } = within(path, n, 0.5, d);
    times[2 * n + 1] = (path.times[n] + path.times[n + 1]) / 2;
    points.set(point, (2 * n + 1) * d);
    velocities.set(velocity, (2 * n + 1) * d);
  }
  return { times, points, velocities };
}
