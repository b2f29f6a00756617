import { type NavigationProblem, rollout, type Seed } from "../../envs/index.js";
import { mean } from "../probes/statistics.js";
import type { Contestant } from "./contestants.js";
import { episodesFor, restingCost, splitOf } from "./episodes.js";
import { performanceProfiles } from "./profile.js";
import { type Interval, interquartileMean, stratifiedBootstrap } from "./statistics.js";

export interface CompareOptions {
  /** Default 0. */
  readonly seed?: Seed;
  /** Seeds, each a stratum of the bootstrap. Default 8. */
  readonly seeds?: number;
  /** Episodes of each seed. Default 64. */
  readonly episodes?: number;
  /** Steps of each episode. Default: to the horizon, else until e⁻⁵ of the discount is left, from 20 to 200. */
  readonly steps?: number;
  /** Of the bootstrap. Default 2000. */
  readonly resamples?: number;
  /** Of the intervals. Default 0.95. */
  readonly confidence?: number;
  /** What regret is against. Default: the first contestant that is optimal, else the one with the least mean cost. */
  readonly reference?: Contestant;
}

export interface Measured {
  readonly value: number;
  readonly interval: Interval;
}

export interface ComparedPolicy extends Omit<Contestant, "policy" | "isOptimal"> {
  /** Discounted cost J of an episode beyond resting, interquartile mean over all episodes. */
  readonly cost: Measured;
  readonly meanCost: number;
  /** 100·(J̄ − J̄*)/J̄*, J̄ mean costs and J̄* that of the reference on the same episodes; null where J̄* is not > 0. */
  readonly regretPercent: Measured | null;
  /** Fraction of episodes that diverged. */
  readonly diverged: number;
  /** Fraction of episodes with at most τ times the cost of the reference, for each τ; null where it costs nothing in one. */
  readonly profile: readonly number[] | null;
}

export interface PolicyComparison {
  readonly seed: Seed;
  readonly seeds: number;
  readonly episodes: number;
  readonly steps: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly reference: { readonly name: string; readonly kind: "optimum" | "best found" };
  /** What every cost was lessened by: resting at the least loss for as long, where that is known. */
  readonly restingCost: number;
  /** τ of the profiles; null where there are none. */
  readonly factors: readonly number[] | null;
  /** In the order in which they were given. */
  readonly policies: readonly ComparedPolicy[];
}

/**
 * Runs policies on the same held-out episodes (the same starts, tasks and noise for each, from the test pool where the
 * landscape has pools) and compares what they cost. Intervals are percentiles of a bootstrap that draws episodes within
 * each seed, the same ones for every policy, so that regrets are paired.
 *
 * @throws Error when there is no contestant, two have one name, or a count is not a whole number >= 1
 */
export function compare(
  problem: NavigationProblem,
  contestants: readonly Contestant[],
  {
    seed = 0,
    seeds = 8,
    episodes = 64,
    steps: givenSteps,
    resamples = 2000,
    confidence = 0.95,
    reference: given,
  }: CompareOptions = {},
): PolicyComparison {
  checkContestants(contestants);
  for (const [name, value] of Object.entries({ seeds, episodes, resamples, steps: givenSteps ?? 1 }))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`compare: ${name} must be a whole number >= 1, got ${value}`);
  if (!(confidence > 0 && confidence < 1))
    throw new Error(`compare: confidence must be in (0, 1), got ${confidence}`);

  const options = episodesFor(problem, givenSteps);
  const rest = restingCost(problem, options.steps);
  const heldOut = splitOf(problem, "test");
  const play = ({ policy }: Contestant): Played => {
    const runs = Array.from({ length: seeds }, (_, s) =>
      rollout(heldOut, policy, { ...options, episodes, seed: `${seed}/held-out/${s}` }),
    );
    return {
      costs: Float64Array.from(
        runs.flatMap(({ costs }) => [...costs]),
        (cost) => cost - rest,
      ),
      diverged: mean(runs.flatMap(({ diverged }) => [...diverged])),
    };
  };
  const played = contestants.map(play);
  const means = played.map(({ costs }) => mean(costs));
  const optimal = given ?? contestants.find(({ isOptimal }) => isOptimal);
  const reference = optimal ?? contestants[means.indexOf(Math.min(...means))];
  const at = contestants.indexOf(reference);
  const referenceCosts = (at < 0 ? play(reference) : played[at]).costs;
  const profiles = performanceProfiles(
    played.map(({ costs }) => costs),
    referenceCosts,
  );
  const strata = new Array<number>(seeds).fill(episodes);
  const bootstrap = (statistic: (members: Int32Array) => number) =>
    stratifiedBootstrap(strata, statistic, { seed: `${seed}/bootstrap`, resamples, confidence });

  return {
    seed,
    seeds,
    episodes,
    steps: options.steps,
    resamples,
    confidence,
    reference: { name: reference.name, kind: reference.isOptimal ? "optimum" : "best found" },
    restingCost: rest,
    factors: profiles?.factors ?? null,
    policies: contestants.map(({ policy: _, isOptimal: __, ...contestant }, i) => ({
      ...contestant,
      cost: interquartileCost(played[i].costs, bootstrap),
      meanCost: means[i],
      regretPercent: regretPercent(played[i].costs, referenceCosts, bootstrap),
      diverged: played[i].diverged,
      profile: profiles?.fractions[i] ?? null,
    })),
  };
}

interface Played {
  /** Seed by seed, beyond resting. */
  readonly costs: Float64Array;
  readonly diverged: number;
}

type Bootstrap = (statistic: (members: Int32Array) => number) => Interval;

function interquartileCost(costs: Float64Array, bootstrap: Bootstrap): Measured {
  const drawn = new Float64Array(costs.length);
  const interval = bootstrap((members) => {
    for (let i = 0; i < drawn.length; i++) drawn[i] = costs[members[i]];
    return interquartileMean(drawn);
  });
  return { value: interquartileMean(costs), interval };
}

function regretPercent(costs: Float64Array, reference: Float64Array, bootstrap: Bootstrap): Measured | null {
  if (!(mean(reference) > 0)) return null;
  const of = (members: ArrayLike<number>) => {
    let [excess, cost] = [0, 0];
    for (let i = 0; i < members.length; i++) {
      excess += costs[members[i]] - reference[members[i]];
      cost += reference[members[i]];
    }
    return (100 * excess) / cost;
  };
  return { value: of(Int32Array.from(costs.keys())), interval: bootstrap(of) };
}

function checkContestants(contestants: readonly Contestant[]): void {
  if (contestants.length === 0) throw new Error("compare: needs at least one policy, got none");
  const names = contestants.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`compare: names must differ, got ${JSON.stringify(twice)} twice`);
}
