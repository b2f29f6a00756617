import type { NavigationProblem, Policy, Seed } from "../../envs/index.js";
import { hold, mapGradients, recordStream, respond } from "./streams.js";

export interface MomentumKernel {
  /** Mean response ∂u/∂g of the action to a unit gradient pulse, 0, 1, 2 … steps after it. */
  readonly response: readonly number[];
  /** β of the least-squares fit response[n] ≈ response₀·βⁿ; 0 for a memoryless rule. */
  readonly decay: number;
  /** Σ response: what one unit of gradient moves in all, as a velocity. */
  readonly mass: number;
}

export interface MomentumKernelOptions {
  readonly seed: Seed;
  /** Stationary streams to average over. Default 256. */
  readonly episodes?: number;
  /** Steps before the pulse, for the memory to settle. Default 80. */
  readonly warmUp?: number;
  /** Steps of the kernel. Default 25. */
  readonly length?: number;
  /** Size of the pulse, in units of the gradient. Default 0.5. */
  readonly amplitude?: number;
}

/**
 * Injects one gradient pulse into a stationary stream and follows the action after it. The learner is held
 * still, so that the kernel is of the rule and not of the landscape. The pulse is given with both signs; the
 * half difference removes the stream itself and every even-order response.
 */
export function momentumKernel(
  problem: NavigationProblem,
  policy: Policy,
  { seed, episodes = 256, warmUp = 80, length = 25, amplitude = 0.5 }: MomentumKernelOptions,
): MomentumKernel {
  const stream = recordStream(problem, hold, { episodes, steps: warmUp + length, seed });
  const pulsed = (sign: number) =>
    respond(
      policy,
      mapGradients(problem, stream, (gradient, t) => gradient + (t === warmUp ? sign * amplitude : 0)),
    );
  const above = pulsed(1);
  const below = pulsed(-1);
  const response = Array.from({ length }, (_, n) => {
    const t = warmUp + n;
    let total = 0;
    for (let i = 0; i < above[t].length; i++) total += above[t][i] - below[t][i];
    return total / (2 * amplitude * above[t].length);
  });
  return { response, decay: fitDecay(response), mass: response.reduce((sum, value) => sum + value, 0) };
}

/** Least squares over β of min_A Σ (rₙ − Aβⁿ)², by golden-section search on the profile. */
export function fitDecay(response: readonly number[]): number {
  const residual = (beta: number) => {
    let cross = 0;
    let square = 0;
    let total = 0;
    let power = 1;
    for (const value of response) {
      cross += value * power;
      square += power * power;
      total += value * value;
      power *= beta;
    }
    return total - cross ** 2 / square;
  };
  // The profile can have a local minimum: start from the best cell of a grid.
  const grid = Array.from({ length: 101 }, (_, i) => i / 100);
  const best = grid.reduce((at, beta) => (residual(beta) < residual(at) ? beta : at), 0);
  return goldenSection(residual, Math.max(0, best - 0.01), Math.min(1, best + 0.01));
}

function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  while (b - a > 1e-9) {
    const left = b - ratio * (b - a);
    const right = a + ratio * (b - a);
    if (f(left) < f(right)) b = right;
    else a = left;
  }
  return (a + b) / 2;
}
