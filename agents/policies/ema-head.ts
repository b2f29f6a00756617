import type { Numbers } from "../kernels/kernels.js";
import type { HeadMaker } from "./coordinate-tape.js";
import { perLane } from "./coordinates.js";
import type { EmaBankConfig } from "./ema-bank.js";
import { writeClocks } from "./gradient-inputs.js";
import { runningAverages } from "./running-averages.js";

const EXPONENT = 4;
const LOG_SCALE = 0.25;

/** Rows of the inputs: log(v̂ⱼ + ε)/4, m̂ᵢ/√(v̂ + ε), clocks, θ. Rows of the outputs: o₀, then one per m̂ᵢ. */
export function emaHead(config: EmaBankConfig): HeadMaker {
  const { decays, squareDecays, clocks, gain, epsilon, parameters } = config;
  const means = decays.length;
  const squares = squareDecays.length;
  const clockRow = squares + means;
  return (lanes, steps, { operations }) => {
    const averages = runningAverages(decays, squareDecays, lanes, steps);
    const { averageGradient } = averages;
    const centers = perLane(parameters?.center ?? [0], lanes);
    const thetaFrom = (clockRow + clocks.length) * lanes;
    /** 1/√(v̂ + ε) of the slowest v̂. */
    const inverseRoot = new Float64Array(lanes);
    const mix = new Float64Array(lanes);
    const total = new Float64Array(lanes);
    return {
      reset: averages.reset,
      scaleCarried: averages.scaleCarried,
      observe(t, { gradient, parameters: theta }, inputs) {
        averages.update(t, gradient);
        const slot = averages.at(t);
        const squaresFrom = means * lanes;
        for (let k = 0; k < squares * lanes; k++) inputs[k] = slot[squaresFrom + k] + epsilon;
        operations.log(inputs, inputs, LOG_SCALE, squares * lanes);
        fillInverseRoot(slot, epsilon, inverseRoot);
        for (let i = 0; i < means; i++)
          multiplyRow(slot, inverseRoot, i * lanes, inputs, (squares + i) * lanes);
        writeClocks(t, clocks, inputs, clockRow, lanes);
        if (!parameters) return;
        for (let k = 0; k < lanes; k++) inputs[thetaFrom + k] = (theta[k] - centers[k]) / parameters.scale;
      },
      act(t, _seen, outputs, actions) {
        for (let k = 0; k < lanes; k++) outputs[k] *= EXPONENT;
        operations.exp(outputs, outputs, 1, outputs.length);
        fillMix(averages.at(t), outputs, means, total, mix);
        for (let k = 0; k < lanes; k++) actions[k] = -gain * mix[k] * outputs[k];
      },
      actBackward(t, _seen, outputs, actionGradients, outputGradient, seenGradient) {
        const slot = averages.at(t);
        fillMix(slot, outputs, means, total, mix);
        for (let k = 0; k < lanes; k++) {
          const mixGradient = -gain * actionGradients[k] * outputs[k];
          outputGradient[k] = EXPONENT * mixGradient * mix[k];
          // From here on ∂J/∂mix over the total: what the exponential of each output multiplies.
          total[k] = mixGradient / total[k];
        }
        for (let i = 0; i < means; i++)
          mixRowBackward(slot, outputs, total, mix, i * lanes, averageGradient, outputGradient);
        seenGradient.gradient.fill(0);
      },
      observeBackward(t, { gradient }, inputGradient, seenGradient) {
        const slot = averages.at(t);
        fillInverseRoot(slot, epsilon, inverseRoot);
        logBackward(slot, inputGradient, squares * lanes, means * lanes, epsilon, averageGradient);
        ratioBackward(slot, inputGradient, squares * lanes, inverseRoot, means * lanes, averageGradient);
        averages.backward(t, gradient, seenGradient.gradient);
        if (!parameters) return;
        for (let k = 0; k < lanes; k++) {
          seenGradient.parameters[k] = inputGradient[thetaFrom + k] / parameters.scale;
        }
      },
    };
  };
}

function fillInverseRoot(slot: Float64Array, epsilon: number, inverseRoot: Float64Array): void {
  const lanes = inverseRoot.length;
  const from = slot.length - lanes;
  for (let k = 0; k < lanes; k++) inverseRoot[k] = 1 / Math.sqrt(slot[from + k] + epsilon);
}

function multiplyRow(
  slot: Float64Array,
  factor: Float64Array,
  from: number,
  inputs: Numbers,
  to: number,
): void {
  for (let k = 0; k < factor.length; k++) inputs[to + k] = slot[from + k] * factor[k];
}

/** total = Σ e^{oᵢ} and mix = Σ e^{oᵢ} m̂ᵢ / total, from the exponentials in rows 1 … of the outputs. */
function fillMix(
  slot: Float64Array,
  outputs: Numbers,
  means: number,
  total: Float64Array,
  mix: Float64Array,
): void {
  const lanes = mix.length;
  total.fill(0);
  mix.fill(0);
  for (let i = 0; i < means; i++) {
    const row = i * lanes;
    for (let k = 0; k < lanes; k++) {
      const weight = outputs[row + lanes + k];
      total[k] += weight;
      mix[k] += weight * slot[row + k];
    }
  }
  for (let k = 0; k < lanes; k++) mix[k] /= total[k];
}

function mixRowBackward(
  slot: Float64Array,
  outputs: Numbers,
  perWeight: Float64Array,
  mix: Float64Array,
  row: number,
  averageGradient: Float64Array,
  outputGradient: Numbers,
): void {
  const lanes = mix.length;
  for (let k = 0; k < lanes; k++) {
    const share = perWeight[k] * outputs[row + lanes + k];
    averageGradient[row + k] = share;
    outputGradient[row + lanes + k] = share * (slot[row + k] - mix[k]);
  }
}

/** Writes ∂J/∂v̂ⱼ by way of log(v̂ⱼ + ε)/4. */
function logBackward(
  slot: Float64Array,
  inputGradient: Numbers,
  length: number,
  squaresFrom: number,
  epsilon: number,
  averageGradient: Float64Array,
): void {
  for (let k = 0; k < length; k++) {
    averageGradient[squaresFrom + k] = (LOG_SCALE * inputGradient[k]) / (slot[squaresFrom + k] + epsilon);
  }
}

/** Adds to ∂J/∂m̂ᵢ and to that of the slowest v̂ by way of m̂ᵢ/√(v̂ + ε). */
function ratioBackward(
  slot: Float64Array,
  inputGradient: Numbers,
  inputsFrom: number,
  inverseRoot: Float64Array,
  length: number,
  averageGradient: Float64Array,
): void {
  const lanes = inverseRoot.length;
  const slowest = slot.length - lanes;
  for (let row = 0; row < length; row += lanes) {
    for (let k = 0; k < lanes; k++) {
      const direct = inputGradient[inputsFrom + row + k] * inverseRoot[k];
      averageGradient[row + k] += direct;
      averageGradient[slowest + k] -= 0.5 * direct * slot[row + k] * inverseRoot[k] * inverseRoot[k];
    }
  }
}
