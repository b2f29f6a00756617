import type { Observable } from "rxjs";
import {
  deriveKey,
  fillNormals,
  type NavigationProblem,
  type RandomKey,
  rootKey,
  type Seed,
  streams,
} from "../../envs/index.js";
import type { Evaluator, JobResult, Workload } from "../evaluators/evaluator.js";
import type { PolicyModel } from "../policies/model.js";
import {
  type DescentOptions,
  descending,
  type Estimate,
  type Estimator,
  type GradientTrainer,
} from "./descent.js";
import type { EpisodesState } from "./episodes.js";
import { perturbed } from "./es.js";
import type { ParticleState, TrainingEvent } from "./events.js";
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
}

/**
 * Trains a policy by persistent evolution strategies (Vicol, Metz, Sohl-Dickstein, ICML 2021): an update every K
 * steps of unfinished episodes, without the bias of truncation. Each pair of particles adds up its perturbations εᵢ
 * since its episodes began,
 *
 *     ĝ = (T/K)·(1/2Pσ²) Σᵢ ξᵢ·(Jᵢ⁺ − Jᵢ⁻),   ξᵢ = Σ εᵢ,   P pairs,
 *
 * J the cost of the last K steps. Pairs are in different parts of their episodes, so that every update sees them all.
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
    iterations = 4500,
    learningRate = 1e-2,
    warmUp = 0,
    clipNorm = 1,
    checkpointEvery = 0,
    ...rest
  }: PesOptions,
): GradientTrainer {
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
  };
  return descending({
    kind: "pes",
    problem,
    model,
    hyperparameters: { steps, unroll, sigma, members, tasks, terminal, persistent },
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
}

function persistentSearch(plan: Plan, resumed?: readonly ParticleState[]): Estimator {
  let particles = resumed;
  return {
    async estimate(evaluator, iteration, centre, signal) {
      const before = particles ?? (await scatter(plan, evaluator, centre, signal));
      const moves = await Promise.all(
        before.map((particle, i) => move(plan, evaluator, i, particle, iteration, centre, signal)),
      );
      particles = moves.map(({ after }) => after);
      return combine(plan, moves, centre.length);
    },
    save: () => particles,
  };
}

/** Pair i starts K·(i mod T/K) steps into its first episodes, to which the unperturbed weights brought it. */
async function scatter(
  { workload, seed, pairs, unroll }: Plan,
  evaluator: Evaluator,
  centre: Float64Array,
  signal: AbortSignal,
): Promise<readonly ParticleState[]> {
  const phases = workload.steps / unroll;
  return Promise.all(
    Array.from({ length: pairs }, async (_, i): Promise<ParticleState> => {
      const step = unroll * (i % phases);
      const perturbation = new Float64Array(centre.length);
      if (step === 0) return { episode: 0, step, perturbation, states: null };
      const part = { from: 0, to: step, state: null };
      const job = { workload, parameters: centre, seed, firstIndex: i * workload.episodes, part };
      const state = (await evaluator.evaluate(job, signal)).state as EpisodesState;
      return { episode: 0, step, perturbation, states: [state, state] };
    }),
  );
}

interface Move {
  readonly results: readonly [JobResult, JobResult];
  /** ξ, with this step's perturbation. */
  readonly perturbation: Float64Array;
  readonly after: ParticleState;
}

/** K steps of one pair, with a new perturbation. */
async function move(
  { workload, key, seed, pairs, sigma, unroll, persistent }: Plan,
  evaluator: Evaluator,
  i: number,
  { episode, step, perturbation, states }: ParticleState,
  iteration: number,
  centre: Float64Array,
  signal: AbortSignal,
): Promise<Move> {
  const size = centre.length;
  const normals = new Float64Array(size);
  fillNormals(key, i * size, iteration, size, normals);
  const to = step + unroll;
  const firstIndex = (episode * pairs + i) * workload.episodes;
  const run = (sign: 1 | -1, state: EpisodesState | null) => {
    const parameters = perturbed(centre, normals, 0, sign * sigma);
    return evaluator.evaluate(
      { workload, parameters, seed, firstIndex, part: { from: step, to, state } },
      signal,
    );
  };
  const results = await Promise.all([run(1, states?.[0] ?? null), run(-1, states?.[1] ?? null)]);
  const total = persistent ? normals.map((value, j) => value + perturbation[j]) : normals;
  const [plus, minus] = results.map(({ state }) => state);
  const after: ParticleState =
    plus && minus
      ? { episode, step: to, perturbation: total, states: [plus, minus] }
      : { episode: episode + 1, step: 0, perturbation: new Float64Array(size), states: null };
  return { results, perturbation: total, after };
}

/** Summed in the order of the pairs, whichever ends first. */
function combine({ workload, pairs, sigma, unroll }: Plan, moves: readonly Move[], size: number): Estimate {
  const parts = workload.steps / unroll;
  const episodes = pairs * workload.episodes;
  const gradient = new Float64Array(size);
  let cost = 0;
  let diverged = 0;
  for (const { results, perturbation } of moves) {
    const [plus, minus] = results;
    const weight = (parts * (plus.cost - minus.cost)) / (2 * sigma * episodes);
    for (let j = 0; j < size; j++) gradient[j] += weight * perturbation[j];
    cost += (parts * (plus.cost + minus.cost)) / (2 * episodes);
    diverged += plus.diverged + minus.diverged;
  }
  return { cost, diverged, gradient };
}
