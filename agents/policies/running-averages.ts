import { scaleBy, slices } from "../kernels/kernels.js";

/** Averages of a gradient and of its square, one row of lanes each: first the means, then the squares. */
export interface RunningAverages {
  /** The averages after step t, `[rows, lanes]`. */
  at(t: number): Float64Array;
  /** Takes in the gradient of step t, `[lanes]`. */
  update(t: number, gradient: Float64Array): void;
  /** ∂J/∂averages of the step at hand, `[rows, lanes]`, to be filled before `backward`. */
  readonly averageGradient: Float64Array;
  /** Adds to ∂J/∂gradient of step t. */
  backward(t: number, gradient: Float64Array, gradientGradient: Float64Array): void;
  reset(): void;
  scaleCarried(factor: number): void;
}

/**
 * Exponential averages with the bias of their zero start divided out. In that form they are convex
 * combinations, m̂ ← (1 − b)·m̂ + b·y with b = (1 − β)/(1 − β^{t+1}).
 */
export function runningAverages(
  decays: readonly number[],
  squareDecays: readonly number[],
  lanes: number,
  steps: number,
): RunningAverages {
  const betas = [...decays, ...squareDecays];
  const means = decays.length;
  const length = betas.length * lanes;
  // The averages after step t are in slot t + 1.
  const slots = slices(new Float64Array((steps + 1) * length), length);
  const averageGradient = new Float64Array(length);
  const carried = new Float64Array(length);
  const squares = new Float64Array(lanes);
  const squaresGradient = new Float64Array(lanes);
  const at = (t: number) => slots[(t + 1) % (steps + 1)];
  return {
    at,
    averageGradient,
    reset: () => slots[0].fill(0),
    scaleCarried: (factor) => scaleBy(carried, factor),
    update(t, gradient) {
      for (let k = 0; k < lanes; k++) squares[k] = gradient[k] * gradient[k];
      for (let i = 0; i < betas.length; i++) {
        blend(freshWeight(betas[i], t), at(t - 1), i < means ? gradient : squares, at(t), i * lanes);
      }
    },
    backward(t, gradient, gradientGradient) {
      squaresGradient.fill(0);
      for (let i = 0; i < betas.length; i++) {
        const to = i < means ? gradientGradient : squaresGradient;
        blendBackward(freshWeight(betas[i], t), averageGradient, carried, to, i * lanes);
      }
      for (let k = 0; k < lanes; k++) gradientGradient[k] += 2 * gradient[k] * squaresGradient[k];
    },
  };
}

function freshWeight(beta: number, t: number): number {
  return (1 - beta) / (1 - beta ** (t + 1));
}

function blend(fresh: number, old: Float64Array, source: Float64Array, to: Float64Array, row: number): void {
  const kept = 1 - fresh;
  for (let k = 0; k < source.length; k++) to[row + k] = kept * old[row + k] + fresh * source[k];
}

function blendBackward(
  fresh: number,
  direct: Float64Array,
  carried: Float64Array,
  to: Float64Array,
  row: number,
): void {
  const kept = 1 - fresh;
  for (let k = 0; k < to.length; k++) {
    const whole = carried[row + k] + direct[row + k];
    to[k] += fresh * whole;
    carried[row + k] = kept * whole;
  }
}
