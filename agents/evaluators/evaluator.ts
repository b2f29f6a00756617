import type { NavigationProblem, Seed } from "../../envs/index.js";
import type { PolicyModel } from "../policies/model.js";
import type { EpisodesPart } from "../trainers/episodes.js";
import type { InformedOptions } from "../trainers/pace.js";
import type { DecisionWeights } from "../trainers/reverse.js";
import type { TerminalSpec } from "../trainers/terminal-cost.js";

/** What the jobs of a training run share. Evaluators keep memory for a workload, and know it by identity. */
export interface Workload {
  readonly problem: NavigationProblem;
  readonly model: PolicyModel;
  /** Steps of each episode. */
  readonly steps: number;
  /** Episodes of each job. */
  readonly episodes: number;
  readonly terminal: TerminalSpec;
  readonly want: "cost" | "gradient";
  /** How decisions count in the gradient, or "informed": see `InformedPass`, and `JudgedEpisodes` for costs. Default "discounted". */
  readonly decisions?: DecisionWeights | "informed";
  /** Of informed decisions. */
  readonly informed?: InformedOptions;
}

/** Episodes `firstIndex` … of a seed, under one setting of the weights. */
export interface Job {
  readonly workload: Workload;
  /** Weights of the policy, `[model.parameterCount]`. */
  readonly parameters: Float64Array;
  readonly seed: Seed;
  readonly firstIndex: number;
  /** Weights by which the episodes go, where decisions are informed and only costs are wanted. Default: `parameters`. */
  readonly going?: Float64Array;
  /** Which of the steps, where only the cost is wanted. Default: all. */
  readonly part?: EpisodesPart | undefined;
}

export interface JobResult {
  /** Σ J over the episodes. */
  readonly cost: number;
  /** Σ over the episodes of what decisions by `parameters` were judged to cost, where they are informed and only costs are wanted. */
  readonly judged?: number;
  /** Episodes that diverged. */
  readonly diverged: number;
  /** Σ ∂J/∂weights over the episodes; null when only the cost was wanted. */
  readonly gradient: Float64Array | null;
}

/** What runs jobs: here, or on workers. The result of a job is the same bits wherever it runs. */
export interface Evaluator {
  /** What computes the policies, such as "wasm". */
  readonly backend: string;
  /**
   * Rejects when the job fails, and when `signal` aborts before it ends. What it is given must not change meanwhile.
   * Views of `sharedNumbers` are not copied on their way to a worker; `part.after` has to be one.
   */
  evaluate(job: Job, signal?: AbortSignal): Promise<JobResult>;
  /** Ends every worker. Jobs under way reject. */
  close(): Promise<void>;
}
