import type { NavigationProblem, Policy } from "../../envs/index.js";
import { linearFit, mean } from "./statistics.js";
import { inOtherUnits, respond, type Stream } from "./streams.js";

export interface Adaptivity {
  /** p in |u| ∝ cᵖ: 1 for gradient descent, 0 for a rule whose step does not depend on the gradient's scale. */
  readonly exponent: number;
  /** Mean log|u| at each scale, relative to c = 1. */
  readonly curve: readonly { readonly scale: number; readonly action: number }[];
}

/**
 * Multiplies the whole gradient stream by c and watches the size of the last action. A learner that also sees
 * its parameters sees them divided by c: the same landscape in other units, so that what it sees stays possible.
 */
export function adaptivity(
  problem: NavigationProblem,
  policy: Policy,
  stream: Stream,
  scales: readonly number[] = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10],
): Adaptivity {
  const logAction = (scale: number) => {
    const actions = respond(policy, inOtherUnits(problem, stream, scale)).at(-1) as Float64Array;
    return mean(actions.map((action) => Math.log(Math.abs(action) + Number.MIN_VALUE)));
  };
  const reference = logAction(1);
  const logs = scales.map((scale) => logAction(scale) - reference);
  const [exponent] = linearFit([scales.map(Math.log)], logs);
  return { exponent, curve: scales.map((scale, i) => ({ scale, action: Math.exp(logs[i]) })) };
}
