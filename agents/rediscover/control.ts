import { defineProblem, type NavigationProblem, type Policy, rollout } from "../../envs/index.js";
import { solve } from "../../solvers/index.js";
import { fullFor } from "../policies/full.js";
import { heavyBallFit, heavyBallOf } from "../probes/heavy-ball.js";
import { indices, meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import {
  type Experiment,
  type Findings,
  ofRole,
  type ProbeContext,
  type Recipe,
  type Setting,
} from "./experiment.js";
import { row } from "./rows.js";

const STEPS = 60;
const MOMENTUM_TOLERANCE = 0.02;
/** Of the learning rate. */
const RELATIVE_TOLERANCE = 0.1;

/** Beside it, the velocity is too small to be seen. */
const OUT_OF_SIGHT = 1e9;

/** The loss is not of the velocity, but a curvature must be above 0. */
const NEXT_TO_NONE = 1e-9;

interface Regime {
  readonly curvature: number;
  readonly friction: number;
  readonly discountRate: number;
}

const REGIMES: readonly Regime[] = [
  { curvature: 1, friction: 0, discountRate: 0.2 },
  { curvature: 4, friction: 0.5, discountRate: 1 },
];

/** Position and velocity, of which only the velocity can be pushed: θ̇ = v, v̇ = −cv + a. */
function pushedProblem({ curvature, friction, discountRate }: Regime): NavigationProblem {
  return defineProblem({
    landscape: { kind: "quadratic", curvature: [curvature, NEXT_TO_NONE] },
    objective: { discountRate, timeStep: 0.1 },
    geometry: {
      drift: {
        matrix: [
          [0, 1],
          [0, -friction],
        ],
        offset: [0, 0],
      },
      control: [[0], [1]],
    },
    observation: { kind: "state" },
    start: {
      kind: "gaussian",
      mean: [0, 0],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
  });
}

function setting(regime: Regime, quick: boolean): Setting {
  const problem = pushedProblem(regime);
  const { curvature, friction, discountRate } = regime;
  const recipe = (role: Recipe["role"], policy: string, scale: number[]): Recipe => ({
    role,
    policy,
    config: fullFor(problem, { hidden: [16], scale }),
    trainers: {
      bptt: {
        steps: STEPS,
        tasks: 128,
        chunk: 64,
        learningRate: 1e-2,
        decisions: "equal",
        iterations: quick ? 400 : 1000,
      },
      es: { steps: STEPS, tasks: 64, members: 32, iterations: quick ? 300 : role === "control" ? 200 : 400 },
      pes: { steps: STEPS, tasks: 32, members: 32, unroll: 15, iterations: quick ? 800 : 2000 },
      ppo: { steps: 64, episodeSteps: STEPS, environments: 32, iterations: quick ? 80 : 200 },
    },
  });
  return {
    name: `h = ${curvature}, friction ${friction}, γ = ${discountRate}`,
    problem,
    usual: "bptt",
    recipes: [
      recipe("learned", "MLP of the state", [1]),
      recipe("control", "MLP of the position", [1, OUT_OF_SIGHT]),
    ],
    probe,
  };
}

function probe({ setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext): Findings {
  const { policy: exact, discrete } = solve(problem);
  if (!discrete) throw new Error("control: the problem must have a linear law");
  const measure = (policy: Policy) => heavyBallFit(problem, policy, exact, { seed: `${seed}/fit` });
  const learned = ofRole(trained, "learned");
  const controls = ofRole(trained, "control");
  const predicted = heavyBallOf(problem, discrete.gain[0]);
  const exactBall = measure(exact);
  const balls = learned.map(measure);
  const path = (policy: Policy) => pathFrom(problem, policy);
  const exactPath = path(exact);
  const times = indices(exactPath).map((t) => t * problem.objective.timeStep);
  return {
    rows: [
      row({
        setting: name,
        quantity: "momentum β",
        predicted: predicted.momentum,
        exact: exactBall.momentum,
        learned: balls.map(({ momentum }) => momentum),
        criterion: { kind: "within", of: "predicted", tolerance: MOMENTUM_TOLERANCE },
      }),
      row({
        setting: name,
        quantity: "learning rate α",
        predicted: predicted.learningRate,
        exact: exactBall.learningRate,
        learned: balls.map(({ learningRate }) => learningRate),
        criterion: {
          kind: "within",
          of: "predicted",
          tolerance: RELATIVE_TOLERANCE * predicted.learningRate,
        },
      }),
      row({
        setting: name,
        quantity: "β of the control",
        predicted: predicted.momentum,
        learned: controls.map((policy) => measure(policy).momentum),
        criterion: { kind: "outside", of: "predicted", tolerance: MOMENTUM_TOLERANCE },
        note: "A rule that does not see its velocity must fail the probe.",
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: regretsAgainst(problem, exact, learned, { seed: `${seed}/regret`, steps: STEPS }),
        criterion: { kind: "at most", limit: 2 * regretAllowance, unit: "%" },
      }),
    ],
    panels: {
      "heavy-ball-path": {
        title: name,
        series: [
          meanSeries("exact policy", "exact", times, [exactPath]),
          meanSeries("learned", "learned", times, learned.map(path)),
          meanSeries("does not see its velocity", "control", times, controls.map(path)),
        ],
        marks: [{ axis: "y", value: 0, label: "minimum" }],
      },
    },
  };
}

/** Positions from rest at 1. */
function pathFrom(problem: NavigationProblem, policy: Policy): number[] {
  const positions = [1];
  const start = { kind: "point", parameters: [1, 0] } as const;
  rollout({ ...problem, start }, policy, {
    steps: 100,
    seed: 0,
    onStep: ({ dynamics }) => positions.push(dynamics.parameters[0]),
  });
  return positions;
}

export function controlExperiment(quick: boolean): Experiment {
  return {
    phenomenon: "control",
    title: "Heavy ball is what is left when only the velocity can be pushed",
    question:
      "The learner has a position and a velocity, and pays for pushing the velocity; the loss is of the position alone. The exact " +
      "push is a = −κ₁θ − κ₂v, which is the heavy ball, v ← βv − α∇L, with β = 1 − Δt(c + κ₂) and α = Δt²κ₁/h. Nothing is " +
      "hidden: here momentum is not a belief, it is mechanics. Does a network of the state find β and α?",
    settings: (quick ? REGIMES.slice(0, 1) : REGIMES).map((regime) => setting(regime, quick)),
    figures: [
      {
        name: "heavy-ball-path",
        title: "The way to the minimum from rest at 1",
        caption: "Position over time; band: 95 % interval over training seeds.",
        x: { label: "time t (units of time)" },
        y: { label: "position θ" },
      },
    ],
  };
}
