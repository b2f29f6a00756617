import type { NavigationProblem } from "../../envs/problem/problem.js";
import { survivalOf } from "../../envs/problem/tasks.js";
import type { Belief, BeliefState } from "./belief.js";
import { type Evidence, evidenceOf, unwhitenInto, whitenInto } from "./evidence.js";

/** Runs of weight below this are forgotten. */
const NEGLIGIBLE = 1e-12;

/** Each environment holds the runs that it still believes in, oldest first. */
export interface RunLengthState extends BeliefState {
  /** Runs per environment that the arrays have room for. */
  capacity: number;
  /** Runs held, shape [n]. */
  readonly counts: Int32Array;
  /** Step at which each run began, shape [n, capacity]. */
  starts: Int32Array;
  /** Posterior weight of each run, shape [n, capacity]; the first `counts[e]` of a row sum to 1. */
  weights: Float64Array;
  /** Whitened posterior mean of each run, shape [n, capacity, k]. */
  means: Float64Array;
  /** Total weight that pruning has dropped so far, shape [n]. */
  readonly lostMass: Float64Array;
  /** Log-likelihoods of one environment's runs, shape [capacity]. */
  logs: Float64Array;
  /** Whitened looks and mixture means, shape [n, k]. */
  readonly looks: Float64Array;
  readonly mixtures: Float64Array;
}

export interface RunLengthBelief extends Belief<RunLengthState> {
  readonly evidence: Evidence;
}

/** What a run of each length looks like, the same for every environment: gains and innovation precisions [length, k]. */
interface RunTable {
  length: number;
  gains: Float64Array;
  precisions: Float64Array;
  /** −½ log det of the innovation covariance, shape [length]. */
  logNorms: Float64Array;
}

/**
 * The exact belief about a minimum that is redrawn with a hazard: a mixture over how many looks the present
 * task has had (Adams and MacKay, "Bayesian online changepoint detection", arXiv:0710.3742). The coordinates
 * change together, so the run length is shared by them. Runs of weight < 1e-12 are dropped; `lostMass` counts them.
 *
 * @throws Error when the task is not redrawn, the landscape is not a known quadratic, or the gradient is exact or late
 */
export function runLength(problem: NavigationProblem): RunLengthBelief {
  if (problem.task.kind !== "redrawn")
    throw new Error(`task.kind: must be "redrawn" for run lengths, got "${problem.task.kind}"`);
  const evidence = evidenceOf(problem);
  const survival = survivalOf(problem);
  const table: RunTable = {
    length: 0,
    gains: new Float64Array(0),
    precisions: new Float64Array(0),
    logNorms: new Float64Array(0),
  };
  return {
    evidence,
    init: (batch) => initialState(evidence, batch),
    update: (gradients, parameters, state) => {
      whitenInto(evidence, gradients, parameters, state.batch, state.looks);
      extendTable(table, evidence.priorVariance, state.step + 1);
      reserve(state, evidence.seen);
      for (let e = 0; e < state.batch; e++) updateOne(state, e, evidence.seen, table, survival);
      unwhitenInto(evidence, state.mixtures, state.batch, state.posteriorMean);
      state.step++;
      return state;
    },
  };
}

function initialState({ dimension, seen, mean }: Evidence, batch: number): RunLengthState {
  const capacity = 32;
  return {
    batch,
    step: 0,
    posteriorMean: Float64Array.from({ length: batch * dimension }, (_, i) => mean[i % dimension]),
    capacity,
    counts: new Int32Array(batch),
    starts: new Int32Array(batch * capacity),
    weights: new Float64Array(batch * capacity),
    means: new Float64Array(batch * capacity * seen),
    lostMass: new Float64Array(batch),
    logs: new Float64Array(capacity),
    looks: new Float64Array(batch * seen),
    mixtures: new Float64Array(batch * seen),
  };
}

