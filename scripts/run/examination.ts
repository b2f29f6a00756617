import type { Kernels } from "../../agents/kernels/kernels.js";
import { learnedPolicy } from "../../agents/policies/learned-policy.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { regret } from "../../agents/probes/regret.js";
import { mean, standardDeviation } from "../../agents/probes/statistics.js";
import type { TerminalSpec } from "../../agents/trainers/terminal-cost.js";
import { type NavigationProblem, rollout, type Seed } from "../../envs/index.js";
import { informedTerminalCost, type Solution, solve } from "../../solvers/index.js";

export interface ExaminationOptions {
  readonly seed: Seed;
  readonly steps: number;
  readonly terminal: TerminalSpec;
  readonly kernels: Kernels;
}

/** What a policy cost on episodes that no training saw. */
export interface Examination {
  readonly episodes: number;
  readonly steps: number;
  readonly terminal: TerminalSpec;
  /** Mean cost, and its standard error. */
  readonly cost: number;
  readonly costError: number;
  /** What it is held against; absent where there is no solution. */
  readonly reference?: Reference & {
    /** Cost beyond the reference's on the same episodes, and its standard error. */
    readonly excess: number;
    readonly excessError: number;
    /** The same in percent of the reference's cost, where that is positive. */
    readonly regret?: number;
    readonly regretError?: number;
  };
}

export interface Reference {
  readonly policy: string;
  /** How sure it is that it is optimal. */
  readonly status: Solution["status"];
  /** False where an unending problem is cut off, of which its optimum does not know. */
  readonly knowsEnd: boolean;
  readonly cost: number;
}

export interface Examiner {
  readonly reference: Reference | null;
  examine(model: PolicyModel, parameters: Float64Array): Examination;
}

const EPISODES = 2048;

/** Fresh episodes of a problem, and what the solution costs on them. */
export function examiner(problem: NavigationProblem, options: ExaminationOptions): Examiner {
  const { steps, terminal, kernels } = options;
  const informed = terminal === "informed-value";
  const conditions = {
    seed: `examination ${options.seed}`,
    steps,
    ...(informed && { terminalCost: informedTerminalCost(problem) }),
  };
  const told = { episodes: EPISODES, steps, terminal };
  const solution = solutionOf(problem);
  if (!solution) {
    return {
      reference: null,
      examine(model, parameters) {
        const policy = learnedPolicy(model, parameters, { kernels });
        const { costs } = rollout(problem, policy, { ...conditions, episodes: EPISODES });
        return { ...told, cost: mean(costs), costError: standardDeviation(costs) / Math.sqrt(EPISODES) };
      },
    };
  }
  const { costs } = rollout(problem, solution.policy, { ...conditions, episodes: EPISODES });
  const reference = {
    policy: solution.policy.name,
    status: solution.status,
    knowsEnd: informed || problem.objective.horizon !== undefined,
    cost: mean(costs),
  };
  return {
    reference,
    examine(model, parameters) {
      const policy = learnedPolicy(model, parameters, { kernels });
      const { cost, costError, relative, relativeError } = regret(problem, policy, costs, conditions);
      const beyond = { excess: relative * reference.cost, excessError: relativeError * reference.cost };
      const inPercent = reference.cost > 0 && { regret: 100 * relative, regretError: 100 * relativeError };
      return { ...told, cost, costError, reference: { ...reference, ...beyond, ...inPercent } };
    },
  };
}

/** Null where the solvers have none: they complain. */
function solutionOf(problem: NavigationProblem): Solution | null {
  try {
    const solution = solve(problem);
    return solution.status === "not-converged" ? null : solution;
  } catch (error) {
    const complains =
      error instanceof Error && (error.constructor === Error || error.name === "ProblemError");
    if (!complains) throw error;
    return null;
  }
}
