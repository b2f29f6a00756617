import type { Observable } from "rxjs";
import {
  deriveKey,
  discountOf,
  type NavigationProblem,
  type RandomKey,
  rootKey,
  type Seed,
  streams,
} from "../../envs/index.js";
import { fastNormals } from "../../envs/kernels/normals.js";
import type { Evaluator, JobResult, Workload } from "../evaluators/evaluator.js";
import { sharedNumbers } from "../evaluators/shared.js";
import { slices } from "../kernels/kernels.js";
import { referenceKernels } from "../kernels/reference.js";
import type { PolicyModel } from "../policies/model.js";
import {
  type DescentOptions,
  descending,
  type Estimate,
  type Estimator,
  type GradientTrainer,
} from "./descent.js";
import { Episodes, type EpisodesState } from "./episodes.js";
import { perturb } from "./es.js";
import type { ParticleState, TrainingEvent } from "./events.js";
import type { DecisionWeights } from "./reverse.js";
import { defaultTerminal, type TerminalSpec } from "./terminal-cost.js";
import { defaultSteps, train } from "./train.js";

export interface PesOptions extends Partial<Omit<DescentOptions, "seed">> {
  readonly seed: Seed;
  /** Steps T of each episode. Default: to the problem's horizon, or 60 where it has none. */
  readonly steps?: number;
  /** Steps K between two updates; it divides T. Default: the divisor of T nearest to T/6. */
  readonly unroll?: number;
  /** Standard deviation σ of the perturbations of the weights. Default 0.02. */
  readonly sigma?: number;
  /** Particles, an even number: each perturbation is tried with both signs. Default 128. */
  readonly members?: number;
  /** Episodes of each particle, the same for both of a pair. Default 256. */
  readonly tasks?: number;
  /** Charged after the last step. Default: "informed-value" where there is one, else "none". */
  readonly terminal?: TerminalSpec;
  /** False forgets earlier perturbations: truncated evolution strategies, whose gradient is biased. Default true. */
  readonly persistent?: boolean;
  /**
   * How decisions at different times count. "discounted": as they do in J. "equal": those of K steps by what follows, discounted
   * from the first of them on, so that late steps are trained where ρᵀ is small. Default "discounted".
   */
  readonly decisions?: DecisionWeights;
}

/**
 * Trains a policy by persistent evolution strategies (Vicol, Metz, Sohl-Dickstein, ICML 2021): an update every K
 * steps of unfinished episodes, without the bias of truncation. Each pair of particles adds up its perturbations εᵢ
 * since its episodes began,
 *
 *     ĝ = (T/K)·(1/2Pσ²) Σᵢ ξᵢ·(Jᵢ⁺ − Jᵢ⁻),   ξᵢ = Σ εᵢ,   P pairs,
 *
 * J the cost of the last K steps. Pairs are in different parts of their episodes, so that every update sees them all. Where
 * decisions count equally, J is discounted to the first of the K steps, and ξ ← ρᴷξ + ε: an earlier perturbation counts for
 * what it costs now as it does from when it began.
 * Defaults: 4500 updates, learning rate 1e-2 with cosine decay, gradient norm clipped at 1.
 */
export function pes(
  problem: NavigationProblem,
  model: PolicyModel,
  options: PesOptions,
): Observable<TrainingEvent> {
  return train(pesTrainer(problem, model, options));
}

