import type { PolicyConfig, PolicyModel, PolicyTape } from "../../agents/policies/model.js";
import { fillNormals } from "../../envs/index.js";

/** u = −w·o over the first `size` numbers of the observation: one weight, no memory, float64. */
export function linearModel(size: number): PolicyModel {
  return {
    config: { kind: "test-linear" } as unknown as PolicyConfig,
    parameterCount: 1,
    initialParameters: () => Float64Array.of(0.1),
    instantiate: (_kernels, batch, steps) => linearTape(size, batch, steps),
  };
}

function linearTape(size: number, batch: number, steps: number): PolicyTape {
  const recorded = Array.from({ length: steps }, () => new Float64Array(batch * size));
  const parameterGradient = new Float64Array(1);
  let weight = 0;
  return {
    parameterGradient,
    memoryBefore: () => [],
    setParameters: (parameters) => {
      weight = parameters[0];
    },
    reset: () => {
      parameterGradient.fill(0);
    },
    forward(t, observations, actions) {
      const width = observations.length / batch;
      const seen = recorded[t % steps];
      for (let n = 0; n < batch; n++) {
        for (let j = 0; j < size; j++) {
          seen[n * size + j] = observations[n * width + j];
          actions[n * size + j] = -weight * observations[n * width + j];
        }
      }
    },
    backward(t, actionGradients, observationGradients) {
      const width = observationGradients.length / batch;
      observationGradients.fill(0);
      for (let n = 0; n < batch; n++) {
        for (let j = 0; j < size; j++) {
          observationGradients[n * width + j] = -weight * actionGradients[n * size + j];
          parameterGradient[0] -= recorded[t][n * size + j] * actionGradients[n * size + j];
        }
      }
    },
  };
}

/**
 * A small recurrent network over whole observations, float64: s' = tanh(S·s + O·o), u = A·s'.
 * It mixes coordinates and has a memory, so every path of a gradient matters.
 */
export function recurrentModel(inputs: number, outputs: number, hidden = 3): PolicyModel {
  const parameterCount = hidden * (hidden + inputs + outputs);
  return {
    config: { kind: "test-recurrent" } as unknown as PolicyConfig,
    parameterCount,
    initialParameters(key) {
      const parameters = new Float64Array(parameterCount);
      fillNormals(key, 0, 0, parameterCount, parameters);
      for (let i = 0; i < parameterCount; i++) parameters[i] *= 0.5;
      return parameters;
    },
    instantiate: (_kernels, batch, steps) => new RecurrentTape(inputs, outputs, hidden, batch, steps),
  };
}

class RecurrentTape implements PolicyTape {
  readonly parameterGradient: Float64Array;
  private parameters: Float64Array;
  /** s before step t, `[steps + 1, batch, hidden]`. */
  private readonly memories: Float64Array[];
  private readonly seen: Float64Array[];
  private readonly memoryGradient: Float64Array;

  constructor(
    private readonly inputs: number,
    private readonly outputs: number,
    private readonly hidden: number,
    private readonly batch: number,
    private readonly steps: number,
  ) {
    this.parameterGradient = new Float64Array(hidden * (hidden + inputs + outputs));
    this.parameters = new Float64Array(this.parameterGradient.length);
    this.memories = Array.from({ length: steps + 1 }, () => new Float64Array(batch * hidden));
    this.seen = Array.from({ length: steps }, () => new Float64Array(batch * inputs));
    this.memoryGradient = new Float64Array(batch * hidden);
  }

  setParameters(parameters: Float64Array): void {
    this.parameters = parameters.slice();
  }

  reset(): void {
    this.memories[0].fill(0);
    this.memoryGradient.fill(0);
    this.parameterGradient.fill(0);
  }

  memoryBefore(t: number): readonly Float64Array[] {
    return [this.memories[this.steps === 1 ? 0 : t]];
  }

  forward(t: number, observations: Float64Array, actions: Float64Array): void {
    const { inputs, outputs, hidden, batch, parameters: p } = this;
    const from = this.steps === 1 ? 0 : t;
    const memory = this.memories[from].slice();
    const next = this.memories[this.steps === 1 ? 0 : t + 1];
    this.seen[from].set(observations);
    const O = hidden * hidden;
    const A = O + hidden * inputs;
    for (let n = 0; n < batch; n++) {
      for (let i = 0; i < hidden; i++) {
        let sum = 0;
        for (let j = 0; j < hidden; j++) sum += p[i * hidden + j] * memory[n * hidden + j];
        for (let j = 0; j < inputs; j++) sum += p[O + i * inputs + j] * observations[n * inputs + j];
        next[n * hidden + i] = Math.tanh(sum);
      }
      for (let i = 0; i < outputs; i++) {
        let sum = 0;
        for (let j = 0; j < hidden; j++) sum += p[A + i * hidden + j] * next[n * hidden + j];
        actions[n * outputs + i] = sum;
      }
    }
  }

  backward(t: number, actionGradients: Float64Array, observationGradients: Float64Array): void {
    const { inputs, outputs, hidden, batch, parameters: p, parameterGradient: g, memoryGradient } = this;
    const memory = this.memories[t];
    const next = this.memories[t + 1];
    const O = hidden * hidden;
    const A = O + hidden * inputs;
    observationGradients.fill(0);
    const pre = new Float64Array(hidden);
    for (let n = 0; n < batch; n++) {
      for (let i = 0; i < hidden; i++) {
        let sum = memoryGradient[n * hidden + i];
        for (let o = 0; o < outputs; o++) {
          sum += p[A + o * hidden + i] * actionGradients[n * outputs + o];
          g[A + o * hidden + i] += next[n * hidden + i] * actionGradients[n * outputs + o];
        }
        pre[i] = sum * (1 - next[n * hidden + i] ** 2);
      }
      for (let j = 0; j < hidden; j++) {
        let sum = 0;
        for (let i = 0; i < hidden; i++) {
          sum += p[i * hidden + j] * pre[i];
          g[i * hidden + j] += pre[i] * memory[n * hidden + j];
        }
        memoryGradient[n * hidden + j] = sum;
      }
      for (let j = 0; j < inputs; j++) {
        let sum = 0;
        for (let i = 0; i < hidden; i++) {
          sum += p[O + i * inputs + j] * pre[i];
          g[O + i * inputs + j] += pre[i] * this.seen[t][n * inputs + j];
        }
        observationGradients[n * inputs + j] = sum;
      }
    }
  }
}
