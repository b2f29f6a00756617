import { refuseOthers, requireNonNegative, requireWhole } from "./core/arguments.js";
import type { Numbers } from "./core/finite.js";
import type { Seed } from "./core/random.js";
import { Dynamics, type DynamicsOptions } from "./dynamics.js";
import { FastDynamics } from "./fast-dynamics.js";
import { familyOf } from "./kernels/families.js";
import type { Landscape } from "./landscapes/landscape.js";
import type { ChannelLayout, NavigationProblem } from "./problem/problem.js";

/** "reference": TypeScript in float64; "wasm": WebAssembly SIMD in float32; "auto": wasm where there are kernels. */
export type SimulationBackend = "auto" | "reference" | "wasm";

/** All that the future of a simulation depends on, beside its problem, its seed and the actions. */
export interface SimulationState {
  /** Ticks of the clock. */
  readonly clock: number;
  /** Steps since each episode began, and episodes begun, `[count]`. */
  readonly elapsed: Int32Array;
  readonly episodes: Int32Array;
  /** θ, its last movement and μ, `[count, dimension]`. */
  readonly parameters: Numbers;
  readonly updates: Numbers;
  readonly minima: Numbers;
  /** `[count, instanceSize]`. */
  readonly instances: Float64Array;
  /** 1 where the task has just changed, `[count]`. */
  readonly cues: Uint8Array;
}

/** A batch of environments without episodes or spaces, whatever computes it: `Dynamics` or `FastDynamics`. */
export interface Simulation {
  readonly backend: "reference" | "wasm";
  readonly landscape: Landscape;
  readonly layout: readonly ChannelLayout[];
  readonly count: number;
  readonly dimension: number;
  readonly actionSize: number;
  readonly observationSize: number;
  /** θ, `[count, dimension]`. */
  readonly parameters: Numbers;
  /** μ, `[count, dimension]`. */
  readonly minima: Numbers;
  /** What tells the members of a family of landscapes apart, `[count, instanceSize]`. */
  readonly instances: Float64Array;
  /** Loss charged in the last step, or at the start of an episode, `[count]`. */
  readonly losses: Numbers;
  /** The examples whose loss that was `[count, batchSize]`; of length 0 where it is that of all. */
  readonly examples: Int32Array;
  /** Cost of the last step, `[count]`. */
  readonly costs: Numbers;
  /** The same negated, `[count]`. */
  readonly rewards: Numbers;
  /** 1 where the last step left the finite numbers, and was undone, `[count]`. */
  readonly diverged: Uint8Array;
  /** Whether that happened anywhere in the last step. */
  readonly anyDiverged: boolean;
  seed(seed?: Seed, firstIndex?: number): void;
  beginAll(): void;
  /** Begins an episode in environments `from` … `to − 1`, by default in `from` alone. */
  begin(from: number, to?: number): void;
  place(n: number, parameters: ArrayLike<number>): void;
  step(actions: Numbers, keepsWorld?: boolean): void;
  /** The same, unless some action is not finite: then it is false, and nothing has happened that is kept. */
  tryStep(actions: Numbers, keepsWorld?: boolean): boolean;
  observe(out: Numbers, offset?: number): void;
  /** Whether what `observe` has just written at the beginning of `observations` is finite. */
  isFinite(observations: Numbers): boolean;
  /** Lets environment n diverge, where an observation is not finite though the loss is; nothing is undone. */
  diverge(n: number): void;
  /** Steps of environment n since its episode began. */
  elapsedOf(n: number): number;
  /** A copy. @throws Error where the problem keeps more than that: delayed observations, hyperparameters as actions. */
  save(): SimulationState;
  /** Goes on from there, as the simulation that was saved would have, if this one has the same seed and `firstIndex`. */
  restore(state: SimulationState): void;
}

export interface SimulationOptions extends DynamicsOptions {
  /** Default "reference". */
  readonly backend?: SimulationBackend | undefined;
}

/**
 * The discretised navigation problem in batches. The same seed gives the same starts, tasks and noise in both
 * backends, up to the rounding of float32.
 *
 * @throws Error when `backend` is "wasm" and there are no kernels for the problem: why
 */
export function simulation(
  problem: NavigationProblem,
  { backend = "reference", ...options }: SimulationOptions = {},
): Simulation {
  const { count = 1, firstIndex = 0, seed: _, divergencePenalty = 0, ...others } = options;
  refuseOthers("simulation", others, "backend, count, firstIndex, seed, divergencePenalty");
  requireWhole("count", count, 1);
  requireWhole("firstIndex", firstIndex, 0);
  requireNonNegative("divergencePenalty", divergencePenalty);
  if (!["auto", "reference", "wasm"].includes(backend))
    throw new Error(`backend: must be "auto", "reference" or "wasm", got ${JSON.stringify(backend)}`);
  if (backend === "reference") return new Dynamics(problem, options);
  const family = familyOf(problem);
  if (typeof family !== "string") return new FastDynamics(problem, options);
  if (backend === "auto") return new Dynamics(problem, options);
  throw new Error(`backend: must be "auto" or "reference" for this problem, got "wasm": ${family}`);
}
