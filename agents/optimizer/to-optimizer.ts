import type { NamedTensorMap, Optimizer, Tensor, Variable } from "@tensorflow/tfjs";
import type { NavigationProblem, Policy } from "../../envs/index.js";
import type { TensorFlow } from "../backend.js";
import { checkMoves, createMover, type Mover, type Units } from "./mover.js";

interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface ToOptimizerOptions extends Units {
  /** The TensorFlow.js that made the model; see `chooseBackend`. */
  readonly tf: TensorFlow;
  /** What the policy was made for: its dimension d, the channels that it sees and the time step Δt of its actions. */
  readonly problem: NavigationProblem;
}

/**
 * Trains a TensorFlow.js model by a policy, learned, derived or textbook: θ ← θ + s·Δt·u, where the policy sees the
 * gradient c·s·∇L and the parameters (θ − origin)/s, as far as the problem shows them. The trainable variables, one
 * after another, are its coordinates, d at a time, so that a policy of one coordinate serves a model of any size; give
 * a problem of all parameters for a rule that must see them at once.
 *
 * A rule that decays weights towards 0, such as AdamW, needs `origin: "zero"`. `getWeights` holds what the policy
 * remembers, in float32; its tensors are the caller's to dispose of. A policy is code, so a model is saved without
 * its optimizer, or loaded and compiled with one anew.
 *
 * @throws Error when the problem shows what a model in training does not, or moves by more than velocities
 */
export function toOptimizer<State>(
  policy: Policy<State>,
  { tf, problem, ...units }: ToOptimizerOptions,
): Optimizer {
  if (typeof tf?.Optimizer !== "function")
    throw new Error(`toOptimizer: tf must be TensorFlow.js, as chooseBackend returns it, got ${typeof tf}`);
  checkMoves(problem, units);

  class PolicyOptimizer extends tf.Optimizer {
    static get className(): string {
      return "PolicyOptimizer";
    }

    private names: readonly string[] = [];
    private mover: Mover | null = null;
    private pending: readonly ArrayLike<number>[] = [];

    applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
      const given = namedTensors(gradients);
      const registered: Record<string, Variable> = tf.engine().registeredVariables;
      const variables = given.map(({ name }) => registered[name]);
      const parameters = joined(variables);
      this.moverFor(given, parameters.length).move(joined(given.map(({ tensor }) => tensor)), parameters);
      tf.tidy(() => {
        let from = 0;
        for (const variable of variables) {
          const values = Float32Array.from(parameters.subarray(from, from + variable.size));
          variable.assign(tf.tensor(values, variable.shape));
          from += variable.size;
        }
      });
      this.incrementIterations();
    }

    private moverFor(given: readonly NamedTensor[], count: number): Mover {
      const names = given.map(({ name }) => name);
      if (!this.mover) {
        const mover = createMover(policy, problem, count, units);
        if (this.pending.length > 0) mover.restore(this.pending);
        [this.mover, this.names, this.pending] = [mover, names, []];
      }
      if (names.join() !== this.names.join())
        throw new Error(`toOptimizer: variables: must be ${this.names}, as in the first step, got ${names}`);
      return this.mover;
    }

    override async getWeights(): Promise<NamedTensor[]> {
      const saved = this.mover?.save() ?? this.pending;
      const memory = saved.map((values, i) => ({
        name: `memory_${i}`,
        tensor: tf.tensor1d(Float32Array.from(values)),
      }));
      return [await this.saveIterations(), ...memory];
    }

    override async setWeights(weights: NamedTensor[]): Promise<void> {
      const saved = await this.extractIterations(weights);
      const memory = await Promise.all(saved.map(({ tensor }) => tensor.data()));
      if (this.mover && memory.length > 0) this.mover.restore(memory);
      else this.pending = memory;
    }

    getConfig() {
      const { origin = "initial", parameterScale = 1, lossScale = 1 } = units;
      return { policy: policy.name, timeStep: problem.objective.timeStep, origin, parameterScale, lossScale };
    }
  }

  return new PolicyOptimizer();
}

/** Without those that the loss does not depend on. */
function namedTensors(gradients: NamedTensorMap | readonly NamedTensor[]): readonly NamedTensor[] {
  const all = Array.isArray(gradients)
    ? (gradients as readonly NamedTensor[])
    : Object.entries(gradients as NamedTensorMap).map(([name, tensor]) => ({ name, tensor }));
  return all.filter(({ tensor }) => tensor != null);
}

function joined(tensors: readonly Tensor[]): Float64Array {
  const out = new Float64Array(tensors.reduce((total, { size }) => total + size, 0));
  let to = 0;
  for (const tensor of tensors) {
    out.set(tensor.dataSync(), to);
    to += tensor.size;
  }
  return out;
}
