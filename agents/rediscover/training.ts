import { defer, EMPTY, filter, map, type Observable } from "rxjs";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import { learnedPolicy } from "../policies/learned-policy.js";
import type { PolicyModel } from "../policies/model.js";
import { policyModel } from "../policies/policy-model.js";
import { bptt } from "../trainers/bptt.js";
import { es } from "../trainers/es.js";
import type { TrainingEvent } from "../trainers/events.js";
import { pes } from "../trainers/pes.js";
import { ppo } from "../trainers/ppo.js";
import { type Archive, readTraining } from "./archive.js";
import type { Trained, TrainerOptions, TrainingPlan } from "./experiment.js";
import type { TrainerName } from "./report.js";

/** Points kept of a training curve. */
const CURVE_POINTS = 200;

interface Shared {
  readonly seed: Seed;
  readonly evaluator: Evaluator;
  readonly clock: () => number;
}

const trainers: {
  readonly [Name in TrainerName]: (
    problem: NavigationProblem,
    model: PolicyModel,
    options: TrainerOptions[Name] & Shared,
  ) => Observable<TrainingEvent>;
} = { bptt, es, pes, ppo };

export interface TrainingRun<Event> extends Shared {
  /** Also the key of what is kept. */
  readonly seed: string;
  readonly archive: Archive;
  /** The event that tells of an iteration. */
  readonly onProgress: (iteration: number, iterations: number, cost: number) => Event;
  readonly onTrained: (trained: Trained) => void;
}

/** Carries out one plan, unless that was done before; the stream is of its progress. */
export function trainPlan<Event>(
  plan: TrainingPlan,
  problem: NavigationProblem,
  { archive, onProgress, onTrained, ...shared }: TrainingRun<Event>,
): Observable<Event> {
  return defer(() => {
    const model = policyModel(plan.config);
    const key = `${shared.seed}/${plan.trainer}`;
    const policyOf = (parameters: Float64Array) => learnedPolicy(model, parameters, { name: plan.policy });
    const kept = readTraining(archive, key, plan);
    if (kept) {
      onTrained({ ...kept, policy: policyOf(kept.parameters) });
      return EMPTY;
    }
    const began = shared.clock();
    const costs: [number, number][] = [];
    return start(plan, problem, model, shared).pipe(
      map((event) => {
        if (event.kind === "finished") {
          const { parameters } = event;
          const training = { plan, parameters, costs, seconds: (shared.clock() - began) / 1000 };
          archive.write(key, training);
          onTrained({ ...training, policy: policyOf(parameters) });
        }
        if (event.kind !== "progress") return null;
        const { iteration, iterations, cost } = event;
        if (iteration % Math.ceil(iterations / CURVE_POINTS) === 0) costs.push([iteration, cost]);
        return onProgress(iteration, iterations, cost);
      }),
      filter((event) => event !== null),
    );
  });
}

function start<Name extends TrainerName>(
  { trainer, options }: { readonly trainer: Name; readonly options: TrainerOptions[Name] },
  problem: NavigationProblem,
  model: PolicyModel,
  shared: Shared,
): Observable<TrainingEvent> {
  return trainers[trainer](problem, model, { ...options, ...shared });
}

/** Multiply-adds of a plan, in proportion: what progress is measured by. */
export function workOf(plan: TrainingPlan): number {
  return plan.options.iterations * decisionsOf(plan) * policyModel(plan.config).parameterCount;
}

/** Runs through the network in an iteration; one backwards counts for two. */
function decisionsOf({ trainer, options }: TrainingPlan): number {
  switch (trainer) {
    case "bptt":
      return 3 * options.steps * options.tasks;
    case "es":
      return options.steps * options.tasks * (options.members ?? 128);
    case "pes":
      return options.unroll * options.tasks * (options.members ?? 128);
    case "ppo":
      return options.steps * options.environments * (1 + 3 * (options.epochs ?? 10));
  }
}
