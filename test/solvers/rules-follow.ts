import type { Policy } from "../../envs/core/policy.js";
import { channelOffset, dimensionOf, observationSizeOf } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";

/** A flat landscape of d parameters, on which a rule moves by its increments alone: Δt = 1. */
export function plain(dimension: number) {
  return defineProblem({
    landscape: { kind: "quadratic", dimension, curvature: 1 },
    objective: { timeStep: 1 },
  });
}

/** Where a rule leads on given gradients, step by step; they may depend on where it is. */
export function follow<State>(
  problem: ReturnType<typeof defineProblem>,
  policy: Policy<State>,
  start: readonly number[],
  steps: number,
  gradientAt: (parameters: Float64Array, step: number) => ArrayLike<number>,
): Float64Array[] {
  const d = dimensionOf(problem);
  const batch = start.length / d;
  const stride = observationSizeOf(problem);
  const parameters = Float64Array.from(start);
  const actions = new Float64Array(start.length);
  const observations = new Float64Array(batch * stride);
  let state = policy.init(batch);
  return Array.from({ length: steps }, (_, t) => {
    for (let n = 0; n < batch; n++) {
      const own = parameters.slice(n * d, (n + 1) * d);
      observations.set(gradientAt(own, t), n * stride + channelOffset(problem, "gradient"));
      observations.set(own, n * stride + channelOffset(problem, "parameters"));
    }
    state = policy.act(observations, state, actions);
    for (let i = 0; i < parameters.length; i++) parameters[i] += problem.objective.timeStep * actions[i];
    return parameters.slice();
  });
}
