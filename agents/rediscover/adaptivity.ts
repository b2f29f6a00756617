import { defineProblem, type NavigationProblem, type Policy } from "../../envs/index.js";
import { predictedExponents, qmdpPolicy } from "../../solvers/index.js";
import { emaBankFor } from "../policies/ema-bank.js";
import { powerBankFor } from "../policies/power-bank.js";
import { adaptivity } from "../probes/adaptivity.js";
import { horizonExponents } from "../probes/horizon-exponents.js";
import { recordStream } from "../probes/streams.js";
import { meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import {
  type Experiment,
  type Findings,
  INFORMED_SIZES,
  ofRole,
  type ProbeContext,
  type Recipe,
  type Setting,
} from "./experiment.js";
import type { Row } from "./report.js";
import { row } from "./rows.js";

const STEPS = 60;
/** Step whose action is probed; m averages with decay 0.9 and v with 0.98. */
const PROBED_STEP = 50;
const PROBED_TASKS = 4096;

interface Regime {
  readonly name: string;
  readonly discountRate: number;
  /** On the exponent of the curvature. */
  readonly tolerance: number;
  readonly recipe: (problem: NavigationProblem, updates: Updates) => Recipe;
}

/** Curvature over four decades, hidden, and carried by the noise of the gradients. */
export function hiddenCurvatureProblem(discountRate: number, timeStep = 0.1): NavigationProblem {
  return defineProblem({
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
    objective: { discountRate, timeStep },
    task: { kind: "static", mean: [0], covariance: [[1]] },
    observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
  });
}

/** The middle of the prior, so that other units within a decade look like problems that lie within it too. */
function amidPrior(problem: NavigationProblem): NavigationProblem {
  return {
    ...problem,
    landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.99, 1.01] }, minimum: [0] },
    task: { kind: "static", mean: [0], covariance: [[0.1]] },
  };
}

/** QMDP on a grid so fine that a finer one costs less than a thousandth less. */
export function exactPolicy(problem: NavigationProblem) {
  return qmdpPolicy(problem, { curvatureGrid: 81, gridWeights: "trapezoid" });
}

/** Updates of bptt, es, pes and ppo. */
export type Updates = readonly [number, number, number, number];

export const QUICK_UPDATES: Updates = [600, 500, 500, 60];
const UPDATES: Updates = [2000, 2500, 6000, 500];

/** What learns from a hidden curvature. */
export function hiddenCurvatureRecipe(problem: NavigationProblem, [bptt, es, pes, ppo]: Updates): Recipe {
  const powerBank = { policy: "power bank", config: powerBankFor(problem) };
  return {
    role: "learned",
    policy: "EMA bank 32-32",
    config: emaBankFor(problem, { parameters: { center: [0], scale: 1 } }),
    instead: { es: powerBank, pes: powerBank, ppo: carriedBank(problem, [32, 32]) },
    trainers: {
      bptt: { steps: STEPS, tasks: 256, learningRate: 1e-2, decisions: "equal", iterations: bptt },
      es: { steps: STEPS, tasks: 64, members: 32, learningRate: 0.02, iterations: es },
      pes: { steps: STEPS, tasks: 64, members: 64, unroll: 12, decisions: "equal", iterations: pes },
      ppo: { ...INFORMED_SIZES, steps: STEPS, episodeSteps: STEPS, environments: 256, iterations: ppo },
    },
  };
}

/** A bank whose averages are carried to where the learner has moved, as the exact belief carries them. */
export function carriedBank(problem: NavigationProblem, hidden: readonly number[]) {
  return {
    policy: `carried EMA bank ${hidden.join("-")}`,
    config: emaBankFor(problem, {
      hidden,
      parameters: { center: [0], scale: 1 },
      carried: { curvature: 1 },
    }),
  };
}

/**
 * Where costs hardly tell: neither what is done where it is shallow, nor what where it is steep and the minimum was left behind long ago.
 * So decisions count by their relative errors, and some streams are slower than the learner's own moves make them.
 */
export const WHERE_COSTS_HARDLY_TELL = { decisions: "informed", relative: 0.3, slowest: 0.01 } as const;

/** What learns at a short horizon. */
function shortHorizonRecipe(problem: NavigationProblem, updates: Updates): Recipe {
  const { trainers, instead, ...recipe } = hiddenCurvatureRecipe(problem, updates);
  return {
    ...recipe,
    ...carriedBank(problem, [32, 32]),
    instead: { ...instead, es: carriedBank(problem, [6]) },
    trainers: {
      ...trainers,
      bptt: { ...trainers.bptt, ...WHERE_COSTS_HARDLY_TELL, learningRate: 2e-2 },
      es: { ...trainers.es, ...WHERE_COSTS_HARDLY_TELL, sigma: 0.01 },
    },
  };
}

