import {
  createLandscape,
  Dynamics,
  defineProblem,
  type NavigationProblem,
  type Policy,
  rollout,
} from "../../envs/index.js";
import { type Solution, solve } from "../../solvers/index.js";
import { fullFor } from "../policies/full.js";
import { mean } from "../probes/statistics.js";
import { meanSeries } from "./curves.js";
import { type Experiment, type Findings, ofRole, type ProbeContext, type Setting } from "./experiment.js";
import { row } from "./rows.js";

/** From here the best path goes over the barrier for γ < γ* = 0.665. */
const START = -0.6;
/** The same as a figure and a report show it. */
const START_LABEL = `x = ${String(START).replace("-", "−")}`;
/** Starts of the figure. */
const PLACES = Array.from({ length: 61 }, (_, i) => (i - 30) / 20);
/** Training starts about it, on both sides of the barrier. */
const SPREAD = 0.5;
const STEPS = 120;
/** Steps of an evaluation: what comes after is the cost of resting, the same for all who rest in one place. */
const EVALUATED_STEPS = 300;

/** The paper's double well in one dimension, L = (x² − 1)² − x/2. */
function wellProblem(discountRate: number): NavigationProblem {
  return defineProblem({
    landscape: { kind: "double-well", dimension: 1, tilt: 0.5 },
    objective: { discountRate, timeStep: 0.1 },
    observation: { kind: "state" },
    start: { kind: "gaussian", mean: [START], covariance: [[SPREAD ** 2]] },
  });
}

function setting(discountRate: number, quick: boolean): Setting {
  const problem = wellProblem(discountRate);
  let solution: Solution | undefined;
  const solved = () => (solution ??= solve(problem));
  return {
    name: `γ = ${discountRate}`,
    problem,
    usual: "bptt",
    recipes: [
      {
        role: "learned",
        policy: "MLP of the state",
        config: fullFor(problem, { hidden: [16, 16] }),
        trainers: {
          bptt: {
            steps: STEPS,
            tasks: 128,
            learningRate: 1e-2,
            decisions: "equal",
            iterations: quick ? 400 : 1000,
          },
          es: { steps: STEPS, tasks: 64, members: 32, sigma: 0.1, iterations: quick ? 150 : 300 },
          pes: {
            steps: STEPS,
            tasks: 32,
            members: 64,
            sigma: 0.1,
            unroll: 20,
            iterations: quick ? 600 : 1500,
          },
          ppo: { steps: 64, episodeSteps: STEPS, environments: 32, iterations: quick ? 80 : 200 },
        },
      },
    ],
    probe: (context) => probe(context, solved()),
  };
}

function probe(
  { setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext,
  { policy: exact, criticalDiscountRate: critical }: Solution,
): Findings {
  if (!critical) throw new Error("horizon: the best basin must flip at some discount rate");
  const { discountRate } = problem.objective;
  const crosses = discountRate < critical;
  const learned = ofRole(trained, "learned");
  const { barrier } = landmarks(problem);
  const crossed = (policy: Policy) => (restingPlaces(problem, policy, [START])[0] > barrier ? 1 : 0);
  const excess = (policy: Policy) => excessCost(problem, policy, `${seed}/regret`);
  const exactCost = excess(exact);
  return {
    rows: [
      row({
        setting: name,
        quantity: "share that ends in the global basin",
        predicted: crosses ? 1 : 0,
        exact: crossed(exact),
        learned: learned.map(crossed),
        criterion: crosses
          ? { kind: "at least", limit: 0.9, unit: "" }
          : { kind: "at most", limit: 0.1, unit: "" },
        note: `From ${START_LABEL}, γ* = ${critical.toFixed(3)}; each training ends in one basin or the other.`,
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: learned.map((policy) => 100 * (excess(policy) / exactCost - 1)),
        criterion: { kind: "at most", limit: 5 * regretAllowance, unit: "%" },
        note: "Of the cost beyond resting at the global minimum for ever.",
      }),
    ],
    panels: {
      "horizon-basin": {
        title: name,
        series: [
          meanSeries("exact policy", "exact", PLACES, [restingPlaces(problem, exact, PLACES)]),
          meanSeries(
            "learned",
            "learned",
            PLACES,
            learned.map((policy) => restingPlaces(problem, policy, PLACES)),
          ),
        ],
        marks: [
          { axis: "x", value: START, label: START_LABEL },
          { axis: "y", value: barrier, label: "barrier" },
        ],
      },
    },
  };
}

/** Where learners that start at these places end; nothing is random once a policy is trained. */
function restingPlaces(problem: NavigationProblem, policy: Policy, starts: readonly number[]): number[] {
  const dynamics = new Dynamics(problem, { count: starts.length, seed: 0 });
  for (const [n, start] of starts.entries()) dynamics.place(n, [start]);
  const observations = new Float64Array(starts.length);
  const actions = new Float64Array(starts.length);
  let state = policy.init(starts.length);
  for (let t = 0; t < EVALUATED_STEPS; t++) {
    dynamics.observe(observations);
    state = policy.act(observations, state, actions);
    dynamics.step(actions);
  }
  return Array.from(dynamics.parameters);
}

/** Mean cost of the training starts beyond that of resting at the global minimum. */
function excessCost(problem: NavigationProblem, policy: Policy, seed: string): number {
  const { discountRate, timeStep } = problem.objective;
  const { costs } = rollout(problem, policy, { episodes: 1024, steps: EVALUATED_STEPS, seed });
  const time =
    (1 - Math.exp(-discountRate * timeStep * EVALUATED_STEPS)) / (1 - Math.exp(-discountRate * timeStep));
  return mean(costs) - time * timeStep * landmarks(problem).leastLoss;
}

/** The top between the valleys, between the minima in the middle; and the loss at the lowest. */
function landmarks({ landscape }: NavigationProblem) {
  const minima = createLandscape(landscape).minima ?? [];
  const [low, high] = minima.map(({ parameters }) => parameters[0]).sort((a, b) => a - b);
  // The roots of 4x³ − 4x − tilt sum to 0.
  return { barrier: -(low + high), leastLoss: Math.min(...minima.map(({ loss }) => loss)) };
}

export function horizonExperiment(quick: boolean): Experiment {
  const rates = quick ? [0.3, 1.5] : [0.3, 0.5, 0.9, 1.5];
  return {
    phenomenon: "horizon",
    title: "How far a learner plans decides which minimum it goes to",
    question:
      "There are two valleys, and the learner starts in the poorer one. To cross the barrier costs something now and pays for " +
      "ever. The exact rule crosses if γ is below γ* and stays if it is above: a short-sighted learner is right to stay. " +
      "One trainer, several horizons, each the negative control of the others: does the network know when to go?",
    settings: rates.map((rate) => setting(rate, quick)),
    figures: [
      {
        name: "horizon-basin",
        title: "Who crosses the barrier",
        caption: `Where a learner ends, by where it starts; band: 95 % interval over training seeds. Those who start at ${START_LABEL} are judged.`,
        x: { label: "start x (units of θ)" },
        y: { label: "resting point x (units of θ)" },
      },
    ],
  };
}
