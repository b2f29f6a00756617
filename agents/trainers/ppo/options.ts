import {
  discountOf,
  horizonStepsOf,
  type NavigationProblem,
  navigationVectorEnv,
  type SimulationBackend,
  type VectorEnv,
} from "../../../envs/index.js";
import type { Kernels } from "../../kernels/kernels.js";
import { wasmKernels } from "../../kernels/wasm.js";
import type { PolicyModel } from "../../policies/model.js";
import { defaultSteps, type RunOptions } from "../train.js";
import type { Exploration } from "./collector.js";
import { type Critic, informedWorld, type World } from "./critic.js";
import type { PpoSettings } from "./learner.js";

export interface PpoOptions
  extends Pick<RunOptions, "seed" | "initialParameters" | "resume" | "clock" | "stop">,
    Partial<Pick<RunOptions, "iterations" | "checkpointEvery">> {
  /** N, where a problem is given. Default 32. */
  readonly environments?: number;
  /** T. Default 64. */
  readonly steps?: number;
  /** Steps after which an episode is cut short, where a problem is given. Default: its horizon, or 60. */
  readonly episodeSteps?: number;
  /** What simulates, where a problem is given. Default "auto". */
  readonly backend?: SimulationBackend;
  /** What computes the networks. Default: WebAssembly. */
  readonly kernels?: Kernels;
  /** ρ per step. Default: that of the problem; to be given with an environment. */
  readonly discount?: number;
  /** What decisions are measured against. Default "learned"; the others need a problem whose informed value is known. */
  readonly critic?: Critic;
  /**
   * λ of the advantages, in [0, 1]; not a discount of anything that is paid. Default 0.95; 0 with the critic "counterfactual", which takes
   * the noise of a decision out of its own advantage only, and not out of those before it.
   */
  readonly lambda?: number;
  /** Times that an iteration goes over its decisions. Default 10. */
  readonly epochs?: number;
  /** Minibatches of each time; their number divides N. Default 4. */
  readonly minibatches?: number;
  /** ε: by how much the probability of a decision may change before it counts no further. Default 0.2. */
  readonly clip?: number;
  /** Mean KL divergence from the policy that took the decisions at which an iteration goes over to the next. Default 0.03. */
  readonly largestDivergence?: number;
  /** What a unit of Σ log σ is worth, with advantages of variance 1; without it σ vanishes too soon. Default 0.3; 0 where σ stays. */
  readonly entropyBonus?: number;
  /** σ of every action at the start, and at most, in the units of `exploration`. Default 0.5. */
  readonly deviation?: number;
  /**
   * What σ is in units of. "fixed": the action. "relative": max(|u|, `smallestAction`), where u is what the policy that takes the decision would do:
   * so tasks that ask for actions of different sizes are all explored. That unit is taken as given: no gradient goes through it. Default "fixed".
   */
  readonly exploration?: Exploration;
  /** Of "relative" exploration, in units of the action, from 1e-12 to 1e12. Default 1e-4. */
  readonly smallestAction?: number;
  /**
   * s, in units of the action: with "relative" exploration an advantage weighs 1 + s²/Σ max(|u|, `smallestAction`)², so that actions much smaller than s count by
   * their relative error. From 1e-6 to 1e6. Default 0: all weigh alike.
   */
  readonly relative?: number;
  /** Units of each hidden layer of the value function that the critic "learned" trains. Default [32, 32]. */
  readonly valueHidden?: readonly number[];
  /** Adam's learning rate; it falls to 0 as a half cosine. Default 3e-3. */
  readonly learningRate?: number;
  /** Largest norm of a gradient, of the policy and of the value function each. Default 0.5. */
  readonly clipNorm?: number;
  /** Iterations after which all episodes begin anew; only then is there a checkpoint. Default 8. */
  readonly renewEvery?: number;
}

/** Options with every default filled in. */
export interface PpoRun {
  readonly problem: NavigationProblem | null;
  readonly makeWorld: () => World;
  /** N. */
  readonly environments: number;
  readonly model: PolicyModel;
  readonly settings: PpoSettings;
  readonly iterations: number;
  readonly learningRate: number;
  readonly renewEvery: number;
  readonly checkpointEvery: number;
  readonly kernels: Kernels;
  readonly options: PpoOptions;
  /** Of the record only. */
  readonly told: Readonly<Record<string, unknown>>;
}