const BALLISTIC: Regime = {
  name: "ballistic, γ = 0.01",
  discountRate: 0.01,
  tolerance: 0.08,
  recipe: hiddenCurvatureRecipe,
};
const OVERDAMPED: Regime = {
  name: "overdamped, γ = 10",
  discountRate: 10,
  tolerance: 0.05,
  recipe: shortHorizonRecipe,
};

/** The curvature exponents of policies on one stream of the exact one's. */
export function curvatureExponents(
  problem: NavigationProblem,
  exact: Policy,
  policies: readonly Policy[],
  seed: string,
): number[] {
  const stream = recordStream(problem, exact, { episodes: PROBED_TASKS, steps: PROBED_STEP, seed });
  return policies.map((policy) => horizonExponents(problem, policy, stream).secondMoment);
}

function setting({ name, discountRate, recipe, tolerance }: Regime, quick: boolean): Setting {
  const problem = hiddenCurvatureProblem(discountRate);
  return {
    name,
    problem,
    usual: "bptt",
    recipes: [recipe(problem, quick ? QUICK_UPDATES : UPDATES)],
    probe: (context) => probe(context, tolerance),
  };
}

/** What not being QMDP costs. */
export function regretRow({ setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext): Row {
  return row({
    setting: name,
    quantity: "regret over QMDP",
    exact: 0,
    learned: regretsAgainst(problem, exactPolicy(problem), ofRole(trained, "learned"), {
      seed: `${seed}/regret`,
      steps: STEPS,
      episodes: 16384,
    }),
    criterion: { kind: "at most", limit: 10 * regretAllowance, unit: "%" },
  });
}

function probe(context: ProbeContext, tolerance: number): Findings {
  const { setting, trained, seed } = context;
  const { name, problem } = setting;
  const predicted = predictedExponents(problem);
  const exact = exactPolicy(problem);
  const learned = ofRole(trained, "learned");
  const [exactExponent, ...exponents] = curvatureExponents(
    problem,
    exact,
    [exact, ...learned],
    `${seed}/stream`,
  );
  const unit = recordStream(amidPrior(problem), exact, {
    episodes: PROBED_TASKS,
    steps: PROBED_STEP,
    seed: `${seed}/unit`,
  });
  const exactScaling = adaptivity(problem, exact, unit);
  const scalings = learned.map((policy) => adaptivity(problem, policy, unit));
  const scales = exactScaling.curve.map(({ scale }) => scale);
  const sizes = ({ curve }: typeof exactScaling) => curve.map(({ action }) => action);
  return {
    rows: [
      row({
        setting: name,
        quantity: "exponent on curvature (v̂)",
        predicted: predicted.squares,
        exact: exactExponent,
        learned: exponents,
        criterion: { kind: "within", of: "exact", tolerance },
      }),
      row({
        setting: name,
        quantity: "adaptivity p, u ∝ cᵖ",
        predicted: predicted.adaptivity,
        exact: exactScaling.exponent,
        learned: scalings.map(({ exponent }) => exponent),
        // p = slope on ĝ + 2·slope on v̂, each with the tolerance of one exponent.
        criterion: { kind: "within", of: "exact", tolerance: 3 * tolerance },
      }),
      regretRow(context),
    ],
    panels: {
      "adaptivity-scaling": {
        title: name,
        series: [
          {
            name: "gradient descent, p = 1",
            role: "baseline",
            points: scales.map((scale) => [scale, scale] as const),
          },
          { name: "Adam, p = 0", role: "bound", points: scales.map((scale) => [scale, 1] as const) },
          meanSeries("exact policy", "exact", scales, [sizes(exactScaling)]),
          meanSeries("learned", "learned", scales, scalings.map(sizes)),
        ],
      },
    },
  };
}

export function adaptivityExperiment(quick: boolean): Experiment {
  const regimes = quick ? [BALLISTIC] : [BALLISTIC, OVERDAMPED];
  return {
    phenomenon: "adaptivity",
    title: "Adam is what a long horizon makes of unknown curvature",
    question:
      "Each coordinate has a curvature that the learner does not know, between 0.01 and 100; the noise of its gradients " +
      "tells. With a long horizon the exact rule divides by nearly the square root of the average squared gradient, " +
      "as Adam does; with a short one it hardly divides at all: gradient descent. One trainer, two horizons: does the " +
      "network find two different rules?",
    settings: regimes.map((regime) => setting(regime, quick)),
    figures: [
      {
        name: "adaptivity-scaling",
        title: "How the action grows when all gradients are multiplied by c",
        caption:
          "Size of the action at step 50 on the same streams, relative to c = 1; band: 95 % interval over training seeds.",
        x: { label: "scale c of the gradients", scale: "log" },
        y: { label: "|u|, relative", scale: "log" },
      },
    ],
  };
}
