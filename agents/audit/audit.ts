import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import type { PolicyModel } from "../policies/model.js";
import { mean, standardDeviation } from "../probes/statistics.js";
import { bpttTrainer } from "../trainers/bptt.js";
import type { GradientTrainer } from "../trainers/descent.js";
import { esTrainer } from "../trainers/es.js";
import { pesTrainer } from "../trainers/pes.js";
import type { TerminalSpec } from "../trainers/terminal-cost.js";

export interface AuditOptions {
  readonly problem: NavigationProblem;
  readonly model: PolicyModel;
  /** Where the gradient is estimated. */
  readonly parameters: Float64Array;
  /** ∂J/∂weights there. */
  readonly truth: Float64Array;
  /** Its standard error, where it is itself an estimate. */
  readonly truthError?: Float64Array;
  /** Steps T of an episode. */
  readonly steps: number;
  /** Steps K between two updates of persistent and truncated evolution strategies; divides T. */
  readonly unroll: number;
  readonly terminal: TerminalSpec;
  readonly sigma: number;
  /** Members of a population, an even number. */
  readonly members: number;
  /** Environment steps of one estimate, the same for all: a multiple of T·members. */
  readonly stepsPerEstimate: number;
  /** Estimates of each; a multiple of T/K. */
  readonly estimates: number;
  readonly seed: Seed;
  readonly evaluator: Evaluator;
}

/** What one estimator makes of the gradient. */
export interface EstimatorAudit {
  readonly estimator: "bptt" | "es" | "es, ranks" | "pes" | "truncated es";
  /** ĝ·g/‖g‖² − 1 of the mean estimate, and its standard error; null where the scale means nothing. */
  readonly bias: { readonly relative: number; readonly error: number } | null;
  /** The largest deviation of a component of the mean from the truth, in its standard errors; null as above. */
  readonly largestDeviation: number | null;
  /** tr Cov(ĝ)/‖g‖² of one estimate; null as above. */
  readonly relativeVariance: number | null;
  /** ‖E ĝ‖ over the root of tr Cov(ĝ): how much one estimate tells. */
  readonly signalToNoise: number;
  /** Cosine of the angle between the mean estimate and the truth. */
  readonly cosine: number;
}

/**
 * Holds every estimator of the gradient against the truth, at the same weights and as many environment steps an
 * estimate. A reverse pass counts as its forward steps. Estimates of persistent strategies depend on each other, so
 * errors come from blocks of T/K, in which each part of an episode is seen once.
 *
 * @throws Error when the numbers do not divide
 */
export async function auditEstimators(options: AuditOptions): Promise<EstimatorAudit[]> {
  const { problem, model, steps, unroll, terminal, sigma, members, stepsPerEstimate, seed } = options;
  const block = steps / unroll;
  requireMultiple("steps", steps, unroll);
  requireMultiple("stepsPerEstimate", stepsPerEstimate, steps * members);
  requireMultiple("estimates", options.estimates, block);
  const common = { seed, steps, terminal, iterations: options.estimates + block };
  const search = { ...common, sigma, members, tasks: stepsPerEstimate / (steps * members) };
  const partial = { ...search, unroll, tasks: stepsPerEstimate / (unroll * members) };
  const plain = { ...search, shaping: "none" } as const;
  const trainers = [
    ["bptt", bpttTrainer(problem, model, { ...common, tasks: stepsPerEstimate / steps })],
    ["es", esTrainer(problem, model, plain)],
    ["es, ranks", esTrainer(problem, model, search)],
    ["pes", pesTrainer(problem, model, partial)],
    ["truncated es", pesTrainer(problem, model, { ...partial, persistent: false })],
  ] as const;
  const audits: EstimatorAudit[] = [];
  for (const [estimator, trainer] of trainers) {
    const gradients = await estimatesOf(trainer, block, options);
    audits.push({ estimator, ...judge(gradients, block, options, estimator !== "es, ranks") });
  }
  return audits;
}

function requireMultiple(name: string, value: number, of: number): void {
  if (!(value > 0 && Number.isInteger(value / of)))
    throw new Error(`audit: ${name} must be a multiple of ${of}, got ${value}`);
}

/** After a first block, in which persistent strategies have episodes that began without perturbations. */
async function estimatesOf(
  trainer: GradientTrainer,
  block: number,
  { parameters, estimates, evaluator }: AuditOptions,
): Promise<Float64Array[]> {
  const estimator = trainer.estimator();
  const { signal } = new AbortController();
  const gradients: Float64Array[] = [];
  for (let i = 0; i < block + estimates; i++) {
    const { gradient } = await estimator.estimate(evaluator, i, parameters, signal);
    if (i >= block) gradients.push(gradient.slice());
  }
  return gradients;
}

function judge(
  gradients: readonly Float64Array[],
  block: number,
  { truth, truthError }: AuditOptions,
  scaled: boolean,
): Omit<EstimatorAudit, "estimator"> {
  const components = Array.from(truth, (_, j) => gradients.map((gradient) => gradient[j]));
  const means = components.map(mean);
  const length = norm(truth);
  const variance = components.reduce((sum, values) => sum + standardDeviation(values) ** 2, 0);
  const along = gradients.map((gradient) => dot(gradient, truth) / length ** 2);
  const truthAlong = truthError ? norm(truthError.map((error, j) => (error * truth[j]) / length ** 2)) : 0;
  const deviations = components.map((values, j) => {
    const error = Math.hypot(blockError(values, block), truthError?.[j] ?? 0);
    return Math.abs(means[j] - truth[j]) / error;
  });
  return {
    bias: scaled
      ? { relative: mean(along) - 1, error: Math.hypot(blockError(along, block), truthAlong) }
      : null,
    largestDeviation: scaled ? Math.max(...deviations) : null,
    relativeVariance: scaled ? variance / length ** 2 : null,
    signalToNoise: norm(means) / Math.sqrt(variance),
    cosine: dot(means, truth) / (norm(means) * length),
  };
}

/** Standard error of the mean of values that depend on each other only within blocks. */
function blockError(values: readonly number[], block: number): number {
  const blocks = Array.from({ length: values.length / block }, (_, i) =>
    mean(values.slice(i * block, (i + 1) * block)),
  );
  return standardDeviation(blocks) / Math.sqrt(blocks.length);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values));
}
