import { defineProblem, type NavigationProblem, type Policy } from "../../envs/index.js";
import { bayesOptimalPolicy, predictedMomentum as predictedKernel } from "../../solvers/index.js";
import { gruFor } from "../policies/gru.js";
import { memorylessFor } from "../policies/memoryless.js";
import { type MomentumKernel, momentumKernel } from "../probes/momentum-kernel.js";
import type { EsOptions } from "../trainers/es.js";
import type { PesOptions } from "../trainers/pes.js";
import { indices, meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import {
  type Experiment,
  type Findings,
  INFORMED,
  ofRole,
  type ProbeContext,
  type Setting,
  type TrainerOptions,
} from "./experiment.js";
import type { Series } from "./report.js";
import { row } from "./rows.js";

const STEPS = 100;
/** Steps of the kernel; it ends with the horizon of training. */
const KERNEL_STEPS = 30;
const DECAY_TOLERANCE = 0.05;

/** A minimum that drifts as an Ornstein-Uhlenbeck process, seen through noisy gradients. */
function driftingProblem(noise: number, relaxationRate: number): NavigationProblem {
  return defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate: 0.2, timeStep: 0.1 },
    task: { kind: "drifting", relaxationRate, mean: [0], covariance: [[1]] },
    observation: { kind: "gradient", noise },
  });
}

interface Regime {
  readonly noise: number;
  readonly relaxationRate: number;
  /** Of evolution strategies: σ is wide where memory is worth a percent of the cost, and smaller changes do not show. */
  readonly es: Pick<EsOptions, "sigma">;
  readonly pes: Pick<PesOptions, "sigma">;
}

const REGIMES: readonly Regime[] = [
  { noise: 0.3, relaxationRate: 0.5, es: { sigma: 0.1 }, pes: {} },
  { noise: 1, relaxationRate: 0.5, es: {}, pes: {} },
  { noise: 2, relaxationRate: 0.25, es: { sigma: 0.1 }, pes: { sigma: 0.1 } },
];

function driftingTrainers(
  [bptt, es, pes, ppo]: readonly [number, number, number, number],
  told: Partial<Pick<Regime, "es" | "pes">> = {},
): TrainerOptions {
  const shared = { steps: STEPS, tasks: 64, members: 32 };
  return {
    bptt: { steps: STEPS, tasks: 128, learningRate: 2e-2, decisions: "equal", iterations: bptt },
    es: { ...shared, ...told.es, iterations: es },
    pes: { ...shared, ...told.pes, unroll: 20, iterations: pes },
    ppo: { ...INFORMED, steps: 64, episodeSteps: STEPS, environments: 128, iterations: ppo },
  };
}

function driftingSetting({ noise, relaxationRate, ...told }: Regime, quick: boolean): Setting {
  const problem = driftingProblem(noise, relaxationRate);
  return {
    name: `noise ${noise}, drift ${relaxationRate}`,
    problem,
    usual: "bptt",
    recipes: [
      {
        role: "learned",
        policy: "GRU-16",
        config: gruFor(problem, { units: 16 }),
        trainers: driftingTrainers(quick ? [500, 150, 600, 100] : [1500, 400, 1800, 200], told),
      },
      {
        role: "control",
        policy: "memoryless MLP",
        config: memorylessFor(problem, { hidden: [16] }),
        trainers: driftingTrainers(quick ? [150, 60, 200, 40] : [500, 150, 500, 100]),
      },
    ],
    probe: probeDrifting,
  };
}

