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
import type { Evaluator, Workload } from "../evaluators/evaluator.js";
import { sharedNumbers } from "../evaluators/shared.js";
import { slices } from "../kernels/kernels.js";
import type { PolicyModel } from "../policies/model.js";
import { type DescentOptions, descending, type Estimate, type GradientTrainer } from "./descent.js";
import type { TrainingEvent } from "./events.js";
import { type InformedOptions, informedOf } from "./pace.js";
import { centredRanks } from "./ranks.js";
import { defaultTerminal, type TerminalSpec } from "./terminal-cost.js";
import { defaultSteps, train } from "./train.js";

export interface EsOptions extends Partial<Omit<DescentOptions, "seed">>, InformedOptions {
  readonly seed: Seed;
  /** Steps T of each episode. Default: to the problem's horizon, or 60 where it has none. */
  readonly steps?: number;
  /** Standard deviation σ of the perturbations of the weights. Default 0.02. */
  readonly sigma?: number;
  /** Members of a generation, an even number: each perturbation is tried with both signs. Default 128. */
  readonly members?: number;
  /** Episodes of each member, the same for all members of a generation. Default 256. */
  readonly tasks?: number;
  /** Charged after the last step. Default: "informed-value" where there is one, else "none". */
  readonly terminal?: TerminalSpec;
  /** What stands for the costs: their ranks, or themselves, which estimates the gradient. Default "ranks". */
  readonly shaping?: "ranks" | "none";
  /**
   * What members are judged by. "discounted": J of episodes of their own. "informed": their decisions on what the centre of
   * the search sees, each by what it costs at once and leaves to a learner that is told everything (`JudgedEpisodes`). Default "discounted".
   */
  readonly decisions?: "discounted" | "informed";
}

/**
 * Trains a policy by an evolution strategy, from costs alone (Salimans et al., arXiv:1703.03864): antithetic
 * perturbations, common random numbers within a generation, rank-shaped costs, Adam on
 *
 *     ĝ = (1/Mσ) Σᵢ rank(Jᵢ)·εᵢ,   rank in [−½, ½].
 *
 * Defaults: 750 generations, learning rate 3e-2 with cosine decay; no weight decay.
 */
export function es(
  problem: NavigationProblem,
  model: PolicyModel,
  options: EsOptions,
): Observable<TrainingEvent> {
  return train(esTrainer(problem, model, options));
}

/** The same before it runs: its estimator can be looked at by itself. @throws Error when an option is bad */
export function esTrainer(
  problem: NavigationProblem,
  model: PolicyModel,
  {
    steps = defaultSteps(problem),
    sigma = 0.02,
    members = 128,
    tasks = 256,
    terminal = defaultTerminal(problem),
    shaping = "ranks",
    decisions = "discounted",
    relative = 0,
    slowest = 1,
    iterations = 750,
    learningRate = 3e-2,
    warmUp = 0,
    clipNorm = Number.POSITIVE_INFINITY,
    checkpointEvery = 0,
    ...rest
  }: EsOptions,
): GradientTrainer {
  if (!(members > 0 && members % 2 === 0))
    throw new Error(`es: members must be even and > 0, got ${members}`);
  if (!(sigma > 0)) throw new Error(`es: sigma must be > 0, got ${sigma}`);
  if (decisions !== "discounted" && decisions !== "informed")
    throw new Error(`es: decisions must be "discounted" or "informed", got ${JSON.stringify(decisions)}`);
  const informed = informedOf("es", problem, { decisions, terminal, relative, slowest });
  const workload: Workload = {
    ...{ problem, model, steps, episodes: tasks, terminal, want: "cost" },
    ...(informed && { decisions: "informed", informed }),
  };
  const key = deriveKey(rootKey(rest.seed), streams.population);
  return descending({
    kind: "es",
    problem,
    model,
    hyperparameters: {
      ...{ steps, sigma, members, tasks, terminal, shaping },
      ...(informed && { decisions, ...informed }),
    },
    options: { iterations, learningRate, warmUp, clipNorm, checkpointEvery, ...rest },
    episodesPerIteration: tasks,
    estimator() {
      const weights = slices(sharedNumbers(members * model.parameterCount), model.parameterCount);
      const population = { key, sigma, weights, shaping, seed: rest.seed };
      return {
        estimate: (evaluator, iteration, parameters, signal) =>
          searchGradient(evaluator, workload, population, iteration, parameters, signal),
      };
    },
  });
}

interface Population {
  readonly key: RandomKey;
  readonly sigma: number;
  /** Memory for the weights of each member. */
  readonly weights: readonly Float64Array[];
  readonly shaping: "ranks" | "none";
  readonly seed: Seed;
}

async function searchGradient(
  evaluator: Evaluator,
  workload: Workload,
  { key, sigma, weights, shaping, seed }: Population,
  iteration: number,
  centre: Float64Array,
  signal: AbortSignal,
): Promise<Estimate> {
  const size = centre.length;
  const members = weights.length;
  const normals = new Float64Array((members / 2) * size);
  fillNormals(key, 0, iteration, normals.length, normals);
  const firstIndex = iteration * workload.episodes;
  const going = workload.decisions === "informed" && { going: centre };
  const results = await Promise.all(
    weights.map((parameters, i) => {
      perturb(centre, normals, (i >> 1) * size, i % 2 === 0 ? sigma : -sigma, parameters);
      return evaluator.evaluate({ workload, parameters, seed, firstIndex, ...going }, signal);
    }),
  );
  const costs = results.map(({ cost, judged = cost }) => judged / workload.episodes);
  const shaped = shaping === "ranks" ? centredRanks(costs) : costs;
  const gradient = new Float64Array(size);
  for (let i = 0; i < members; i += 2) {
    const weight = (shaped[i] - shaped[i + 1]) / (members * sigma);
    const from = (i >> 1) * size;
    for (let j = 0; j < size; j++) gradient[j] += weight * normals[from + j];
  }
  const episodes = members * workload.episodes;
  return {
    cost: results.reduce((total, { cost }) => total + cost, 0) / episodes,
    diverged: results.reduce((total, { diverged }) => total + diverged, 0),
    gradient,
  };
}

/** Writes centre + scale·normals[from …]. */
export function perturb(
  centre: Float64Array,
  normals: Float64Array,
  from: number,
  scale: number,
  out: Float64Array,
): void {
  for (let j = 0; j < out.length; j++) out[j] = centre[j] + scale * normals[from + j];
}
