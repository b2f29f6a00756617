import { Matrix } from "ml-matrix";
import { delayOf, type NavigationProblem } from "../envs/problem/problem.js";
import { survivalOf } from "../envs/problem/tasks.js";
import { promptly } from "./beliefs/delayed.js";
import { kalman } from "./beliefs/kalman.js";
import { revealedMinimum } from "./beliefs/revealed.js";
import { toMatrix } from "./dense.js";
import { discountedSum } from "./discounted-sum.js";
import { operatorsOf } from "./linear-quadratic.js";
import { isCued, tellsMinimum } from "./modelled.js";
import { discreteTaskLaw } from "./task-law.js";

/** Relative change of a price from one step to the next below which it is taken to change no more. */
const SETTLED = 1e-15;

/**
 * What an exact belief costs beyond being told, Σρᵗ·½tr(ΛK_μP_tK_μᵀ): acting on μ̂ instead of μ errs by K_μ(μ̂ − μ), and
 * Λ = R̃ + B̃ᵀMB̃ is the curvature of the cost in the action. P_t, the expected covariance at step t, does not depend on
 * the data. l steps after the last look at it, it is Σ₀ − a²ˡ(Σ₀ − P), or Σ₀ − aˡ(Σ₀ − P) where a cue tells of changes.
 *
 * @throws Error when the problem has no belief of this kind: see `kalman`
 */
export function estimationCost(problem: NavigationProblem): number {
  if (tellsMinimum(problem)) return 0;
  const { actionCost } = operatorsOf(problem);
  const { discountRate, timeStep } = problem.objective;
  const rate = discountRate * timeStep;
  const taskGain = toMatrix(discreteTaskLaw(problem).taskGain);
  const price = taskGain.transpose().mmul(actionCost).mmul(taskGain);
  const prior = price.mmul(toMatrix(problem.task.covariance ?? [])).trace();
  const kept = survivalOf(problem) ** (isCued(problem) ? 1 : 2);
  const delay = delayOf(problem, "gradient");
  if (problem.task.kind === "static")
    return discountedSum(priceOfLasting(promptly(problem), price, delay), rate) / 2;
  if (prior === 0) return 0;
  if (rate === 0) return Infinity;
  const look = priceOfLooks(promptly(problem), price);
  const [discount, lost] = [Math.exp(-rate), -Math.expm1(-rate)];
  let [total, last] = [0, prior];
  for (let t = 0, weight = 1; weight > 1e-15 * lost; t++, weight *= discount) {
    const before = last;
    if (t === 0 || t > delay) last = look();
    const share = kept ** Math.min(t, delay);
    const cost = (share * last + (1 - share) * prior) / 2;
    if (t > delay + 1 && Math.abs(last - before) <= SETTLED * last) return total + (weight * cost) / lost;
    total += weight * cost;
  }
  return total;
}

/** tr(price·P_t) after a look at the minimum at step t, for one t after the other. */
function priceOfLooks(problem: NavigationProblem, price: Matrix): () => number {
  if (isExact(problem)) return priceOfRest(problem, price);
  if (!isCued(problem)) return priceOfFilter(problem, price);
  const { mean, covariance } = problem.task;
  const run = priceOfFilter({ ...problem, task: { kind: "static", mean, covariance } }, price);
  return averageOverRuns(run, survivalOf(problem));
}

function isExact({ observation }: NavigationProblem): boolean {
  return observation.kind === "gradient" && observation.noise === 0;
}

/** What an exact look leaves open. */
function priceOfRest(problem: NavigationProblem, price: Matrix): () => number {
  const [left, prior] = [revealedMinimum(problem).covariance, toMatrix(problem.task.covariance ?? [])].map(
    (covariance) => price.mmul(covariance).trace(),
  );
  // Where the look tells all of a singular prior, rounding leaves a little, which a long horizon would add up.
  const rest = left > 1e-14 * prior ? left : 0;
  return () => rest;
}

/** What r looks at one task cost, averaged over r: a run of t looks has weight a^t, a shorter one (1 − a)a^r. */
function averageOverRuns(run: () => number, survival: number): () => number {
  let [ended, alive] = [0, 1];
  return () => {
    const own = run();
    const average = ended + alive * own;
    ended += (1 - survival) * alive * own;
    alive *= survival;
    return average;
  };
}

function priceOfFilter(problem: NavigationProblem, price: Matrix): () => number {
  const { prices, never, look } = filterOf(problem, price);
  return () => {
    const variances = look();
    return prices.reduce((sum, value, j) => sum + value * variances[j], never);
  };
}

/** tr(price·P_t) = Σⱼ pricesⱼ·varianceⱼ + never, with the variances in the coordinates of the filter after each look. */
function filterOf(problem: NavigationProblem, price: Matrix) {
  const belief = kalman(problem);
  const { dimension, seen, isDiagonal, unwhiten, unseen } = belief.evidence;
  const back = isDiagonal
    ? Matrix.diag(Array.from(unwhiten))
    : Matrix.from1DArray(dimension, seen, Array.from(unwhiten));
  const [gradients, parameters] = [new Float64Array(seen), new Float64Array(dimension)];
  let state = belief.init(1);
  return {
    prices: back.transpose().mmul(price).mmul(back).diagonal(),
    never: price.mmul(unseen).trace(),
    look: () => {
      state = belief.update(gradients, parameters, state);
      return Array.from(state.variance);
    },
  };
}

/** tr(price·P_t) of a task that lasts, at step t: each look adds as much to the precisions. */
function priceOfLasting(problem: NavigationProblem, price: Matrix, delay: number): (step: number) => number {
  if (isExact(problem)) return priceOfRest(problem, price);
  const { prices, never, look } = filterOf(problem, price);
  const [once, twice] = [look(), look()].map((variances) => variances.map((variance) => 1 / variance));
  return (step) => {
    const more = Math.max(0, step - delay);
    return prices.reduce(
      (sum, value, j) => sum + (once[j] === Infinity ? 0 : value / (once[j] + more * (twice[j] - once[j]))),
      never,
    );
  };
}
