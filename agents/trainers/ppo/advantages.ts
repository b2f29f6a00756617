/** What an estimate of advantages is made from: T steps of N environments, row-major `[steps, environments]`. */
export interface Decisions {
  readonly steps: number;
  readonly environments: number;
  readonly rewards: Float64Array;
  /** V where each decision was taken. */
  readonly values: Float64Array;
  /** V where it led to: at the end of an episode that of its last observation. */
  readonly nextValues: Float64Array;
  /** 1 where the problem ended: nothing follows, whatever `nextValues` says. */
  readonly terminated: Uint8Array;
  /** 1 where an episode ended or was cut short: what comes next is not its consequence. */
  readonly ended: Uint8Array;
}

/**
 * Generalised advantage estimation (Schulman et al., arXiv:1506.02438):
 *
 *     δ_t = r_t + ρ·V(o_{t+1}) − V(o_t),   A_t = δ_t + ρλ·A_{t+1},
 *
 * with V(o_{t+1}) = 0 after a termination, and no A_{t+1} after the end of an episode of either kind.
 *
 * @param discount ρ, per step
 * @param lambda λ in [0, 1]: 0 trusts V entirely, 1 not at all before the end
 */
export function advantages(
  { steps, environments, rewards, values, nextValues, terminated, ended }: Decisions,
  discount: number,
  lambda: number,
  out: Float64Array,
): void {
  for (let n = 0; n < environments; n++) {
    let later = 0;
    for (let t = steps - 1; t >= 0; t--) {
      const i = t * environments + n;
      const next = terminated[i] === 1 ? 0 : nextValues[i];
      const surprise = rewards[i] + discount * next - values[i];
      later = surprise + (ended[i] === 1 ? 0 : discount * lambda * later);
      out[i] = later;
    }
  }
}

/** Multiplies each value by 1 + relative²/Σ s², s the scales of its action, `[values, actionSize]`. */
export function weighBySize(scales: Float64Array, relative: number, values: Float64Array): void {
  if (relative === 0) return;
  const size = scales.length / values.length;
  for (let i = 0; i < values.length; i++) {
    let squares = 0;
    for (let j = i * size; j < (i + 1) * size; j++) squares += scales[j] ** 2;
    values[i] *= 1 + relative ** 2 / squares;
  }
}

/** Of so many values one is the largest. */
const RARE = 2000;

/**
 * Brings the largest in `RARE` of the values that are marked, of either sign, down to the size of the next: an episode that runs
 * away costs powers of ten more than others, and would make nothing of what they tell. Fewer values are left as they are.
 */
export function winsoriseWhere(marked: Uint8Array, values: Float64Array): void {
  const sizes = values
    .map(Math.abs)
    .filter((_, i) => marked[i] === 1)
    .sort();
  if (sizes.length < RARE) return;
  const most = sizes[Math.floor((1 - 1 / RARE) * (sizes.length - 1))];
  for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i], -most), most);
}

/** Makes mean 0 and variance 1 of the values that are marked. */
export function standardiseWhere(marked: Uint8Array, values: Float64Array): void {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (marked[i] === 0) continue;
    count++;
    sum += values[i];
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (marked[i] === 1) squares += (values[i] - mean) ** 2;
  const deviation = Math.sqrt(squares / count) + 1e-8;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) / deviation;
}
