import { describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import type { Belief } from "../../solvers/beliefs/belief.js";
import { kalman } from "../../solvers/beliefs/kalman.js";
import { runLength } from "../../solvers/beliefs/run-length.js";
import { affineLaw } from "../../solvers/policies/affine.js";
import { bayesOptimalPolicy } from "../../solvers/policies/bayes-optimal.js";
import { observer } from "../../solvers/policies/filtered.js";
import { discreteTaskLaw } from "../../solvers/task-law.js";

const mean = [0.5];
const covariance = [[1]];
const problemOf = (task: NavigationProblem["task"]) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate: 0.5 },
    task,
    observation: { kind: "gradient", noise: 1 },
    start: { kind: "gaussian", mean, covariance },
  });
const drifting = (relaxationRate: number) =>
  problemOf({ kind: "drifting", relaxationRate, mean, covariance });
const redrawn = (hazardRate: number) => problemOf({ kind: "redrawn", hazardRate, mean, covariance });

interface Changes {
  readonly weight?: number;
  readonly gain?: number;
  /** The problem that the belief believes in. */
  readonly believed?: NavigationProblem;
}

/** The Bayes optimum with some of its parameters multiplied by a factor. */
function perturbed(
  problem: NavigationProblem,
  { weight = 1, gain = 1, believed = problem }: Changes,
): Policy {
  const { gain: own, priorWeight } = discreteTaskLaw(problem);
  const k = gain * own[0][0];
  const s = 1 - weight * (priorWeight as number);
  const law = affineLaw({ gain: [[k]], taskGain: [[k * s]], constant: [k * (1 - s) * mean[0]] });
  const belief = believed.task.kind === "redrawn" ? runLength(believed) : kalman(believed);
  const look = observer(problem, belief as unknown as Belief);
  return {
    name: "perturbed",
    init: look.init,
    act: (observations, state: ReturnType<typeof look.init>, actions) => {
      look.update(observations, state);
      law(state.parameters, state.posteriorMean, actions);
      return state;
    },
  } as Policy;
}

/** Standard errors by which a policy costs more than the optimum, paired; what lies beyond the steps is e^−10 of the whole. */
function excess(problem: NavigationProblem, policy: Policy, reference: Float64Array): number {
  const costs = costsOf(problem, policy, reference.length);
  const differences = costs.map((cost, n) => cost - reference[n]);
  const center = average(differences);
  const variance = average(differences.map((value) => (value - center) ** 2));
  return center / Math.sqrt(variance / differences.length);
}

function costsOf(problem: NavigationProblem, policy: Policy, episodes: number): Float64Array {
  return rollout(problem, policy, { episodes, steps: 200, seed: "optimality" }).costs;
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each([
  { name: "a drifting minimum", at: drifting, episodes: 6000 },
  { name: "a redrawn minimum", at: redrawn, episodes: 5000 },
])("the Bayes optimum of $name", ({ at, episodes }) => {
  const problem = at(1);
  const optimal = costsOf(problem, bayesOptimalPolicy(problem), episodes);

  test("is what is perturbed", () => {
    const few = costsOf(problem, perturbed(problem, {}), 50);
    few.forEach((cost, n) => {
      expect(cost).toBeCloseTo(optimal[n], 12);
    });
  });

  const changes: [string, Changes][] = [0.75, 1.25].map((factor) => [
    `the rate at which the task changes ×${factor}`,
    { believed: at(factor) },
  ]);
  for (const factor of [0.75, 1.25])
    changes.push(
      [`the weight of the prior mean ×${factor}`, { weight: factor }],
      [`the gain ×${factor}`, { gain: factor }],
    );
  test.each(changes)("%s costs more", (_, change) => {
    const reference = change.believed ? optimal : optimal.subarray(0, 1500);
    expect(excess(problem, perturbed(problem, change), reference)).toBeGreaterThan(3);
  });
});
