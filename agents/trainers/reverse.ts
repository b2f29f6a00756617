import {
  actionOf,
  discountOf,
  FastAdjoint,
  type NavigationProblem,
  type Numbers,
  type Seed,
} from "../../envs/index.js";
import { scaleBy } from "../kernels/kernels.js";
import type { PolicyTape } from "../policies/model.js";
import { type Adjoint, ReferenceAdjoint } from "./adjoint.js";
import { doubles, Episodes, type EpisodesOptions, type Recording, recordingFor } from "./episodes.js";

/**
 * How decisions at different times count in the gradient. "discounted": as they do in J, step t by ρᵗ. "equal":
 * each by its own cost-to-go, discounted from that step on. A policy that is optimal wherever it may be is
 * optimal by both, but under "discounted" a short horizon leaves later steps all but untrained.
 */
export type DecisionWeights = "discounted" | "equal";

export interface ReversePassOptions extends Omit<EpisodesOptions, "recording"> {
  /** Default "discounted". */
  readonly decisions?: DecisionWeights;
}

/**
 * The gradient of Σₙ Jₙ, J = Σ ρᵗ·Δt·[(1/2η)uᵀGu + k·L(θ_{t+1} − μ_t)] + ρᵀ·V(θ_T, μ_T), with respect to the
 * weights of a policy, by back-propagation through the policy and the simulator (see `Adjoint`), in WebAssembly where
 * the simulator is.
 *
 * With equal decisions the factors ρᵗ are left out, and everything that comes from t + 1 is multiplied by ρ.
 * The simulator undoes a step that diverges, so such a step passes ∂J/∂θ_{t+1} on and contributes nothing.
 */
export class ReversePass {
  readonly episodes: Episodes;
  private readonly tape: PolicyTape;
  private readonly options: ReversePassOptions;
  private readonly adjoint: Adjoint;
  /** What a unit of cost at step t weighs, `[steps]`. */
  private readonly weights: Float64Array;
  /** What the gradient with respect to step t + 1 is multiplied by at step t. */
  private readonly carry: number;
  private readonly terminalGradient: Float64Array;

  constructor(problem: NavigationProblem, tape: PolicyTape, options: ReversePassOptions) {
    const { episodes, adjoint } = recordedEpisodes(problem, tape, options);
    const { count, steps, dynamics } = episodes;
    this.episodes = episodes;
    this.adjoint = adjoint;
    this.tape = tape;
    this.options = options;
    const equal = options.decisions === "equal";
    this.weights = equal ? new Float64Array(steps).fill(1) : this.episodes.weights;
    this.carry = equal ? discountOf(problem) : 1;
    this.terminalGradient = new Float64Array(count * dynamics.dimension);
  }

  /** Σₙ ∂Jₙ/∂weights of the last run. */
  get gradient(): Float64Array {
    return this.tape.parameterGradient;
  }

  /** Runs episodes forward and backward; returns the cost of each, and leaves `gradient`. */
  run(policyParameters: Float64Array, seed: Seed, firstIndex: number): Float64Array {
    const { adjoint, tape, weights, carry } = this;
    const costs = this.episodes.run(policyParameters, seed, firstIndex);
    this.begin();
    for (let t = this.episodes.steps - 1; t >= 0; t--) {
      adjoint.backThroughStep(t, { carry, cost: weights[t] });
      tape.backward(t, adjoint.actionGradients, adjoint.observationGradients, carry);
      if (t > 0) adjoint.backThroughObservation(t);
    }
    return costs;
  }

  private begin(): void {
    const { adjoint, episodes, terminalGradient, options } = this;
    const { dynamics, weights, steps, count } = episodes;
    adjoint.begin(dynamics.instances);
    if (options.terminal) {
      const { parameters, minima, instances } = dynamics;
      options.terminal.gradient(doubles(parameters), doubles(minima), instances, count, terminalGradient);
      if (options.decisions !== "equal") scaleBy(terminalGradient, weights[steps]);
    }
    adjoint.adjoint.set(terminalGradient);
  }
}

/**
 * Episodes that keep what a pass back through them needs, and that pass.
 *
 * @throws Error when there is none through the problem
 */
export function recordedEpisodes(
  problem: NavigationProblem,
  tape: PolicyTape,
  options: Omit<EpisodesOptions, "recording">,
): { readonly episodes: Episodes; readonly recording: Recording<Numbers>; readonly adjoint: Adjoint } {
  requireDifferentiable(problem);
  const { count, steps, backend = "reference" } = options;
  const fast =
    backend !== "reference" && FastAdjoint.covers(problem) ? new FastAdjoint(problem, count, steps) : null;
  const recorded = recordingFor(problem, count, steps);
  const recording = fast ?? recorded;
  const episodes = new Episodes(problem, tape, { ...options, recording });
  return { episodes, recording, adjoint: fast ?? new ReferenceAdjoint(problem, episodes.dynamics, recorded) };
}

function requireDifferentiable(problem: NavigationProblem): void {
  const { observation } = problem;
  if (actionOf(problem).kind !== "velocity") {
    throw new Error(
      'action.kind: must be "velocity" to back-propagate through it, got "hyperparameters"; train with "es"',
    );
  }
  const delay = observation.kind === "state" ? 0 : (observation.delay ?? 0);
  if (delay > 0) {
    throw new Error(
      `observation.delay: must be 0 to back-propagate through it, got ${delay}; train with "es"`,
    );
  }
  if (
    observation.kind === "gradient" &&
    typeof observation.noise === "object" &&
    "minibatch" in observation.noise
  ) {
    throw new Error(
      'observation.noise: must be isotropic or fisher to back-propagate through it, got minibatch; train with "es"',
    );
  }
}
