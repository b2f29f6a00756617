import type { GradientTransform } from "../../solvers/index.js";
import { nelderMead } from "../../solvers/rules/nelder-mead.js";
import { type Candidate, fromCoordinate, type Hyperparameters, toCoordinate } from "./candidate.js";
import { PER_SCALE, type Recording } from "./probe.js";

/** A textbook rule with the hyperparameters that come nearest to a policy. */
export interface Fit {
  readonly name: string;
  readonly hyperparameters: Hyperparameters;
  /** R² on episodes that the fit has not seen, every size of gradient weighing the same. */
  readonly goodness: number;
  /** 1 − R². */
  readonly unexplained: number;
  /** How far `unexplained` is settled: by rounding, or by a few signs that the fitted half leaves open. */
  readonly resolution: number;
  /** How many numbers were fitted. */
  readonly complexity: number;
}

/** One half of what a policy did, prepared for least squares. */
export interface Half {
  readonly recording: Recording;
  /** 1/‖Δθ‖ over all episodes with gradients of one size, for each number of a step. */
  readonly weights: Float64Array;
  readonly target: Float64Array;
  /** ‖target‖². */
  readonly total: number;
  /** Sizes of gradients that the policy does not answer at all: no rule explains them. */
  readonly silent: number;
}

export function prepare(recording: Recording): Half {
  const perScale = PER_SCALE * recording.dimension;
  const squares = new Float64Array(recording.increments[0].length / perScale);
  for (const step of recording.increments)
    for (let i = 0; i < step.length; i++) squares[Math.floor(i / perScale)] += step[i] * step[i];
  const weights = recording.increments[0].map((_, i) => {
    const square = squares[Math.floor(i / perScale)];
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  const target = weighted(recording.increments, weights);
  const silent = squares.filter((square) => square === 0).length;
  return { recording, weights, target, total: inner(target, target), silent };
}

function weighted(steps: readonly Float64Array[], weights: Float64Array): Float64Array {
  const all = new Float64Array(steps.length * weights.length);
  for (const [t, step] of steps.entries())
    for (let i = 0; i < step.length; i++) all[t * step.length + i] = step[i] * weights[i];
  return all;
}

const ROUNDING = 1e-10;
/** A wrong sign leaves 4 of the squares of all n, which are 1 each, unexplained. */
const OPEN_SIGNS = 8;

/** Fits on one half, and judges on the other; undefined where no descent of this form comes near. */
export function fit(candidate: Candidate, fitted: Half, heldOut: Half): Fit | undefined {
  const { name, axes, second, fixed } = candidate;
  const valuesAt = (at: readonly number[]) =>
    Object.fromEntries(axes.map((axis, i) => [axis.name, fromCoordinate(axis, at[i])]));
  const solveAt = (at: readonly number[]) => {
    const columns = candidate.columns(valuesAt(at)).map((column) => run(column, fitted));
    const coefficients = project(columns, fitted.target);
    return { coefficients, value: misfit(columns, coefficients, fitted) };
  };
  const at = search(candidate, (point) =>
    candidate.argument
      ? wrongPart(run(candidate.argument(valuesAt(point)), fitted), fitted)
      : solveAt(point).value,
  );
  const { coefficients } = solveAt(at);
  // A rule that climbs, or pushes away, is not in the books.
  if (!coefficients.every((c) => c < 0)) return undefined;
  const values = valuesAt(at);
  const columns = candidate.columns(values).map((column) => run(column, heldOut));
  const unexplained = misfit(columns, coefficients, heldOut);
  const [rate, other] = coefficients;
  return {
    name,
    hyperparameters: { learningRate: -rate, ...values, ...(second && { [second]: other / rate }), ...fixed },
    goodness: 1 - unexplained,
    unexplained,
    resolution: candidate.argument ? OPEN_SIGNS * (4 / heldOut.target.length) : ROUNDING,
    complexity: axes.length + coefficients.length,
  };
}

function search({ axes }: Candidate, f: (at: readonly number[]) => number): readonly number[] {
  if (axes.length === 0) return [];
  const grid = axes.reduce<number[][]>(
    (points, axis) =>
      points.flatMap((point) => axis.grid.map((value) => [...point, toCoordinate(axis, value)])),
    [[]],
  );
  const starts = grid.map((at) => ({ at, value: f(at) }));
  let best = starts.reduce((least, each) => (each.value < least.value ? each : least));
  // A simplex can collapse before it arrives: a new one sets out from there as long as that pays.
  for (let before = Infinity; best.value > ROUNDING && best.value < before / 2; ) {
    before = best.value;
    best = nelderMead(f, best.at, { edge: 0.5, evaluations: 60 * axes.length });
  }
  return best.at;
}

/** The part of |argument|, the same for every lane, where its sign is not the opposite of the action's. */
function wrongPart(argument: Float64Array, { target, weights }: Half): number {
  const lanes = weights.length;
  let sum = 0;
  for (let lane = 0; lane < lanes; lane++) {
    let [wrong, all] = [0, 0];
    for (let i = lane; i < argument.length; i += lanes) {
      const size = Math.abs(argument[i]);
      all += size;
      if (argument[i] * target[i] > 0) wrong += size;
    }
    sum += wrong / all;
  }
  return sum / lanes;
}

/** What a transform makes of the gradients, weighted. */
function run(transform: GradientTransform, { recording, weights }: Half): Float64Array {
  const { episodes, dimension, gradients, parameters } = recording;
  const updates = new Float64Array(weights.length);
  const column = new Float64Array(gradients.length * weights.length);
  let state = transform.init(episodes, dimension);
  for (const [t, gradient] of gradients.entries()) {
    updates.set(gradient);
    state = transform.update(updates, state, parameters[t]);
    for (let i = 0; i < updates.length; i++) column[t * updates.length + i] = updates[i] * weights[i];
  }
  return column;
}

/** Least squares on one or two columns, by the normal equations. */
function project([first, second]: readonly Float64Array[], target: Float64Array): number[] {
  const square = inner(first, first);
  const along = inner(first, target);
  if (!second) return [along / square];
  const overlap = inner(first, second) / square;
  const other = (inner(second, target) - overlap * along) / (inner(second, second) - overlap ** 2 * square);
  return [along / square - overlap * other, other];
}

function misfit(
  [first, second]: readonly Float64Array[],
  [a, b]: readonly number[],
  { target, total, silent }: Half,
): number {
  let sum = 0;
  for (let i = 0; i < target.length; i++) {
    const left = target[i] - a * first[i] - (second ? b * second[i] : 0);
    sum += left * left;
  }
  const ratio = (sum + silent) / (total + silent);
  return Number.isFinite(ratio) ? ratio : Infinity;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
