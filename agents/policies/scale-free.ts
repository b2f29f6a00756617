import { rowsOf, slices } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { GRADIENT_ROWS, LOG_ROW, SIGN_ROW, writeClocks } from "./gradient-inputs.js";
import type { Skip } from "./network.js";

/**
 * For a gradient y of unknown scale: inputs log(|y| + ε)/4, asinh y, sign y and clocks;
 * u = −gain·o₁·exp(4·o₀). It starts as gradient descent: o₁ = sign y, o₀ = log(|y| + ε)/4.
 */
export interface ScaleFree {
  readonly kind: "scale-free";
  /** What multiplies −y at the start, θ²/(loss·time). Default: the optimal gain at the steepest curvature. */
  readonly gain: number;
  /** τ of each clock t/(t + τ), in steps. Default [10, 100]. */
  readonly clocks: readonly number[];
  /** Gradients far below it look alike, loss/θ. Default 1e-4. */
  readonly epsilon: number;
}

export function scaleFreeSkip({ clocks }: ScaleFree): Skip {
  const from = (row: number) => Array.from({ length: GRADIENT_ROWS + clocks.length }, (_, i) => +(i === row));
  return [from(LOG_ROW), from(SIGN_ROW)];
}

export function scaleFreeHead({ gain, clocks, epsilon }: ScaleFree): HeadModel {
  return {
    lengths: () => [],
    instantiate(lanes, { operations, slotOf, inputs, outputs, inputGradient, outputGradient }) {
      const logGains = rowsOf(outputs, lanes, 0, 1);
      const directions = rowsOf(outputs, lanes, 1, 1);
      const [logGainGradient, directionGradient] = slices(outputGradient, lanes);
      return {
        reset: () => {},
        scaleCarried: () => {},
        observe(t, { gradient }) {
          const to = inputs[slotOf(t)];
          operations.gradientInputs(epsilon, gradient, to);
          writeClocks(t, clocks, to, GRADIENT_ROWS, lanes);
        },
        act(t, _seen, actions) {
          const at = slotOf(t);
          operations.exponentialGain(-gain, directions[at], logGains[at], actions);
        },
        actBackward(t, _seen, actionGradient) {
          const at = slotOf(t);
          operations.exponentialGainGradient(
            -gain,
            directions[at],
            logGains[at],
            actionGradient,
            logGainGradient,
            directionGradient,
          );
        },
        observeBackward(_t, { gradient }, seenGradient) {
          operations.gradientInputsGradient(epsilon, gradient, inputGradient, seenGradient.gradient);
        },
      };
    },
  };
}