/** The same before it runs: its estimator can be looked at by itself. @throws Error when an option is bad */
export function pesTrainer(
  problem: NavigationProblem,
  model: PolicyModel,
  {
    steps = defaultSteps(problem),
    unroll = defaultUnroll(steps),
    sigma = 0.02,
    members = 128,
    tasks = 256,
    terminal = defaultTerminal(problem),
    persistent = true,
    decisions = "discounted",
    iterations = 4500,
    learningRate = 1e-2,
    warmUp = 0,
    clipNorm = 1,
    checkpointEvery = 0,
    ...rest
  }: PesOptions,
): GradientTrainer {
  if (decisions !== "discounted" && decisions !== "equal")
    throw new Error(`pes: decisions must be "discounted" or "equal", got ${JSON.stringify(decisions)}`);
  if (!(members > 0 && members % 2 === 0))
    throw new Error(`pes: members must be even and > 0, got ${members}`);
  if (!(sigma > 0)) throw new Error(`pes: sigma must be > 0, got ${sigma}`);
  if (!(unroll > 0 && Number.isInteger(steps / unroll)))
    throw new Error(`pes: unroll must divide steps (${steps}), got ${unroll}`);
  const plan: Plan = {
    workload: { problem, model, steps, episodes: tasks, terminal, want: "cost" },
    key: deriveKey(rootKey(rest.seed), streams.population),
    seed: rest.seed,
    pairs: members / 2,
    sigma,
    unroll,
    persistent,
    decisions,
    discount: discountOf(problem),
  };
  return descending({
    kind: "pes",
    problem,
    model,
    hyperparameters: { steps, unroll, sigma, members, tasks, terminal, persistent, decisions },
    options: { iterations, learningRate, warmUp, clipNorm, checkpointEvery, ...rest },
    episodesPerIteration: tasks * plan.pairs,
    estimator: (particles) => persistentSearch(plan, particles),
  });
}

/** The divisor of T nearest to T/6. */
function defaultUnroll(steps: number): number {
  const divisors = Array.from({ length: steps }, (_, i) => i + 1).filter((k) => steps % k === 0);
  const distance = (k: number) => Math.abs(k - steps / 6);
  return divisors.reduce((best, k) => (distance(k) < distance(best) ? k : best), 1);
}

interface Plan {
  readonly workload: Workload;
  readonly key: RandomKey;
  readonly seed: Seed;
  readonly pairs: number;
  readonly sigma: number;
  readonly unroll: number;
  readonly persistent: boolean;
  readonly decisions: DecisionWeights;
  /** ρ. */
  readonly discount: number;
}

/** A pair of particles, in memory of its own. */
interface Pair {
  /** Σ of the perturbations since the episodes began, in units of σ. */
  readonly perturbation: Float64Array;
  /** This step's. */
  readonly normals: Float64Array;
  readonly twins: readonly [Twin, Twin];
  /** Episodes begun before this one, and steps done of it. */
  episode: number;
  step: number;
}

interface Twin {
  readonly sign: 1 | -1;
  readonly weights: Float64Array;
  /** Where its episodes stand, and where they will stand: they change places. */
  state: EpisodesState;
  next: EpisodesState;
}

function persistentSearch(plan: Plan, resumed?: readonly ParticleState[]): Estimator {
  const pairs = pairsFor(plan);
  const fill = fastNormals(plan.workload.model.parameterCount);
  let hasBegun = resumed !== undefined;
  for (const [i, particle] of (resumed ?? []).entries()) place(pairs[i], particle);
  return {
    async estimate(evaluator, iteration, centre, signal) {
      if (!hasBegun) await scatter(plan, pairs, evaluator, centre, signal);
      hasBegun = true;
      const moves = await Promise.all(
        pairs.map((pair, i) => {
          fill(plan.key, i * centre.length, iteration, pair.normals);
          return move(plan, evaluator, i, pair, centre, signal);
        }),
      );
      const estimate = combine(plan, pairs, moves, centre.length);
      for (const pair of pairs) advance(plan, pair);
      return estimate;
    },
    save: () => (hasBegun ? pairs.map(particleOf) : undefined),
  };
}

function pairsFor({ workload, pairs }: Plan): readonly Pair[] {
  const { problem, model, steps, episodes: count } = workload;
  const tape = model.instantiate(referenceKernels(), count, 1);
  const { stateLength } = new Episodes(problem, tape, { count, steps });
  const size = model.parameterCount;
  const weights = slices(sharedNumbers(2 * pairs * size), size);
  const states = slices(sharedNumbers(4 * pairs * stateLength), stateLength);
  const twin = (sign: 1 | -1, i: number): Twin => ({
    sign,
    weights: weights[i],
    state: states[2 * i],
    next: states[2 * i + 1],
  });
  return Array.from({ length: pairs }, (_, i) => ({
    perturbation: new Float64Array(size),
    normals: new Float64Array(size),
    twins: [twin(1, 2 * i), twin(-1, 2 * i + 1)],
    episode: 0,
    step: 0,
  }));
}

