import {
  createLandscape,
  defineProblem,
  dimensionOf,
  type NavigationProblem,
  type Policy,
  rollout,
  type Seed,
  standardise,
} from "../../envs/index.js";
import { qmdpPolicy } from "../../solvers/index.js";
import { familyOf } from "../compare/textbook.js";
import { tune } from "../compare/tuning.js";
import { mean } from "../probes/statistics.js";
import type { Trained } from "./experiment.js";
import type { ApplicationReport, FigureData, Series } from "./report.js";
import { retarget } from "./retarget.js";
import { estimate } from "./rows.js";

/** A table of measurements with a class for each row. */
export interface Table {
  /** Such as "iris". */
  readonly name: string;
  readonly features: readonly (readonly number[])[];
  /** Whole numbers from 0. */
  readonly labels: readonly number[];
}

const STEPS = 300;
const TUNING_RUNS = 16;
const HELD_OUT_RUNS = 64;
const RIDGE = 0.01;
const TUNED_RULES = ["gradient-descent", "heavy-ball", "adam"] as const;

/** Softmax regression seen one example at a time, on the objective that the rules were made for. */
function tableProblem({ features, labels }: Table, { objective }: NavigationProblem): NavigationProblem {
  return defineProblem({
    landscape: { kind: "regression", features: standardise(features), labels, ridge: RIDGE },
    objective,
    observation: { kind: "gradient", noise: { minibatch: { batchSize: 1 } } },
  });
}

/** What the derived rule believes of the table: nothing but the prior that it was derived under. */
function believedProblem(dimension: number, trainedOn: NavigationProblem): NavigationProblem {
  const unit = Array.from({ length: dimension }, (_, i) =>
    Array.from({ length: dimension }, (_, j) => (i === j ? 1 : 0)),
  );
  const { landscape } = trainedOn;
  if (landscape.kind !== "quadratic")
    throw new Error(`application: needs a rule made for quadratics, got ${landscape.kind}`);
  return defineProblem({
    ...trainedOn,
    landscape: { kind: "quadratic", dimension, curvature: landscape.curvature },
    task: { kind: "static", mean: new Array<number>(dimension).fill(0), covariance: unit },
    start: { kind: "point", parameters: new Array<number>(dimension).fill(0) },
  });
}

/**
 * Takes the derived and the learned rule, untouched, to a real table, against textbook rules that were tuned
 * on it. All runs of one index see the same examples in the same order.
 */
export function applyRules(
  table: Table,
  trained: readonly Trained[],
  trainedOn: NavigationProblem,
  { seed }: { readonly seed: Seed },
): ApplicationReport {
  const problem = tableProblem(table, trainedOn);
  const optimum = minimumLoss(problem);
  const initial = Math.log(Math.max(...table.labels) + 1);
  const target = optimum + 0.1 * (initial - optimum);
  const families = TUNED_RULES.map((rule) => familyOf(problem, rule));
  const derived = qmdpPolicy(believedProblem(dimensionOf(problem), trainedOn));
  const contestants: Contestant[] = [
    untuned("derived (exact belief, no tuning)", "exact", [derived]),
    ...learnedContestants(trained, problem),
    ...families.map((family): Contestant => {
      const { policy, hyperparameters } = tune(problem, family, {
        steps: STEPS,
        episodes: TUNING_RUNS,
        seed: `${seed}/tuning`,
        score: ({ finalLosses }) => mean(finalLosses),
      });
      return { name: `${family.name}, tuned`, role: "baseline", policies: [policy], hyperparameters };
    }),
  ];
  const outcomes = contestants.map((contestant) => ({
    contestant,
    ...race(problem, contestant, target, `${seed}/held-out`),
  }));
  return {
    title: `Real input: softmax regression on ${table.name}`,
    description:
      `${table.labels.length} examples, ${dimensionOf(problem)} parameters, one example a step, ${STEPS} steps from zero. ` +
      "The derived and the learned rule come as they are, made for random parabolas; they never saw this table.",
    tuning:
      `Each textbook rule: the grid point with the least mean final loss over ${TUNING_RUNS} runs; ` +
      `then ${HELD_OUT_RUNS} other runs, the same examples in the same order for every rule. ` +
      `Settings tried: ${families.map(({ name, candidates }) => `${name} ${candidates.length}`).join(", ")}.`,
    steps: STEPS,
    target,
    optimum,
    rules: outcomes.map(({ contestant: { name, role, hyperparameters }, finals, stepsToTarget }) => ({
      name,
      role,
      hyperparameters,
      finalLoss: estimate(finals),
      stepsToTarget: estimate(stepsToTarget),
      reached: mean(stepsToTarget.map((steps) => (steps < STEPS ? 1 : 0))),
    })),
    figures: [lossFigure(table, outcomes, target)],
  };
}