/** Fills in the defaults. @throws Error when an option is bad */
export function runOf(where: NavigationProblem | VectorEnv, model: PolicyModel, options: PpoOptions): PpoRun {
  const {
    steps = 64,
    epochs = 10,
    minibatches = 4,
    clip = 0.2,
    largestDivergence = 0.03,
    critic = "learned",
    lambda = critic === "counterfactual" ? 0 : 0.95,
    entropyBonus = critic === "counterfactual" ? 0 : 0.3,
    deviation = 0.5,
    exploration = "fixed",
    smallestAction = 1e-4,
    relative = 0,
    valueHidden = [32, 32],
    clipNorm = 0.5,
    iterations = 200,
    learningRate = 3e-3,
    renewEvery = 8,
    checkpointEvery = 0,
    kernels = wasmKernels(),
  } = options;
  if (!["learned", "informed", "counterfactual"].includes(critic))
    throw new Error(
      `ppo: critic must be "learned", "informed" or "counterfactual", got "${critic as string}"`,
    );
  const { problem, makeWorld, discount, told, numEnvs } = isEnv(where)
    ? given(where, options)
    : made(where, options);
  const horizon = problem ? horizonStepsOf(problem) : 0;
  requireWhole({
    iterations,
    renewEvery,
    numEnvs,
    steps,
    epochs,
    minibatches,
    ...(critic === "learned" && { "valueHidden[0]": valueHidden[0] }),
  });
  requireWithin("lambda", lambda, 0, 1);
  if (critic === "counterfactual" && entropyBonus !== 0)
    throw new Error(
      `ppo: entropyBonus must be 0 with critic "counterfactual", which leaves σ as it is, got ${entropyBonus}`,
    );
  requireWithin("discount", discount, 0, 1);
  if (exploration !== "fixed" && exploration !== "relative")
    throw new Error(`ppo: exploration must be "fixed" or "relative", got "${exploration as string}"`);
  if (exploration === "fixed" && relative !== 0)
    throw new Error(`ppo: relative must be 0 with exploration "fixed", got ${relative}`);
  if (relative !== 0) requireWithin("relative", relative, 1e-6, 1e6);
  requireWithin("smallestAction", smallestAction, 1e-12, 1e12);
  const above = { clip, largestDivergence, deviation, learningRate, clipNorm };
  for (const [name, value] of Object.entries(above))
    if (!(value > 0)) throw new Error(`ppo: ${name} must be > 0, got ${value}`);
  requireWithin("entropyBonus", entropyBonus, 0, Number.MAX_VALUE);
  if ((numEnvs / minibatches) % 1 !== 0)
    throw new Error(
      `ppo: minibatches must divide the number of environments (${numEnvs}), got ${minibatches}`,
    );
  const settings = {
    ...{ steps, epochs, minibatches, discount, lambda, clip, largestDivergence, entropyBonus, deviation },
    ...{ valueHidden, clipNorm, horizon, relative },
    ...{ exploration, smallestAction },
  };
  return {
    ...{ problem, makeWorld, environments: numEnvs, model, settings, told, kernels, options },
    ...{ iterations, learningRate, renewEvery, checkpointEvery },
  };
}

function made(problem: NavigationProblem, options: PpoOptions) {
  const { environments = 32, episodeSteps = defaultSteps(problem), backend = "auto" } = options;
  const { discount = discountOf(problem), critic = "learned" } = options;
  const informed = critic === "learned" ? null : informedWorld(critic, problem);
  if (informed && discount !== discountOf(problem))
    throw new Error(
      `ppo: discount must be that of the problem (${discountOf(problem)}) with critic "${critic}", got ${discount}`,
    );
  const makeWorld = () => {
    const env = navigationVectorEnv(problem, {
      numEnvs: environments,
      maxEpisodeSteps: episodeSteps,
      // So that the last state of an episode can still be judged.
      autoresetMode: informed ? "next-step" : "same-step",
      backend,
    });
    return informed ? informed(env) : { env, worth: null };
  };
  const told = { environments, episodeSteps, backend, critic };
  return { problem, makeWorld, discount, numEnvs: environments, told };
}

function given(env: VectorEnv, { discount, critic = "learned" }: PpoOptions) {
  if (critic !== "learned")
    throw new Error(`ppo: critic must be "learned" with an environment, got "${critic}"`);
  const { autoresetMode } = env.metadata;
  if (autoresetMode === "disabled")
    throw new Error('ppo: autoresetMode must be "same-step" or "next-step", got "disabled"');
  if (discount === undefined)
    throw new Error("ppo: discount must be given with an environment, got undefined");
  const told = { environments: env.numEnvs, environment: env.spec, autoresetMode };
  return { problem: null, makeWorld: () => ({ env, worth: null }), discount, numEnvs: env.numEnvs, told };
}

function isEnv(where: NavigationProblem | VectorEnv): where is VectorEnv {
  return "numEnvs" in where;
}

function requireWhole(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`ppo: ${name} must be a whole number >= 1, got ${value}`);
}

function requireWithin(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high))
    throw new Error(`ppo: ${name} must be in [${low}, ${high}], got ${value}`);
}
