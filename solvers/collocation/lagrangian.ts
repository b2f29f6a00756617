import { type ControlField, driftAt } from "../hjb/control-field.js";

/** A geometry that varies with θ in other ways than an affine drift. */
export interface Geometry {
  /** N(θ), flat, shape [d, d]. */
  effortAt(at: Float64Array): Float64Array;
  /** f(θ), shape [d]. */
  driftAt(at: Float64Array): Float64Array;
}

/** Derivatives at many points of the running cost ℓ(x, v) = ½wᵀN(x)w + kL̃(x), w = v − f(x). */
export interface LagrangianBatch {
  /** ℓ_x and ℓ_v, shape [count, d] each. */
  readonly byPosition: Float64Array;
  readonly byVelocity: Float64Array;
  /** ℓ_xx, ℓ_vx (row v, column x) and ℓ_vv, shape [count, d, d] each. */
  readonly positions: Float64Array;
  readonly mixed: Float64Array;
  readonly velocities: Float64Array;
}

export interface Lagrangian {
  readonly dimension: number;
  readonly discountRate: number;
  /** ℓ alone. */
  values(points: Float64Array, velocities: Float64Array): Float64Array;
  derivatives(points: Float64Array, velocities: Float64Array): LagrangianBatch;
}

/**
 * Positions are displacements from `origin`, so that short paths keep their digits. The derivatives of a given
 * geometry are central differences.
 */
export function lagrangianOf(
  field: ControlField,
  leastCost: number,
  origin: Float64Array,
  geometry?: Geometry,
): Lagrangian {
  const { dimension: d, drift } = field;
  const metricAt = geometry?.effortAt ?? (() => field.effort);
  const pushAt = (point: Float64Array, velocity: Float64Array) => {
    if (field.isDriftless && !geometry) return velocity;
    const f = geometry ? geometry.driftAt(point) : driftAt(field, point);
    return velocity.map((v, i) => v - f[i]);
  };
  const energy = (point: Float64Array, velocity: Float64Array) => {
    const w = pushAt(point, velocity);
    return form(metricAt(point), w, w) / 2;
  };
  const placed = (displacements: Float64Array) => displacements.map((value, i) => value + origin[i % d]);
  const valuesAt = (points: Float64Array, velocities: Float64Array) => {
    const losses = field.losses(points, points.length / d);
    return losses.map((loss, n) => {
      const [point, velocity] = [row(points, n, d), row(velocities, n, d)];
      return loss - leastCost + energy(point, velocity);
    });
  };
  return {
    dimension: d,
    discountRate: field.discountRate,
    values: (displacements, velocities) => valuesAt(placed(displacements), velocities),
    derivatives(displacements, velocities) {
      const points = placed(displacements);
      const count = points.length / d;
      const byPosition = field.gradients(points, count);
      const positions = field.hessians(points, count);
      const byVelocity = new Float64Array(count * d);
      const mixed = new Float64Array(count * d * d);
      const square = new Float64Array(count * d * d);
      for (let n = 0; n < count; n++) {
        const point = row(points, n, d);
        const velocity = row(velocities, n, d);
        const w = pushAt(point, velocity);
        const metric = metricAt(point);
        const pushed = multiply(metric, w);
        byVelocity.set(pushed, n * d);
        square.set(metric, n * d * d);
        if (geometry) addBend(geometry, energy, point, velocity, n, byPosition, mixed, positions);
        else if (!field.isDriftless) addDrift(drift, metric, pushed, n, byPosition, mixed, positions);
      }
      return { byPosition, byVelocity, positions, mixed, velocities: square };
    },
  };
}

/** ℓ_x −= AᵀNw, ℓ_vx −= NA, ℓ_xx += AᵀNA. */
function addDrift(
  drift: Float64Array,
  metric: Float64Array,
  pushed: Float64Array,
  n: number,
  byPosition: Float64Array,
  mixed: Float64Array,
  positions: Float64Array,
): void {
  const d = pushed.length;
  const metricDrift = product(metric, drift, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const at = (n * d + i) * d + j;
      byPosition[n * d + i] -= drift[j * d + i] * pushed[j];
      mixed[at] -= metricDrift[i * d + j];
      for (let k = 0; k < d; k++) positions[at] += drift[k * d + i] * metricDrift[k * d + j];
    }
  }
}

/** ½wᵀ∂ᵢNw − ∂ᵢfᵀNw to ℓ_x, ∂ⱼNw − N∂ⱼf to ℓ_vx, and the second differences of ½wᵀNw to ℓ_xx. */
function addBend(
  { effortAt, driftAt }: Geometry,
  energy: (point: Float64Array, velocity: Float64Array) => number,
  point: Float64Array,
  velocity: Float64Array,
  n: number,
  byPosition: Float64Array,
  mixed: Float64Array,
  positions: Float64Array,
): void {
  const d = point.length;
  const size = Math.max(1, ...point.map(Math.abs));
  const [step, wide] = [Math.cbrt(Number.EPSILON) * size, Number.EPSILON ** 0.25 * size];
  const shifted = (i: number, by: number, j = 0, also = 0) => {
    const at = point.slice();
    at[i] += by;
    at[j] += also;
    return at;
  };
  const change = (of: (at: Float64Array) => Float64Array, i: number) => {
    const [above, below] = [of(shifted(i, step)), of(shifted(i, -step))];
    return above.map((value, k) => (value - below[k]) / (2 * step));
  };
  const [f, metric] = [driftAt(point), effortAt(point)];
  const w = velocity.map((v, i) => v - f[i]);
  const pushed = multiply(metric, w);
  for (let i = 0; i < d; i++) {
    const [ownDrift, ownMetric] = [change(driftAt, i), change(effortAt, i)];
    const [turned, moved] = [multiply(ownMetric, w), multiply(metric, ownDrift)];
    byPosition[n * d + i] += inner(turned, w) / 2 - inner(ownDrift, pushed);
    for (let k = 0; k < d; k++) mixed[(n * d + k) * d + i] += turned[k] - moved[k];
    for (let j = 0; j <= i; j++) {
      const corner = (a: number, b: number) => energy(shifted(i, a * wide, j, b * wide), velocity);
      const bend = (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * wide * wide);
      positions[(n * d + i) * d + j] += bend;
      if (j < i) positions[(n * d + j) * d + i] += bend;
    }
  }
}

function row(values: Float64Array, n: number, d: number): Float64Array {
  return values.subarray(n * d, (n + 1) * d);
}

function multiply(matrix: Float64Array, x: Float64Array): Float64Array {
  const d = x.length;
  return x.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += matrix[i * d + j] * x[j];
    return sum;
  });
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  return a.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += a[Math.floor(at / d) * d + k] * b[k * d + (at % d)];
    return sum;
  });
}

function inner(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

function form(matrix: Float64Array, x: Float64Array, y: Float64Array): number {
  const d = x.length;
  let sum = 0;
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) sum += x[i] * matrix[i * d + j] * y[j];
  return sum;
}
