import type { HeadMaker } from "./coordinate-tape.js";
import {
  addGradientInputsBackward,
  GRADIENT_ROWS,
  LOG_ROW,
  SIGN_ROW,
  writeClocks,
  writeGradientInputs,
} from "./gradient-inputs.js";
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

const EXPONENT = 4;

export function scaleFreeSkip({ clocks }: ScaleFree): Skip {
  const from = (row: number) => Array.from({ length: GRADIENT_ROWS + clocks.length }, (_, i) => +(i === row));
  return [from(LOG_ROW), from(SIGN_ROW)];
}

export function scaleFreeHead({ gain, clocks, epsilon }: ScaleFree): HeadMaker {
  return (lanes, _steps, { operations }) => ({
    reset: () => {},
    scaleCarried: () => {},
    observe(t, { gradient }, inputs) {
      writeGradientInputs(operations, gradient, epsilon, inputs);
      writeClocks(t, clocks, inputs, GRADIENT_ROWS, lanes);
    },
    act(_t, _seen, outputs, actions) {
      operations.exp(outputs, outputs, EXPONENT, lanes);
      for (let lane = 0; lane < lanes; lane++) actions[lane] = -gain * outputs[lane] * outputs[lanes + lane];
    },
    actBackward(_t, _seen, outputs, actionGradients, outputGradient, seenGradient) {
      for (let lane = 0; lane < lanes; lane++) {
        const direct = -gain * actionGradients[lane] * outputs[lane];
        outputGradient[lane] = EXPONENT * direct * outputs[lanes + lane];
        outputGradient[lanes + lane] = direct;
      }
      seenGradient.gradient.fill(0);
    },
    observeBackward(_t, { gradient }, inputGradient, seenGradient) {
      addGradientInputsBackward(gradient, epsilon, inputGradient, seenGradient.gradient);
    },
  });
}
