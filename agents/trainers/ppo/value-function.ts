import type { RandomKey, RunningMoments } from "../../../envs/index.js";
import { type Kernels, padLanes, slices } from "../../kernels/kernels.js";
import { mlp } from "../../policies/mlp.js";
import type { Network, NetworkTape } from "../../policies/network.js";

/** Standard deviations beyond which an observation counts no further. */
const FARTHEST = 10;

/** V(o): a network of the whole observation, standardised by what was seen so far. One lane per observation. */
export class ValueFunction {
  readonly parameterCount: number;
  /** Observations at a time. */
  readonly batch: number;
  private readonly network: Network;
  private readonly tape: NetworkTape;
  private readonly inputs: ReturnType<typeof slices>;

  constructor(observationSize: number, hidden: readonly number[], kernels: Kernels, batch: number) {
    const skip = [new Array<number>(observationSize).fill(0)];
    this.network = mlp({ inputs: observationSize, hidden, skip });
    this.parameterCount = this.network.parameterCount;
    this.batch = batch;
    const lanes = padLanes(batch);
    this.tape = this.network.instantiate(kernels, lanes, 1);
    this.inputs = slices(this.tape.inputs[this.tape.slotOf(0)], lanes);
  }

  initialParameters(key: RandomKey): Float64Array {
    return this.network.initialParameters(key);
  }

  setParameters(parameters: Float64Array): void {
    this.tape.parameters.set(parameters);
  }

  /** Values of `batch` observations `[batch, observationSize]`. */
  evaluate(observations: Float64Array, moments: RunningMoments, values: Float64Array): void {
    const { tape, inputs, batch } = this;
    const size = inputs.length;
    for (let j = 0; j < size; j++) {
      const mean = moments.mean[j];
      const scale = 1 / Math.sqrt(moments.variance[j] + 1e-8);
      for (let i = 0; i < batch; i++) {
        const z = (observations[i * size + j] - mean) * scale;
        inputs[j][i] = Math.min(Math.max(z, -FARTHEST), FARTHEST);
      }
    }
    tape.forward(0);
    const output = tape.outputs[tape.slotOf(0)];
    for (let i = 0; i < batch; i++) values[i] = output[i];
  }

  /** ∂J/∂weights, from ∂J/∂values of the last evaluation. */
  backward(valueGradients: Float64Array, gradient: Float64Array): void {
    const { tape, batch } = this;
    for (let i = 0; i < batch; i++) tape.outputGradient[i] = valueGradients[i];
    tape.parameterGradient.fill(0);
    tape.backward(0);
    gradient.set(tape.parameterGradient);
  }
}
