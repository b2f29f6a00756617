import type { Observable } from "rxjs";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { Evaluator, Workload } from "../evaluators/evaluator.js";
import { sharedNumbers } from "../evaluators/shared.js";
import type { PolicyModel } from "../policies/model.js";
import { type DescentOptions, descending, type Estimate, type GradientTrainer } from "./descent.js";
import type { TrainingEvent } from "./events.js";
import { type InformedOptions, informedOf } from "./pace.js";
import type { DecisionWeights } from "./reverse.js";
import { defaultTerminal, type TerminalSpec } from "./terminal-cost.js";
import { defaultSteps, train } from "./train.js";

export interface BpttOptions extends Partial<Omit<DescentOptions, "seed">>, InformedOptions {
  readonly seed: Seed;
  /** Steps T of each episode. Default: to the problem's horizon, or 60 where it has none. */
  readonly steps?: number;
  /** Episodes of one iteration. Default 512. */
  readonly tasks?: number;
  /**
   * Episodes of one job; it divides `tasks`. Default: the largest that does, up to 64, or to a quarter of `tasks` where
   * that is more, but not beyond 128. The sums, and so the last bits, depend on it.
   */
  readonly chunk?: number;
  /** Charged after the last step. Default: "informed-value" where there is one, else "none". */
  readonly terminal?: TerminalSpec;
  /**
   * How decisions at different times count. "informed": each by what it costs at once and leaves to a learner that is told everything
   * (`InformedPass`), for which that has to be known. Default "discounted": as they do in J.
   */
  readonly decisions?: DecisionWeights | "informed";
}

/**
 * Trains a policy by back-propagation through time: Adam on the mean cost J of fresh episodes, or on what
 * `decisions` make of it.
 * Defaults: 1000 iterations, learning rate 1e-2 with cosine decay, gradient norm clipped at 1.
 */
export function bptt(
  problem: NavigationProblem,
  model: PolicyModel,
  options: BpttOptions,
): Observable<TrainingEvent> {
  return train(bpttTrainer(problem, model, options));
}

/** The same before it runs: its estimator can be looked at by itself. @throws Error when an option is bad */
export function bpttTrainer(
  problem: NavigationProblem,
  model: PolicyModel,
  {
    steps = defaultSteps(problem),
    tasks = 512,
    chunk = defaultChunk(tasks),
    terminal = defaultTerminal(problem),
    decisions = "discounted",
    relative = 0,
    slowest = 1,
    iterations = 1000,
    learningRate = 1e-2,
    warmUp = 0,
    clipNorm = 1,
    checkpointEvery = 0,
    ...rest
  }: BpttOptions,
): GradientTrainer {
  if (!(Number.isInteger(tasks / chunk) && tasks > 0))
    throw new Error(`bptt: chunk must divide tasks (${tasks}), got ${chunk}`);
  if (!["discounted", "equal", "informed"].includes(decisions))
    throw new Error(
      `bptt: decisions must be "discounted", "equal" or "informed", got ${JSON.stringify(decisions)}`,
    );
  const informed = informedOf("bptt", problem, { decisions, terminal, relative, slowest });
  const workload: Workload = {
    problem,
    model,
    steps,
    episodes: chunk,
    terminal,
    want: "gradient",
    decisions,
    ...(informed && { informed }),
  };
  return descending({
    kind: "bptt",
    problem,
    model,
    hyperparameters: { steps, tasks, chunk, terminal, decisions, ...informed },
    options: { iterations, learningRate, warmUp, clipNorm, checkpointEvery, ...rest },
    episodesPerIteration: tasks,
    estimator() {
      const weights = sharedNumbers(model.parameterCount);
      return {
        estimate(evaluator, iteration, parameters, signal) {
          weights.set(parameters);
          return meanGradient(evaluator, workload, tasks, rest.seed, iteration, weights, signal);
        },
      };
    },
  });
}

function defaultChunk(tasks: number): number {
  let chunk = Math.min(tasks, Math.max(64, Math.min(128, Math.floor(tasks / 4))));
  while (chunk > 1 && tasks % chunk !== 0) chunk--;
  return chunk;
}

/** The mean over `tasks` episodes, chunk by chunk; summed in the order of the chunks, whichever ends first. */
async function meanGradient(
  evaluator: Evaluator,
  workload: Workload,
  tasks: number,
  seed: Seed,
  iteration: number,
  parameters: Float64Array,
  signal: AbortSignal,
): Promise<Estimate> {
  const chunks = Array.from({ length: tasks / workload.episodes }, (_, i) => i);
  const results = await Promise.all(
    chunks.map((i) => {
      const firstIndex = iteration * tasks + i * workload.episodes;
      return evaluator.evaluate({ workload, parameters, seed, firstIndex }, signal);
    }),
  );
  const gradient = new Float64Array(parameters.length);
  let cost = 0;
  let diverged = 0;
  for (const result of results) {
    const part = result.gradient as Float64Array;
    for (let i = 0; i < gradient.length; i++) gradient[i] += part[i] / tasks;
    cost += result.cost / tasks;
    diverged += result.diverged;
  }
  return { cost, diverged, gradient };
}
