import type { Optimizer, Variable } from "@tensorflow/tfjs";
import { channelsOf, dimensionOf, type NavigationProblem, type Policy } from "../../envs/index.js";
import { channelReader } from "../../solvers/policies/channels.js";
import type { TensorFlow } from "../backend.js";

export interface FromOptimizerOptions {
  /** The TensorFlow.js that makes the optimizers; see `chooseBackend`. */
  readonly tf: TensorFlow;
  /** What the policy will act on: where the gradient is in its observations, and its time step. */
  readonly problem: NavigationProblem;
  /** Default: the optimizer's class, such as "Adam". */
  readonly name?: string;
}

/** One optimizer with one variable for the parameters of a batch. */
export interface OptimizerState {
  readonly optimizer: Optimizer;
  /** Shape [n·d]. */
  readonly variable: Variable;
  readonly gradients: Float64Array;
  readonly parameters: Float64Array;
}

/** A policy whose states hold tensors. */
export interface OptimizerPolicy extends Policy<OptimizerState> {
  /** Frees the tensors of every state that `init` has made. */
  dispose(): void;
}

/**
 * A TensorFlow.js optimizer as a policy: u = (θ' − θ)/Δt, where θ' is what one step with the observed gradient makes
 * of θ (of 0 where the problem does not show the parameters; no optimizer of TensorFlow.js looks at them). `create`
 * is called once for every batch. It computes in float32.
 *
 * @throws Error when the problem does not show the whole gradient at once
 */
export function fromOptimizer(
  create: () => Optimizer,
  { tf, problem, name = classOf(create) }: FromOptimizerOptions,
): OptimizerPolicy {
  const dimension = dimensionOf(problem);
  const readGradient = channelReader(problem, "gradient", dimension);
  const readParameters = channelsOf(problem).includes("parameters")
    ? channelReader(problem, "parameters", dimension)
    : undefined;
  const { timeStep } = problem.objective;
  const alive = new Set<OptimizerState>();
  return {
    name,
    init(batch) {
      const size = batch * dimension;
      const state: OptimizerState = {
        optimizer: create(),
        variable: tf.tidy(() => tf.variable(tf.zeros([size]))),
        gradients: new Float64Array(size),
        parameters: new Float64Array(size),
      };
      alive.add(state);
      return state;
    },
    act(observations, state, actions) {
      const { optimizer, variable, gradients, parameters } = state;
      readGradient(observations, gradients);
      readParameters?.(observations, parameters);
      // What tidy returns it searches for tensors; so it returns nothing.
      tf.tidy(() => {
        variable.assign(tf.tensor1d(Float32Array.from(parameters)));
        const before = variable.dataSync().slice();
        optimizer.applyGradients([
          { name: variable.name, tensor: tf.tensor1d(Float32Array.from(gradients)) },
        ]);
        const after = variable.dataSync();
        for (let i = 0; i < actions.length; i++) actions[i] = (after[i] - before[i]) / timeStep;
      });
      return state;
    },
    dispose() {
      for (const { optimizer, variable } of alive) {
        optimizer.dispose();
        variable.dispose();
      }
      alive.clear();
    },
  };
}

function classOf(create: () => Optimizer): string {
  const optimizer = create();
  const name = optimizer.getClassName();
  optimizer.dispose();
  return name;
}
