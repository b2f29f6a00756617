import type { NavigationProblem } from "../../envs/index.js";
import { predictedExponents } from "../../solvers/index.js";
import {
  carriedBank,
  curvatureExponents,
  exactPolicy,
  hiddenCurvatureProblem,
  hiddenCurvatureRecipe,
  QUICK_UPDATES,
  regretRow,
  type Updates,
  WHERE_COSTS_HARDLY_TELL,
} from "./adaptivity.js";
import { meanSeries } from "./curves.js";
import {
  type Experiment,
  type Findings,
  ofRole,
  type ProbeContext,
  type Recipe,
  type Setting,
} from "./experiment.js";
import { row } from "./rows.js";

const DISCOUNT_RATES = [0.01, 0.1, 1, 10, 100];
const TIME_STEPS = [0.01, 0.1, 1, 10];
const TOLERANCE = 0.1;
/** Less than what a single setting gets: there are twenty. */
const UPDATES: Updates = [600, 1250, 3000, 400];

/** Decisions of a bank that carries are judged by what they leave; evolution judges whole episodes of a bank of few weights. */
function recipeFor(problem: NavigationProblem, updates: Updates): Recipe {
  const { trainers, ...recipe } = hiddenCurvatureRecipe(problem, updates);
  const { timeStep } = problem.objective;
  // At long steps costs tell, careless decisions run away, and so, at twice the learning rate, did one training in fifty.
  const told =
    timeStep < 1 ? WHERE_COSTS_HARDLY_TELL : ({ decisions: "informed", learningRate: 5e-3 } as const);
  // With mirror images, already at Δt = 0.1.
  const relative = timeStep < 0.1 ? WHERE_COSTS_HARDLY_TELL.relative : 0;
  return {
    ...recipe,
    ...carriedBank(problem, [32, 32]),
    trainers: {
      ...trainers,
      // A job of 64 episodes, since recorded results are sums over such.
      bptt: { ...trainers.bptt, tasks: 512, chunk: 64, ...told },
      // At Δt = 1 rules run away most easily: two of ten did at γ = 100 after as many updates as elsewhere.
      ppo: { ...trainers.ppo, relative, iterations: (timeStep === 1 ? 1.5 : 1) * trainers.ppo.iterations },
    },
  };
}

function setting(discountRate: number, timeStep: number, quick: boolean): Setting {
  const problem = hiddenCurvatureProblem(discountRate, timeStep);
  return {
    name: `γ = ${discountRate}, Δt = ${timeStep}`,
    problem,
    usual: "bptt",
    recipes: [recipeFor(problem, quick ? QUICK_UPDATES : UPDATES)],
    probe,
  };
}

function probe(context: ProbeContext): Findings {
  const { setting, trained, seed } = context;
  const { name, problem } = setting;
  const { discountRate, timeStep } = problem.objective;
  const { squares: predicted } = predictedExponents(problem);
  const policy = exactPolicy(problem);
  const learned = ofRole(trained, "learned");
  const [exact, ...exponents] = curvatureExponents(problem, policy, [policy, ...learned], `${seed}/stream`);
  const point = (values: readonly number[]) => values.map((value) => [value]);
  return {
    rows: [
      row({
        setting: name,
        quantity: "exponent on curvature (v̂)",
        predicted,
        exact,
        learned: exponents,
        criterion: { kind: "within", of: "exact", tolerance: TOLERANCE },
        note: "Where the regret is small, costs do not tell one exponent from another.",
      }),
      regretRow(context),
    ],
    panels: {
      "phase-curve": {
        title: `Δt = ${timeStep}`,
        series: [
          { name: "predicted", role: "predicted", points: [[discountRate, predicted]] },
          meanSeries("exact policy", "exact", [discountRate], [[exact]]),
          meanSeries("learned", "learned", [discountRate], point(exponents)),
        ],
      },
    },
  };
}

export function phaseCurveExperiment(quick: boolean): Experiment {
  const timeSteps = quick ? [0.1] : TIME_STEPS;
  const rates = quick ? [0.01, 1, 100] : DISCOUNT_RATES;
  return {
    phenomenon: "phase-curve",
    title: "Which optimizer is optimal is a point of a curve",
    question:
      "The exponent of the step on the average squared gradient is 0 for gradient descent, −½ for Adam and −1 for Newton. " +
      "Horizon and time step set it, and between the named rules lie all others. Does a network find the whole curve, or " +
      "only its named points?",
    settings: timeSteps.flatMap((step) => rates.map((rate) => setting(rate, step, quick))),
    figures: [
      {
        name: "phase-curve",
        title: "From gradient descent to Newton",
        caption:
          "Slope of log|u| on log v̂ at step 50, on the same streams; predicted is that of the law itself. Band: 95 % interval over training seeds.",
        x: { label: "discount rate γ (1/time)", scale: "log" },
        y: { label: "exponent on v̂" },
      },
    ],
  };
}