function place(pair: Pair, { episode, step, perturbation, states }: ParticleState): void {
  pair.episode = episode;
  pair.step = step;
  pair.perturbation.set(perturbation);
  for (const [k, twin] of pair.twins.entries()) if (states) twin.state.set(states[k]);
}

function particleOf({ episode, step, perturbation, twins }: Pair): ParticleState {
  const [plus, minus] = twins.map(({ state }) => Float64Array.from(state));
  return { episode, step, perturbation: perturbation.slice(), states: step === 0 ? null : [plus, minus] };
}

/** Pair i starts K·(i mod T/K) steps into its first episodes, to which the unperturbed weights bring it. */
async function scatter(
  { workload, seed, unroll }: Plan,
  pairs: readonly Pair[],
  evaluator: Evaluator,
  centre: Float64Array,
  signal: AbortSignal,
): Promise<void> {
  const phases = workload.steps / unroll;
  await Promise.all(
    pairs.map(async (pair, i) => {
      const to = unroll * (i % phases);
      if (to === 0) return;
      const [{ weights, state }, other] = pair.twins;
      weights.set(centre);
      const part = { from: 0, to, state: null, after: state };
      const job = { workload, parameters: weights, seed, firstIndex: i * workload.episodes, part };
      await evaluator.evaluate(job, signal);
      other.state.set(state);
      pair.step = to;
    }),
  );
}

/** The next K steps of one pair, perturbed by its normals. Until `advance` it can be done again. */
function move(
  { workload, seed, pairs, sigma, unroll, decisions }: Plan,
  evaluator: Evaluator,
  i: number,
  { episode, step, normals, twins }: Pair,
  centre: Float64Array,
  signal: AbortSignal,
): Promise<JobResult[]> {
  const to = step + unroll;
  const firstIndex = (episode * pairs + i) * workload.episodes;
  return Promise.all(
    twins.map(({ sign, weights, state, next }) => {
      perturb(centre, normals, 0, sign * sigma, weights);
      const part = {
        from: step,
        to,
        state: step === 0 ? null : state,
        after: to === workload.steps ? null : next,
        origin: decisions === "equal" ? step : 0,
      };
      return evaluator.evaluate({ workload, parameters: weights, seed, firstIndex, part }, signal);
    }),
  );
}

function advance({ workload, unroll }: Plan, pair: Pair): void {
  pair.step += unroll;
  for (const twin of pair.twins) [twin.state, twin.next] = [twin.next, twin.state];
  if (pair.step < workload.steps) return;
  pair.step = 0;
  pair.episode++;
  pair.perturbation.fill(0);
}

/** Adds each perturbation to its pair's, and up the gradient, in the order of the pairs, whichever ends first. */
function combine(
  { workload, pairs: count, sigma, unroll, persistent, decisions, discount }: Plan,
  pairs: readonly Pair[],
  moves: readonly (readonly JobResult[])[],
  size: number,
): Estimate {
  const parts = workload.steps / unroll;
  const episodes = count * workload.episodes;
  const isEqual = decisions === "equal";
  const kept = !persistent ? 0 : isEqual ? discount ** unroll : 1;
  const gradient = new Float64Array(size);
  let cost = 0;
  let diverged = 0;
  for (const [i, [plus, minus]] of moves.entries()) {
    const { perturbation, normals, step } = pairs[i];
    const weight = (parts * (plus.cost - minus.cost)) / (2 * sigma * episodes);
    for (let j = 0; j < size; j++) {
      perturbation[j] = kept * perturbation[j] + normals[j];
      gradient[j] += weight * perturbation[j];
    }
    const share = isEqual ? discount ** step : 1;
    cost += (share * parts * (plus.cost + minus.cost)) / (2 * episodes);
    diverged += plus.diverged + minus.diverged;
  }
  return { cost, diverged, gradient };
}
