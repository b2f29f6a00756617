import { filter, map, type Observable } from "rxjs";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import { learnedPolicy } from "../policies/learned-policy.js";
import { policyModel } from "../policies/policy-model.js";
import { bptt } from "../trainers/bptt.js";
import { es } from "../trainers/es.js";
import type { Trained, TrainingPlan } from "./experiment.js";

/** Points kept of a training curve. */
const CURVE_POINTS = 200;

export interface TrainingRun<Event> {
  readonly seed: Seed;
  readonly evaluator: Evaluator;
  readonly clock: () => number;
  /** The event that tells of an iteration. */
  readonly onProgress: (iteration: number, iterations: number, cost: number) => Event;
  readonly onTrained: (trained: Trained) => void;
}

/** Carries out one plan; the stream is of its progress. */
export function trainPlan<Event>(
  plan: TrainingPlan,
  problem: NavigationProblem,
  { seed, evaluator, clock, onProgress, onTrained }: TrainingRun<Event>,
): Observable<Event> {
  const model = policyModel(plan.config);
  const costs: [number, number][] = [];
  const shared = { seed, evaluator, clock };
  const training =
    plan.trainer === "bptt"
      ? bptt(problem, model, { ...plan.options, ...shared })
      : es(problem, model, { ...plan.options, ...shared });
  return training.pipe(
    map((event) => {
      if (event.kind === "finished") {
        const { parameters } = event;
        onTrained({
          plan,
          parameters,
          policy: learnedPolicy(model, parameters, { name: plan.policy }),
          costs,
        });
      }
      if (event.kind !== "progress") return null;
      const { iteration, iterations, cost } = event;
      if (iteration % Math.ceil(iterations / CURVE_POINTS) === 0) costs.push([iteration, cost]);
      return onProgress(iteration, iterations, cost);
    }),
    filter((event) => event !== null),
  );
}

/** Multiply-adds of a plan, in proportion: what progress is measured by. */
export function workOf({ trainer, options, config }: TrainingPlan): number {
  const { steps = 60, iterations = 1, tasks = 256 } = options;
  const passes = trainer === "bptt" ? 3 : ((options as { members?: number }).members ?? 128);
  return steps * iterations * tasks * passes * policyModel(config).parameterCount;
}
