import { inverse } from "ml-matrix";
import type { Policy } from "../../envs/core/policy.js";
import {
  channelsOf,
  dimensionOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
  type Vector,
} from "../../envs/problem/problem.js";
import { toMatrix } from "../dense.js";
import { linearQuadraticOf } from "../linear-quadratic.js";
import { solveScalar } from "../scalar.js";
import { discreteTaskLaw } from "../task-law.js";
import { affineLaw } from "./affine.js";
import { channelReader } from "./channels.js";
import { separableObjective } from "./separable.js";

/** What a policy that is told the minimum holds; `posteriorMean` is what it was told, shape [n, d]. */
export interface InformedState {
  readonly posteriorMean: Float64Array;
  readonly parameters: Float64Array;
  readonly curvatures: Float64Array;
}

/**
 * The optimum of a learner that is told everything: the exact discrete law on the observation
 * `{ kind: "state" }`. When the task changes it is told the present one, and still heads for the shrunk target.
 * No policy that sees less can cost less.
 *
 * @throws Error when the landscape is not quadratic, or the problem shows less than the state
 */
export function informedPolicy(problem: NavigationProblem): Policy<InformedState> {
  if (problem.observation.kind !== "state") {
    throw new Error(
      `observation.kind: must be "state" for the informed policy, got "${problem.observation.kind}"`,
    );
  }
  const d = dimensionOf(problem);
  const readParameters = channelReader(problem, "parameters", d);
  const readMinimum = hidesMinimum(problem)
    ? channelReader(problem, "minimum", d)
    : fixed(knownMinimum(problem));
  const readCurvature = hidesCurvature(problem) ? channelReader(problem, "curvature", d) : undefined;
  const law = readCurvature ? curvatureLaw(problem) : knownLaw(problem);
  return {
    name: "informed optimum",
    init: (batch) => ({
      posteriorMean: new Float64Array(batch * d),
      parameters: new Float64Array(batch * d),
      curvatures: new Float64Array(readCurvature ? batch * d : 0),
    }),
    act: (observations, state, actions) => {
      readParameters(observations, state.parameters);
      readMinimum(observations, state.posteriorMean);
      readCurvature?.(observations, state.curvatures);
      law(state, actions);
      return state;
    },
  };
}

type InformedLaw = (state: InformedState, actions: Float64Array) => void;

function knownLaw(problem: NavigationProblem): InformedLaw {
  const law = affineLaw(discreteTaskLaw(problem));
  return ({ parameters, posteriorMean }, actions) => law(parameters, posteriorMean, actions);
}

function curvatureLaw(problem: NavigationProblem): InformedLaw {
  const objective = separableObjective(problem);
  return ({ parameters, posteriorMean, curvatures }, actions) => {
    for (let i = 0; i < actions.length; i++) {
      const { gain } = solveScalar(objective(i, curvatures[i]));
      actions[i] = -gain * (parameters[i] - posteriorMean[i]);
    }
  };
}

function knownMinimum({ landscape }: NavigationProblem): Vector {
  return landscape.kind === "quadratic" ? landscape.minimum : [];
}

function fixed(values: Vector) {
  return (_: Float64Array, out: Float64Array) => {
    for (let i = 0; i < out.length; i++) out[i] = values[i % values.length];
  };
}

/** θ and μ as a policy knows them, shape [n, d]. */
export interface KnownState {
  readonly posteriorMean: Float64Array;
  readonly parameters: Float64Array;
}

/**
 * Where a policy that knows the minimum finds θ: in the parameters, or where they are not shown in an exact
 * gradient, which tells them.
 *
 * @throws Error when neither the parameters nor an exact gradient is shown
 */
export function knownReader(problem: NavigationProblem) {
  const d = dimensionOf(problem);
  const minimum = knownMinimum(problem);
  return {
    init: (batch: number): KnownState => ({
      posteriorMean: Float64Array.from({ length: batch * d }, (_, i) => minimum[i % d]),
      parameters: new Float64Array(batch * d),
    }),
    read: channelsOf(problem).includes("parameters")
      ? channelReader(problem, "parameters", d)
      : fromGradient(problem, minimum),
  };
}

/**
 * The exact law when nothing is hidden: feedback on the parameters.
 *
 * @throws Error when neither the parameters nor an exact gradient is shown
 */
export function feedbackPolicy(problem: NavigationProblem): Policy<KnownState> {
  const law = affineLaw(discreteTaskLaw(problem));
  const { init, read } = knownReader(problem);
  return {
    name: "linear-quadratic optimum",
    init,
    act: (observations, state, actions) => {
      read(observations, state.parameters);
      law(state.parameters, state.posteriorMean, actions);
      return state;
    },
  };
}

/** θ = origin + H⁻¹y, from an exact gradient y. */
export function fromGradient(problem: NavigationProblem, origin: Vector) {
  const { observation } = problem;
  if (observation.kind !== "gradient" || observation.noise !== 0) {
    throw new Error('observation.channels: must include "parameters" when the gradient is noisy');
  }
  const d = dimensionOf(problem);
  const readGradient = channelReader(problem, "gradient", d);
  const back = inverse(toMatrix(linearQuadraticOf(problem).curvature)).to2DArray();
  const y = new Float64Array(d);
  return (observations: Float64Array, out: Float64Array) => {
    readGradient(observations, out);
    for (let first = 0; first < out.length; first += d) {
      y.set(out.subarray(first, first + d));
      for (let i = 0; i < d; i++) {
        let sum = origin[i];
        for (let j = 0; j < d; j++) sum += back[i][j] * y[j];
        out[first + i] = sum;
      }
    }
  };
}
