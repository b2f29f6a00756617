import { refuseBatch, requireWhole } from "./core/arguments.js";
import type { Env, RenderMode } from "./core/env.js";
import { Episodes, type EpisodesOptions } from "./core/episodes.js";
import type { Numbers } from "./core/finite.js";
import type { Seed } from "./core/random.js";
import { SingleEnv } from "./core/single-env.js";
import { type StepBuffers, stepBuffers } from "./core/vector-env.js";
import { DIVERGENCE_PENALTY } from "./dynamics/costs.js";
import { FastDynamics } from "./fast-dynamics.js";
import { NavigationWorld } from "./navigation-world.js";
import type { NavigationProblem } from "./problem/problem.js";
import type { DrawingOptions } from "./render/episode-drawing.js";
import { Recorder } from "./render/recorder.js";
import { type Simulation, type SimulationBackend, simulation } from "./simulation.js";

/** Beside the observation; also what the problem hides from the learner. */
export type NavigationInfo = {
  /**
   * L after the movement and before the task changed, as it was charged: of all examples, or of `examples`. At the start of
   * an episode, L there.
   */
  readonly loss: number;
  /** The numbers of the examples whose mean that is, shape [batchSize]. Present where the loss of a minibatch is charged. */
  readonly examples?: Float64Array;
  /** θ or its loss left the finite numbers, and the step was undone. */
  readonly diverged: boolean;
  /** θ, shape [d]. */
  readonly parameters: Float64Array;
  /** μ now, shape [d]. Absent where the landscape has no minimum that could move. */
  readonly minimum?: Float64Array;
  /** Diagonal of H, shape [d]. Present where the problem hides it. */
  readonly curvature?: Float64Array;
  /** Which member of a family the landscape is now, shape [instanceSize]. Present where it is one, but for a hidden curvature. */
  readonly instance?: Float64Array;
};

export interface NavigationEnvOptions extends Omit<EpisodesOptions, "autoresetMode"> {
  /** Absent: from the system's entropy. */
  readonly seed?: Seed | undefined;
  /** Index of the first environment among all of a seed's. Default 0. */
  readonly firstIndex?: number | undefined;
  /** The reward of a step that diverges, negated: at least 0, and within float32. Default 1e6. */
  readonly divergencePenalty?: number | undefined;
  /** Default "reference"; "auto" and "wasm" compute in float32. */
  readonly backend?: SimulationBackend | undefined;
  /** Default null: `render` returns nothing. */
  readonly renderMode?: RenderMode | null | undefined;
  /** The best path from the start, each point of shape [d], for `render` in mode "svg". Default: not drawn. */
  readonly optimalPath?: DrawingOptions["optimalPath"];
}

export interface NavigationVectorEnvOptions extends NavigationEnvOptions, EpisodesOptions {
  /** Default 1. */
  readonly numEnvs?: number | undefined;
}

/**
 * A navigation problem as an environment. The action is u, the reward −Δt·[(1/2η)uᵀGu + k·L(θ′)]. The
 * horizon of the objective terminates an episode, divergence too; `maxEpisodeSteps` truncates it.
 *
 * `reset` takes `options.parameters`, a θ of shape [d] to start from.
 */
export function navigationEnv(
  problem: NavigationProblem,
  options: NavigationEnvOptions = {},
): Env<NavigationInfo> {
  refuseBatch("navigationEnv", "navigationVectorEnv", options);
  return new SingleEnv(navigationVectorEnv(problem, { ...options, numEnvs: 1, autoresetMode: "disabled" }));
}

/**
 * The same for a batch. Environment i draws what begins its k-th episode (start, landscape, task) from the
 * seed, `firstIndex + i` and k; and what happens on the way (noise, changes of task) from the seed,
 * `firstIndex + i` and a clock that all environments share. The clock ticks with every step and with every
 * reset of the whole batch. Therefore:
 * - environment i equals the only one of a batch with `firstIndex` i in the same mode, step for step;
 * - in "next-step" mode it also equals a single environment that is reset when its episode has ended;
 * - where an episode begins without a tick (mode "same-step", or a reset with a mask) its first observation
 *   has the noise of the last.
 */
export function navigationVectorEnv(
  problem: NavigationProblem,
  {
    numEnvs = 1,
    seed,
    firstIndex = 0,
    divergencePenalty = DIVERGENCE_PENALTY,
    backend,
    optimalPath,
    ...episodes
  }: NavigationVectorEnvOptions = {},
): NavigationVectorEnv {
  requireWhole("numEnvs", numEnvs, 1);
  if (!(divergencePenalty >= 0 && Number.isFinite(Math.fround(divergencePenalty))))
    throw new Error(`divergencePenalty: must be a number from 0 to 3.4e38, got ${divergencePenalty}`);
  const dynamics = simulation(problem, {
    count: numEnvs,
    firstIndex,
    divergencePenalty,
    backend,
    ...(seed === undefined ? {} : { seed }),
  });
  const recorder = episodes.renderMode === "svg" ? new Recorder(dynamics) : null;
  const world = new NavigationWorld(problem, dynamics, { recorder, optimalPath });
  return new NavigationVectorEnv(dynamics, world, episodes);
}

/** The arrays that a batch of environments works in, to be used with `stepInto`. */
export interface NavigationMemory extends Required<StepBuffers<Numbers>> {
  /** `[numEnvs, actionSize]`. */
  readonly actions: Numbers;
}

/** A batch of navigation environments; `stepInto` takes and writes float32 as well as float64. */
export class NavigationVectorEnv extends Episodes<NavigationInfo> {
  /** What computes it. */
  readonly backend: Simulation["backend"];
  /** What is simulated, also what the problem hides: live arrays of θ, μ and the landscapes, to be read between steps. */
  readonly simulation: Pick<Simulation, "count" | "parameters" | "minima" | "instances">;
  /**
   * Arrays of the simulator's own kind of number. `stepInto(memory.actions, memory)` copies nothing: in the wasm
   * backend they are views of the simulator's memory, and every step writes to them, one that throws for its actions to
   * `rewards` alone.
   */
  readonly memory: NavigationMemory;

  constructor(dynamics: Simulation, world: NavigationWorld, options: EpisodesOptions) {
    super(world, options);
    const buffers = stepBuffers(this);
    this.backend = dynamics.backend;
    this.simulation = dynamics;
    this.memory =
      dynamics instanceof FastDynamics
        ? {
            ...buffers,
            actions: dynamics.actions,
            observations: dynamics.observations,
            rewards: dynamics.rewards,
            finalObservations: new Float32Array(dynamics.observations.length),
          }
        : { ...buffers, actions: new Float64Array(this.actionSpace.size) };
  }
}
