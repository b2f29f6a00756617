export interface AdamOptions {
  /** Decay of the mean gradient. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean squared gradient. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

export interface AdamState {
  readonly count: number;
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/** What turns a gradient into the change of the parameters, for a learning rate that may vary. */
export interface Optimizer<State> {
  init(size: number): State;
  /** Changes `parameters` and the arrays of `state` in place, and returns the next state. */
  update(parameters: Float64Array, gradient: Float64Array, learningRate: number, state: State): State;
}

/** Adam, Algorithm 1 of Kingma and Ba (arXiv:1412.6980). */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer<AdamState> {
  return {
    init: (size) => ({ count: 0, mean: new Float64Array(size), square: new Float64Array(size) }),
    update(parameters, gradient, learningRate, state) {
      const { mean, square } = state;
      const count = state.count + 1;
      const meanScale = learningRate / (1 - beta1 ** count);
      const squareScale = 1 / (1 - beta2 ** count);
      for (let i = 0; i < parameters.length; i++) {
        mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
        square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] * gradient[i];
        parameters[i] -= (meanScale * mean[i]) / (Math.sqrt(squareScale * square[i]) + epsilon);
      }
      return { count, mean, square };
    },
  };
}