interface Contestant {
  readonly name: string;
  readonly role: Series["role"];
  /** Several for a learned rule, one for each training run; their results are averaged run by run. */
  readonly policies: readonly Policy[];
  readonly hyperparameters: Readonly<Record<string, number>>;
}

function untuned(name: string, role: Series["role"], policies: readonly Policy[]): Contestant {
  return { name, role, policies, hyperparameters: {} };
}

/** One for each trainer. */
function learnedContestants(trained: readonly Trained[], problem: NavigationProblem): Contestant[] {
  const learned = trained.filter(({ plan }) => plan.role === "learned");
  const trainers = [...new Set(learned.map(({ plan }) => plan.trainer))];
  return trainers.map((trainer) =>
    untuned(
      trainers.length > 1 ? `learned by ${trainer} (no tuning)` : "learned (no tuning)",
      "learned",
      learned.filter(({ plan }) => plan.trainer === trainer).map((result) => retarget(result, problem)),
    ),
  );
}

function race(problem: NavigationProblem, { policies }: Contestant, target: number, seed: Seed) {
  const finals = new Array<number>(HELD_OUT_RUNS).fill(0);
  const stepsToTarget = new Array<number>(HELD_OUT_RUNS).fill(0);
  const curve = new Array<number>(STEPS).fill(0);
  for (const policy of policies) {
    const reachedAt = new Array<number>(HELD_OUT_RUNS).fill(STEPS);
    const share = 1 / policies.length;
    rollout(problem, policy, {
      episodes: HELD_OUT_RUNS,
      steps: STEPS,
      seed,
      onStep: ({ step, dynamics: { losses } }) => {
        curve[step] += mean(losses) * share;
        for (let n = 0; n < HELD_OUT_RUNS; n++) {
          if (losses[n] <= target) reachedAt[n] = Math.min(reachedAt[n], step + 1);
          if (step === STEPS - 1) finals[n] += losses[n] * share;
        }
      },
    });
    for (let n = 0; n < HELD_OUT_RUNS; n++) stepsToTarget[n] += reachedAt[n] * share;
  }
  return { finals, stepsToTarget, curve };
}

function lossFigure(
  table: Table,
  outcomes: readonly { contestant: Contestant; curve: readonly number[] }[],
  target: number,
): FigureData {
  return {
    name: "application-loss",
    title: `Loss on ${table.name}`,
    caption: `Mean loss over all examples, ${HELD_OUT_RUNS} runs. Derived and learned rules are not tuned; the others are.`,
    x: { label: "step", scale: "log" },
    y: { label: "loss (nats)", scale: "log" },
    panels: [
      {
        title: table.name,
        series: outcomes.map(({ contestant: { name, role }, curve }) => ({
          name,
          role,
          points: curve.map((loss, step) => [step + 1, loss] as const),
        })),
        marks: [{ axis: "y", value: target, label: "target" }],
      },
    ],
  };
}

/** The least loss, by gradient descent on the whole table with step 1/smoothness until it stands still. */
function minimumLoss(problem: NavigationProblem): number {
  const landscape = createLandscape(problem.landscape);
  const parameters = new Float64Array(landscape.dimension);
  const gradient = new Float64Array(landscape.dimension);
  const loss = new Float64Array(1);
  const none = new Float64Array(0);
  for (let step = 0; step < 100_000; step++) {
    landscape.evaluate(parameters, none, 1, loss, gradient);
    if (Math.hypot(...gradient) < 1e-9) break;
    for (let i = 0; i < parameters.length; i++) parameters[i] -= gradient[i];
  }
  return loss[0];
}
