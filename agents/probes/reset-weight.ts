import { Dynamics, type NavigationProblem, type Policy, type Seed, type Vector } from "../../envs/index.js";
import { linearFit, mean } from "./statistics.js";

export interface ExposureOptions {
  readonly seed: Seed;
  /** Learners to average over. Default 1024. */
  readonly episodes?: number;
  /** Steps with one task. Default 150. */
  readonly exposure?: number;
}

/**
 * Weight w of the prior mean in the resting point after long exposure to one task: the resting points are
 * regressed on the tasks, θ_rest ≈ μ₀ + (1 − w)(μ − μ₀). The rest is averaged over the last third.
 */
export function resetWeight(
  problem: NavigationProblem,
  policy: Policy,
  { seed, episodes = 1024, exposure = 150 }: ExposureOptions,
): number {
  const { task } = problem;
  if (!task.mean || !task.covariance)
    throw new Error("resetWeight: needs a hidden task, got a known minimum");
  const lasting: NavigationProblem = {
    ...problem,
    task: { kind: "static", mean: task.mean, covariance: task.covariance },
  };
  const from = Math.floor((2 * exposure) / 3);
  let rest = new Float64Array(0);
  let tasks = new Float64Array(0);
  navigate(lasting, policy, episodes, exposure, seed, (t, dynamics) => {
    if (t === 0) rest = new Float64Array(dynamics.parameters.length);
    if (t === exposure - 1) tasks = dynamics.minima.slice();
    if (t < from) return;
    for (let i = 0; i < rest.length; i++) rest[i] += dynamics.parameters[i] / (exposure - from);
  });
  const [slope] = linearFit([tasks], rest);
  return 1 - slope;
}

export interface TaskSwitchOptions extends ExposureOptions {
  /** The task before and after the switch, per coordinate. */
  readonly before: Vector;
  readonly after: Vector;
  /** Steps followed after the switch. Default 80. */
  readonly steps?: number;
}

/** Mean path of the first parameter around a change of task at step 0: from −20 on. */
export function taskSwitch(
  problem: NavigationProblem,
  policy: Policy,
  { before, after, seed, episodes = 1024, exposure = 150, steps = 80 }: TaskSwitchOptions,
): [step: number, parameter: number][] {
  const still: NavigationProblem = { ...problem, task: { kind: "static" } };
  const path: [number, number][] = [];
  const set = (dynamics: Dynamics, minimum: Vector) => {
    for (let i = 0; i < dynamics.minima.length; i++) dynamics.minima[i] = minimum[i % minimum.length];
  };
  navigate(
    still,
    policy,
    episodes,
    exposure + steps,
    seed,
    (t, dynamics) => {
      if (t >= exposure - 20) path.push([t - exposure + 1, meanOfFirst(dynamics)]);
      if (t === exposure - 1) set(dynamics, after);
    },
    (dynamics) => set(dynamics, before),
  );
  return path;
}

function meanOfFirst({ parameters, dimension }: Dynamics): number {
  return mean(parameters.filter((_, i) => i % dimension === 0));
}

function navigate(
  problem: NavigationProblem,
  policy: Policy,
  episodes: number,
  steps: number,
  seed: Seed,
  onStep: (t: number, dynamics: Dynamics) => void,
  onStart?: (dynamics: Dynamics) => void,
): void {
  const dynamics = new Dynamics(problem, { count: episodes, seed });
  onStart?.(dynamics);
  const observations = new Float64Array(episodes * dynamics.observationSize);
  const actions = new Float64Array(episodes * dynamics.actionSize);
  let state = policy.init(episodes);
  for (let t = 0; t < steps; t++) {
    dynamics.observe(observations);
    state = policy.act(observations, state, actions);
    dynamics.step(actions);
    onStep(t, dynamics);
  }
}
