import type { Block, Stage } from "./linear-blocks.js";

/** v ← βv + Cg + w(θ − μ₀), θ ← θ − αv; C is the blocks' preconditioner. */
export interface LinearRule {
  /** α. */
  readonly learningRate: number;
  /** β. Default 0. */
  readonly momentum?: number;
  /** w. Default 0. */
  readonly weight?: number;
}

/**
 * Expected discounted cost of a linear rule in an endless episode, in closed form; Infinity where it does not
 * settle. With x = (θ − μ₀, v, μ − μ₀, 1) the rule makes x' = Fx + Γε a linear system, and the cost of a step is
 * ½(xᵀQx + εᵀRε): J = ½tr(P·E[x₀x₀ᵀ]) + (½tr(RN) + ½ρ·tr(ΓᵀPΓN) + ½ρ·tr(P_μW))/(1 − ρ) with P = Q + ρFᵀPF. Redrawing
 * and drifting have the same second moments, W = (1 − a²)Σ₀, so this is the cost of both.
 */
export function linearRuleCost(blocks: readonly Block[], stage: Stage, rule: LinearRule): number {
  let total = 0;
  for (const block of blocks) total += block.count * blockCost(block, stage, rule);
  return Number.isFinite(total) ? total : Infinity;
}

function blockCost(block: Block, stage: Stage, rule: LinearRule): number {
  const d = block.size;
  const loop = closedLoop(block, stage, rule);
  const { size, task, one } = loop;
  const value = discountedSum(loop.next, loop.cost, size, stage.discount);
  if (!value) return Infinity;
  const at = (i: number, j: number) => value[i * size + j];
  const renewed = (1 - stage.survival ** 2) * stage.discount;
  const reach = congruence(loop.noiseColumns, value, size, d);
  let always = trace(loop.noiseCost, block.noise, d) + stage.discount * trace(reach, block.noise, d);
  let once = one === undefined ? 0 : at(one, one);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const start = block.startCovariance[i * d + j] + block.startMean[i] * block.startMean[j];
      once += at(i, j) * start;
      if (task === undefined) continue;
      once += at(task + i, task + j) * block.taskCovariance[i * d + j];
      always += renewed * at(task + i, task + j) * block.taskCovariance[i * d + j];
    }
    if (one !== undefined) once += 2 * at(i, one) * block.startMean[i];
  }
  return (once + (always === 0 ? 0 : always / (1 - stage.discount))) / 2;
}

interface ClosedLoop {
  readonly size: number;
  /** Where μ − μ₀ and the 1 lie in x, which leaves out what the problem or the rule does without. */
  readonly task: number | undefined;
  readonly one: number | undefined;
  /** F and Q, [size, size]. */
  readonly next: Float64Array;
  readonly cost: Float64Array;
  /** Γ, [size, d], and R, [d, d]. */
  readonly noiseColumns: Float64Array;
  readonly noiseCost: Float64Array;
}

function closedLoop(
  block: Block,
  { mobility, lossWeight, timeStep, survival, hidden }: Stage,
  { learningRate, momentum = 0, weight = 0 }: LinearRule,
): ClosedLoop {
  const { size: d, drift, offset, metric, curvature, preconditioner } = block;
  const remembers = momentum > 0;
  const task = hidden ? (remembers ? 2 : 1) * d : undefined;
  const linear = (remembers ? 2 : 1) * d + (hidden ? d : 0);
  const one = offset.some((value) => value !== 0) ? linear : undefined;
  const size = one === undefined ? linear : linear + 1;
  const pull = multiply(preconditioner, curvature, d, d, d);
  const velocity = new Float64Array(d * size);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      velocity[i * size + j] = pull[i * d + j];
      if (task !== undefined) velocity[i * size + task + j] = -pull[i * d + j];
    }
    velocity[i * size + i] += weight;
    if (remembers) velocity[i * size + d + i] = momentum;
  }
  const moved = velocity.map((value) => -learningRate * value);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) moved[i * size + j] += timeStep * drift[i * d + j];
    moved[i * size + i] += 1;
    if (one !== undefined) moved[i * size + one] += timeStep * offset[i];
  }
  const gap = moved.slice();
  const next = new Float64Array(size * size);
  next.set(moved);
  if (remembers) next.set(velocity, d * size);
  if (task !== undefined) {
    for (let i = 0; i < d; i++) {
      gap[i * size + task + i] -= 1;
      next[(task + i) * (size + 1)] = survival;
    }
  }
  if (one !== undefined) next[size * size - 1] = 1;
  const still = preconditioner.map((value) => -learningRate * value);
  const noiseColumns = new Float64Array(size * d);
  noiseColumns.set(still);
  if (remembers) noiseColumns.set(preconditioner, d * d);
  // u = −αv/Δt is charged uᵀGu/2η per unit time.
  const effort = learningRate ** 2 / (timeStep * mobility);
  const loss = lossWeight * timeStep;
  return {
    size,
    task,
    one,
    next,
    noiseColumns,
    cost: add(congruence(velocity, metric, d, size), effort, congruence(gap, curvature, d, size), loss),
    noiseCost: add(
      congruence(preconditioner, metric, d, d),
      effort,
      congruence(still, curvature, d, d),
      loss,
    ),
  };
}

/** Σ ρᵗ(Fᵗ)ᵀQFᵗ by doubling; null when it does not converge. */
function discountedSum(
  next: Float64Array,
  cost: Float64Array,
  size: number,
  discount: number,
): Float64Array | null {
  const root = Math.sqrt(discount);
  let power: Float64Array = next.map((value) => root * value);
  let sum = cost;
  for (let doubling = 0; doubling < 60; doubling++) {
    const more = congruence(power, sum, size, size);
    let [added, total] = [0, 0];
    for (let i = 0; i < more.length; i++) {
      added = Math.max(added, Math.abs(more[i]));
      total = Math.max(total, Math.abs(sum[i]));
    }
    if (!(added < 1e100)) return null;
    sum = add(sum, 1, more, 1);
    if (added <= 1e-14 * total) return sum;
    power = multiply(power, power, size, size, size);
  }
  return null;
}

function add(a: Float64Array, weightA: number, b: Float64Array, weightB: number): Float64Array {
  return a.map((value, i) => weightA * value + weightB * b[i]);
}

/** A·B of flat [rows, inner] and [inner, columns]. */
function multiply(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const value = a[i * inner + k];
      if (value === 0) continue;
      for (let j = 0; j < columns; j++) out[i * columns + j] += value * b[k * columns + j];
    }
  }
  return out;
}

/** XᵀMX of a flat X [rows, columns]. */
function congruence(x: Float64Array, m: Float64Array, rows: number, columns: number): Float64Array {
  const right = multiply(m, x, rows, rows, columns);
  const out = new Float64Array(columns * columns);
  for (let k = 0; k < rows; k++) {
    for (let i = 0; i < columns; i++) {
      const value = x[k * columns + i];
      if (value === 0) continue;
      for (let j = 0; j < columns; j++) out[i * columns + j] += value * right[k * columns + j];
    }
  }
  return out;
}

/** tr(AB) of symmetric flat [size, size]. */
function trace(a: Float64Array, b: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size * size; i++) sum += a[i] * b[i];
  return sum;
}