function probeDrifting({
  setting: { name, problem },
  trained,
  seed,
  regretAllowance,
}: ProbeContext): Findings {
  const { decay, initial } = predictedKernel(problem);
  const [predicted] = decay;
  const exact = bayesOptimalPolicy(problem);
  const measure = (policy: Policy) =>
    momentumKernel(problem, policy, {
      seed: `${seed}/kernel`,
      warmUp: STEPS - KERNEL_STEPS,
      length: KERNEL_STEPS,
    });
  const learned = ofRole(trained, "learned");
  const exactKernel = measure(exact);
  const learnedKernels = learned.map(measure);
  const controlKernels = ofRole(trained, "control").map(measure);
  const lags = indices(exactKernel.response);
  const panel = (
    curveName: string,
    role: Series["role"],
    kernels: readonly Pick<MomentumKernel, "response">[],
  ) =>
    meanSeries(
      curveName,
      role,
      lags,
      kernels.map(({ response }) => response),
    );
  const regrets = regretsAgainst(problem, exact, learned, { seed: `${seed}/regret`, steps: STEPS });
  return {
    rows: [
      row({
        setting: name,
        quantity: "momentum decay β",
        predicted,
        exact: exactKernel.decay,
        learned: learnedKernels.map(({ decay }) => decay),
        criterion: { kind: "within", of: "predicted", tolerance: DECAY_TOLERANCE },
      }),
      row({
        setting: name,
        quantity: "β of the memoryless control",
        predicted,
        learned: controlKernels.map(({ decay }) => decay),
        criterion: { kind: "outside", of: "predicted", tolerance: DECAY_TOLERANCE },
        note: "A rule without memory must fail the probe.",
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: regrets,
        criterion: { kind: "at most", limit: 5 * regretAllowance, unit: "%" },
      }),
    ],
    panels: {
      "momentum-kernel": {
        title: name,
        series: [
          panel("predicted", "predicted", [{ response: lags.map((lag) => -initial[0] * predicted ** lag) }]),
          panel("exact policy", "exact", [exactKernel]),
          panel("learned", "learned", learnedKernels),
          panel("memoryless control", "control", controlKernels),
        ],
      },
    },
  };
}

/** Known and exact: no memory is needed, and none should help. */
function observedSetting(quick: boolean): Setting {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate: 0.2, timeStep: 0.1 },
    start: { kind: "gaussian", mean: [0], covariance: [[1]] },
  });
  return {
    name: "fully observed",
    problem,
    usual: "es",
    recipes: [
      {
        role: "learned",
        policy: "memoryless MLP",
        config: memorylessFor(problem, { hidden: [8] }),
        trainers: driftingTrainers(quick ? [150, 60, 200, 40] : [500, 150, 500, 100]),
      },
    ],
    probe: ({ setting: { name }, trained, seed, regretAllowance }) => ({
      rows: [
        row({
          setting: name,
          quantity: "regret",
          exact: 0,
          learned: regretsAgainst(problem, bayesOptimalPolicy(problem), ofRole(trained, "learned"), {
            seed,
            steps: STEPS,
          }),
          criterion: { kind: "at most", limit: 2 * regretAllowance, unit: "%" },
        }),
      ],
      panels: {},
    }),
  };
}

export function momentumExperiment(quick: boolean): Experiment {
  const regimes = quick ? REGIMES.slice(1, 2) : REGIMES;
  return {
    phenomenon: "momentum",
    title: "Momentum is a belief about where the minimum is",
    question:
      "The minimum drifts and gradients are noisy, so one gradient says little. The exact rule is a Kalman filter " +
      "followed by a step towards the estimate, and its answer to one gradient pulse decays by β* = a(1 − K) a step, " +
      "a the task's autocorrelation and K the filter's gain: heavy-ball momentum, with β derived from noise and " +
      "drift. Does a network that was only told to keep its cost low find the same β?",
    settings: [observedSetting(quick), ...regimes.map((regime) => driftingSetting(regime, quick))],
    figures: [
      {
        name: "momentum-kernel",
        title: "Answer to one gradient pulse",
        caption:
          "Mean change of the action after a unit pulse in a stationary stream; band: 95 % interval over training seeds.",
        x: { label: "steps after the pulse" },
        y: { label: "∂u/∂g (θ²/(loss·time))" },
      },
    ],
  };
}
