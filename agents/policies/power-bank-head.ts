import { rowsOf } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { gainOfMix, gainOfMixLengths } from "./gain-of-mix.js";
import { clockAt, writeClocks } from "./gradient-inputs.js";
import type { PowerBankConfig } from "./power-bank.js";
import { averagesLengths, runningAverages } from "./running-averages.js";
import { runningVariance, varianceLengths } from "./running-variance.js";

/** Rows of the inputs: log(v̂ⱼ + ε)/4, log(σ̂² + ε)/4, clocks, clock · log v̂ and clock · log σ̂² for each clock, 1. */
export function powerBankInputs({ squareDecays, clocks }: PowerBankConfig): number {
  return squareDecays.length + 1 + 3 * clocks.length + 1;
}

export function powerBankHead(config: PowerBankConfig): HeadModel {
  const { decays, squareDecays, varianceDecay, clocks, gain, epsilon } = config;
  const means = decays.length;
  const squares = squareDecays.length;
  /** Of log v̂ by the slowest; that of log σ̂² follows it. */
  const logRow = squares - 1;
  const clockRow = squares + 1;
  const productRow = clockRow + clocks.length;
  const oneRow = productRow + 2 * clocks.length;
  return {
    lengths: (lanes, steps) => [
      ...gainOfMixLengths(lanes, steps),
      ...varianceLengths(lanes, steps),
      ...averagesLengths(means + squares, lanes, steps),
    ],
    instantiate(lanes, network, arrays) {
      const { operations, slotOf, inputs, inputGradient } = network;
      const ofVariance = 2 + varianceLengths(lanes, 0).length;
      const averages = runningAverages(decays, squareDecays, lanes, network, arrays.slice(ofVariance));
      const variance = runningVariance(varianceDecay, lanes, network, arrays.slice(2, ofVariance));
      const slowest = rowsOf(averages.means, lanes, means - 1, 1);
      const [slowestGradient] = rowsOf([averages.meansGradient], lanes, means - 1, 1);
      const logs = rowsOf(inputs, lanes, 0, squares);
      const logVariances = rowsOf(inputs, lanes, squares, 1);
      const twoLogs = rowsOf(inputs, lanes, logRow, 2);
      const products = clocks.map((_, c) => rowsOf(inputs, lanes, productRow + 2 * c, 2));
      const ones = rowsOf(inputs, lanes, oneRow, 1);
      const [logGradient] = rowsOf([inputGradient], lanes, 0, squares);
      const [logVarianceGradient] = rowsOf([inputGradient], lanes, squares, 1);
      const [twoLogsGradient] = rowsOf([inputGradient], lanes, logRow, 2);
      const productGradients = clocks.map((_, c) => rowsOf([inputGradient], lanes, productRow + 2 * c, 2)[0]);
      return {
        ...gainOfMix(gain, lanes, network, averages, arrays),
        memories: [averages.slots, variance.slots],
        reset() {
          averages.reset();
          variance.reset();
        },
        scaleCarried(factor) {
          averages.scaleCarried(factor);
          variance.scaleCarried(factor);
        },
        observe(t, { gradient }) {
          const at = slotOf(t);
          variance.update(t, gradient, slowest[slotOf(t - 1)]);
          averages.update(t, gradient);
          operations.logInput(epsilon, averages.squares[at], logs[at]);
          operations.logInput(epsilon, variance.slots[at], logVariances[at]);
          writeClocks(t, clocks, inputs[at], clockRow, lanes);
          for (let c = 0; c < clocks.length; c++)
            operations.scale(clockAt(t, clocks[c]), twoLogs[at], products[c][at], false);
          ones[at].fill(1);
        },
        observeBackward(t, { gradient }, seenGradient) {
          const at = slotOf(t);
          for (let c = 0; c < clocks.length; c++)
            operations.scale(clockAt(t, clocks[c]), productGradients[c], twoLogsGradient, true);
          operations.logInputGradient(epsilon, averages.squares[at], logGradient, averages.squaresGradient);
          operations.logInputGradient(epsilon, variance.slots[at], logVarianceGradient, variance.gradient);
          variance.backward(t, gradient, slowest[slotOf(t - 1)], seenGradient.gradient);
          averages.backward(t, gradient, seenGradient.gradient);
          operations.scale(-1, variance.difference, slowestGradient, true);
        },
      };
    },
  };
}