/** After r looks a coordinate has precision 1/λ + r in units of the noise; a zero prior variance stays zero. */
function extendTable(table: RunTable, priorVariance: Float64Array, needed: number): void {
  if (needed <= table.length) return;
  const k = priorVariance.length;
  const length = Math.max(needed, 2 * table.length, 64);
  table.gains = new Float64Array(length * k);
  table.precisions = new Float64Array(length * k);
  table.logNorms = new Float64Array(length);
  for (let r = 0; r < length; r++) {
    for (let j = 0; j < k; j++) {
      const before = priorVariance[j] / (1 + r * priorVariance[j]);
      table.gains[r * k + j] = before / (1 + before);
      table.precisions[r * k + j] = 1 / (1 + before);
      table.logNorms[r] -= Math.log1p(before) / 2;
    }
  }
  table.length = length;
}

/** Makes room for one more run in every environment. */
function reserve(state: RunLengthState, k: number): void {
  const { batch, capacity, counts } = state;
  let most = 0;
  for (let e = 0; e < batch; e++) most = Math.max(most, counts[e]);
  if (most < capacity) return;
  const wider = 2 * capacity;
  state.starts = widen(state.starts, new Int32Array(batch * wider), batch, capacity, wider);
  state.weights = widen(state.weights, new Float64Array(batch * wider), batch, capacity, wider);
  state.means = widen(state.means, new Float64Array(batch * wider * k), batch, capacity * k, wider * k);
  state.logs = new Float64Array(wider);
  state.capacity = wider;
}

function widen<Values extends Int32Array | Float64Array>(
  from: Values,
  to: Values,
  rows: number,
  width: number,
  wider: number,
): Values {
  for (let e = 0; e < rows; e++) to.set(from.subarray(e * width, (e + 1) * width), e * wider);
  return to;
}

function updateOne(state: RunLengthState, e: number, k: number, table: RunTable, survival: number): void {
  openRun(state, e, k, survival);
  weigh(state, e, k, table);
  condense(state, e, k);
}

/** The task may have been redrawn: every run loses 1 − a to a new one that starts at the prior. */
function openRun(
  { step, capacity, counts, starts, weights, means }: RunLengthState,
  e: number,
  k: number,
  survival: number,
): void {
  const row = e * capacity;
  const count = counts[e]++;
  for (let i = row; i < row + count; i++) weights[i] *= survival;
  starts[row + count] = step;
  weights[row + count] = step === 0 ? 1 : 1 - survival;
  means.fill(0, (row + count) * k, (row + count + 1) * k);
}

/** Multiplies each weight by the likelihood of the look, over the largest likelihood, and updates the means. */
function weigh(state: RunLengthState, e: number, k: number, { gains, precisions, logNorms }: RunTable): void {
  const { step, capacity, counts, starts, weights, means, looks, logs } = state;
  const row = e * capacity;
  const count = counts[e];
  let best = -Infinity;
  for (let i = 0; i < count; i++) {
    const r = step - starts[row + i];
    const first = (row + i) * k;
    let log = logNorms[r];
    for (let j = 0; j < k; j++) {
      const surprise = looks[e * k + j] - means[first + j];
      log -= 0.5 * precisions[r * k + j] * surprise * surprise;
      means[first + j] += gains[r * k + j] * surprise;
    }
    logs[i] = log;
    if (log > best) best = log;
  }
  for (let i = 0; i < count; i++) weights[row + i] *= Math.exp(logs[i] - best);
}

/** Drops negligible runs, normalises, and writes the mixture's mean. */
function condense(
  { capacity, counts, starts, weights, means, lostMass, mixtures }: RunLengthState,
  e: number,
  k: number,
): void {
  const row = e * capacity;
  const end = row + counts[e];
  let total = 0;
  for (let i = row; i < end; i++) total += weights[i];
  let kept = row;
  let held = 0;
  for (let i = row; i < end; i++) {
    if (weights[i] < NEGLIGIBLE * total) continue;
    held += weights[i];
    weights[kept] = weights[i];
    starts[kept] = starts[i];
    if (kept !== i) for (let j = 0; j < k; j++) means[kept * k + j] = means[i * k + j];
    kept++;
  }
  counts[e] = kept - row;
  lostMass[e] += Math.max(0, 1 - held / total);
  mixtures.fill(0, e * k, (e + 1) * k);
  for (let i = row; i < kept; i++) {
    weights[i] /= held;
    for (let j = 0; j < k; j++) mixtures[e * k + j] += weights[i] * means[i * k + j];
  }
}
