import type { Env } from "../envs/core/env.js";
import { Box } from "../envs/core/spaces.js";
import type { VectorEnv } from "../envs/core/vector-env.js";
import { ObservationWrapper } from "../envs/core/wrappers/observation-wrapper.js";
import { wrapAny } from "../envs/core/wrappers/single.js";
import { dimensionOf, type NavigationProblem, observationSizeOf } from "../envs/problem/problem.js";
import { beliefFeatures } from "./belief-features.js";
import type { BeliefFeatures, BeliefLayout } from "./belief-parts.js";
import type { CurvatureGridOptions } from "./beliefs/curvature-grid.js";
import { type FilteredState, observer } from "./policies/filtered.js";

/**
 * Shows what an exact observer believes in place of what it sees: the parameters θ, and the parts of the belief
 * that `beliefFeatures` names. That turns the partially observed problem into a fully observed one.
 *
 * @param problem the problem that `env` is about
 * @throws Error when the environment shows something else than the problem, nothing is hidden, or no exact belief
 * is known for the problem
 */
export function beliefObservation<E extends Env | VectorEnv>(
  env: E,
  problem: NavigationProblem,
  options: CurvatureGridOptions = {},
): E {
  return wrapAny(env, (batch) => new BeliefObservation(batch, problem, beliefFeatures(problem, options)));
}

/** Where each part lies in an observation of `beliefObservation`. */
export function beliefLayoutOf(
  problem: NavigationProblem,
  options: CurvatureGridOptions = {},
): readonly BeliefLayout[] {
  return layout(problem, beliefFeatures(problem, options));
}

function layout(problem: NavigationProblem, { parts }: BeliefFeatures): BeliefLayout[] {
  let offset = dimensionOf(problem);
  const rest = parts.map(({ part, size }) => {
    offset += size;
    return { part, offset: offset - size, size };
  });
  return [{ part: "parameters", offset: 0, size: dimensionOf(problem) }, ...rest];
}

/** Each environment has a belief of its own, since episodes begin at different times. */
class BeliefObservation extends ObservationWrapper {
  private readonly features: BeliefFeatures;
  private readonly layout: readonly BeliefLayout[];
  private readonly look: ReturnType<typeof observer>;
  private readonly stride: number;
  private readonly states: (FilteredState | undefined)[];

  constructor(env: VectorEnv, problem: NavigationProblem, features: BeliefFeatures) {
    const { size } = env.singleObservationSpace;
    if (size !== observationSizeOf(problem))
      throw new Error(
        `beliefObservation: the environment must show the ${observationSizeOf(problem)} numbers of the problem, got ${size}`,
      );
    const parts = layout(problem, features);
    const { offset, size: last } = parts[parts.length - 1];
    super(env, new Box({ shape: [offset + last] }));
    this.features = features;
    this.layout = parts;
    this.look = observer(problem, features.belief);
    this.stride = size;
    this.states = new Array<FilteredState | undefined>(env.numEnvs);
  }

  protected begin(n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    this.states[n] = this.look.init(1);
    this.next(n, observations, from, out, to);
  }

  protected next(n: number, observations: Float64Array, from: number, out: Float64Array, to: number): void {
    const state = this.states[n] as FilteredState;
    this.look.update(observations.subarray(from, from + this.stride), state);
    out.set(state.parameters, to);
    this.features.parts.forEach((part, i) => {
      part.write(state.belief, out, to + this.layout[i + 1].offset);
    });
  }
}
