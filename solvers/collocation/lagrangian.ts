import { type ControlField, driftAt } from "../hjb/control-field.js";

/** N(θ), flat, shape [d, d]. */
export type EffortAt = (at: Float64Array) => Float64Array;

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
 * Positions are displacements from `origin`, so that short paths keep their digits. With a metric that depends on
 * θ, and then without drift, its derivatives are central differences of ½wᵀN(θ)w.
 */
export function lagrangianOf(
  field: ControlField,
  leastCost: number,
  origin: Float64Array,
  effortAt?: EffortAt,
): Lagrangian {
  const { dimension: d, drift } = field;
  const metricAt = effortAt ?? (() => field.effort);
  const pushAt = (point: Float64Array, velocity: Float64Array) => {
    if (field.isDriftless) return velocity;
    const f = driftAt(field, point);
    return velocity.map((v, i) => v - f[i]);
  };
  const energy = (point: Float64Array, w: Float64Array) => form(metricAt(point), w, w) / 2;
  const placed = (displacements: Float64Array) => displacements.map((value, i) => value + origin[i % d]);
  const valuesAt = (points: Float64Array, velocities: Float64Array) => {
    const losses = field.losses(points, points.length / d);
    return losses.map((loss, n) => {
      const [point, velocity] = [row(points, n, d), row(velocities, n, d)];
      return loss - leastCost + energy(point, pushAt(point, velocity));
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
        const w = pushAt(point, row(velocities, n, d));
        const metric = metricAt(point);
        const pushed = multiply(metric, w);
        byVelocity.set(pushed, n * d);
        square.set(metric, n * d * d);
        if (!field.isDriftless) addDrift(drift, metric, pushed, n, byPosition, mixed, positions);
        if (effortAt) addBend(effortAt, point, w, n, byPosition, mixed, positions);
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

/** What the change of N(x) adds: ½wᵀ∂ᵢNw, ∂ⱼNw and ½wᵀ∂ᵢ∂ⱼNw. */
function addBend(
  effortAt: EffortAt,
  point: Float64Array,
  w: Float64Array,
  n: number,
  byPosition: Float64Array,
  mixed: Float64Array,
  positions: Float64Array,
): void {
  const d = w.length;
  const size = Math.max(1, ...point.map(Math.abs));
  const [step, wide] = [Math.cbrt(Number.EPSILON) * size, Number.EPSILON ** 0.25 * size];
  const shifted = (moves: readonly (readonly [number, number])[]) => {
    const at = point.slice();
    for (const [i, by] of moves) at[i] += by;
    return effortAt(at);
  };
  const columns = Array.from({ length: d }, (_, j) => {
    const [above, below] = [shifted([[j, step]]), shifted([[j, -step]])];
    return multiply(
      above.map((value, i) => (value - below[i]) / (2 * step)),
      w,
    );
  });
  for (let i = 0; i < d; i++) {
    byPosition[n * d + i] += inner(columns[i], w) / 2;
    for (let j = 0; j < d; j++) {
      const at = (n * d + i) * d + j;
      mixed[at] += columns[j][i];
      const corner = (a: number, b: number) =>
        form(
          shifted([
            [i, a * wide],
            [j, b * wide],
          ]),
          w,
          w,
        );
      positions[at] += (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (8 * wide * wide);
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
