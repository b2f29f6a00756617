import type { Policy } from "../../envs/core/policy.js";
import { actionOf, dimensionOf, type NavigationProblem } from "../../envs/problem/problem.js";
import { scalarOf, toMatrix } from "../dense.js";
import { channelReader } from "../policies/channels.js";
import type { GradientTransform } from "./transform.js";

/** The gradients and parameters last seen, the former worked on in place, and the transform's own state. */
export interface RuleState {
  readonly updates: Float64Array;
  readonly parameters: Float64Array;
  readonly transform: unknown;
}

/**
 * A textbook rule as a policy: it sees the gradient channel, and the parameters where the transform asks for
 * them, and moves θ by the transform's increment, so its velocity is the increment over Δt.
 *
 * @throws Error when the problem does not show what the rule reads, the action is not a velocity, or the control not I
 */
export function rulePolicy(
  name: string,
  problem: NavigationProblem,
  transform: GradientTransform,
): Policy<RuleState> {
  const { kind } = actionOf(problem);
  if (kind !== "velocity") throw new Error(`action.kind: must be "velocity" for ${name}, got "${kind}"`);
  const { control } = problem.geometry;
  if (control && scalarOf(toMatrix(control)) !== 1)
    throw new Error(`geometry.control: must be absent, or I, for ${name}, which moves every parameter`);
  const d = dimensionOf(problem);
  const readGradient = channelReader(problem, "gradient", d);
  const readParameters = transform.readsParameters ? channelReader(problem, "parameters", d) : undefined;
  const { timeStep } = problem.objective;
  return {
    name,
    init: (batch) => ({
      updates: new Float64Array(batch * d),
      parameters: new Float64Array(readParameters ? batch * d : 0),
      transform: transform.init(batch, d),
    }),
    act: (observations, { updates, parameters, transform: before }, actions) => {
      readGradient(observations, updates);
      readParameters?.(observations, parameters);
      const after = transform.update(updates, before, parameters);
      for (let i = 0; i < actions.length; i++) actions[i] = updates[i] / timeStep;
      return { updates, parameters, transform: after };
    },
  };
}
