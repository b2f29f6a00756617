import { defineProblem, type NavigationProblem } from "../../envs/index.js";
import { INFORMED, type TrainerOptions } from "./experiment.js";

/** A task that is redrawn now and then, seen through noise. */
export interface Regime {
  readonly hazardRate: number;
  readonly discountRate: number;
  readonly noise: number;
  readonly priorDeviation: number;
  readonly steps: number;
  /** Of evolution: w takes longer to find where it is large. */
  readonly generations: number;
  /** Whether the exact rule is far enough ahead of the best linear filter for a learned one to show it. */
  readonly beatsLinear: boolean;
}

/** Where redraws are rarest the exact rule is farthest from linear. */
export const RAREST: Regime = {
  hazardRate: 0.05,
  discountRate: 0.05,
  noise: 2,
  priorDeviation: 3,
  steps: 200,
  generations: 1000,
  beatsLinear: true,
};

export const REGIMES: readonly Regime[] = [
  {
    hazardRate: 0.3,
    discountRate: 0.2,
    noise: 1,
    priorDeviation: 1,
    steps: 100,
    generations: 1500,
    beatsLinear: false,
  },
  {
    hazardRate: 0.1,
    discountRate: 0.1,
    noise: 1,
    priorDeviation: 2,
    steps: 150,
    generations: 1000,
    beatsLinear: false,
  },
  RAREST,
];

export function redrawnProblem(
  { hazardRate, discountRate, noise, priorDeviation }: Regime,
  { cued = false }: { readonly cued?: boolean } = {},
): NavigationProblem {
  const channels = ["gradient", "parameters", ...(cued ? (["cue"] as const) : [])] as const;
  return defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate, timeStep: 0.1 },
    task: { kind: "redrawn", hazardRate, mean: [0], covariance: [[priorDeviation ** 2]] },
    observation: { kind: "gradient", noise, channels },
  });
}

/** @param iterations of bptt, es, pes and ppo */
export function redrawnTrainers(
  { steps }: Regime,
  [bptt, es, pes, ppo]: readonly [number, number, number, number],
): TrainerOptions {
  return {
    bptt: { steps, tasks: 128, learningRate: 2e-2, decisions: "equal", iterations: bptt },
    es: { steps, tasks: 32, members: 32, iterations: es },
    pes: { steps, tasks: 32, members: 32, unroll: 25, iterations: pes },
    ppo: { ...INFORMED, steps: 64, episodeSteps: steps, environments: 128, iterations: ppo },
  };
}
