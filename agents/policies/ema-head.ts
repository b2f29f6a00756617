import { rowsOf, slices } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { setPerLane } from "./coordinates.js";
import type { EmaBankConfig } from "./ema-bank.js";
import { writeClocks } from "./gradient-inputs.js";
import { averagesLengths, runningAverages } from "./running-averages.js";

/** Rows of the inputs: log(v̂ⱼ + ε)/4, m̂ᵢ/√(v̂ + ε), clocks, θ. Rows of the outputs: o₀, then one per m̂ᵢ. */
export function emaHead(config: EmaBankConfig): HeadModel {
  const { decays, squareDecays, clocks, gain, epsilon, parameters } = config;
  const means = decays.length;
  const squares = squareDecays.length;
  const clockRow = squares + means;
  const thetaRow = clockRow + clocks.length;
  return {
    lengths: (lanes, steps) => [
      (steps + 1) * lanes,
      lanes,
      lanes,
      ...averagesLengths(means + squares, lanes, steps),
    ],
    instantiate(lanes, network, [mixRows, mixGradient, center, ...rest]) {
      const { operations, slotOf, inputs, outputs, inputGradient, outputGradient } = network;
      const averages = runningAverages(decays, squareDecays, lanes, network, rest);
      const { meansGradient, squaresGradient } = averages;
      const slowest = rowsOf(averages.squares, lanes, squares - 1, 1);
      const [slowestGradient] = rowsOf([squaresGradient], lanes, squares - 1, 1);
      const mixes = slices(mixRows, lanes);
      const logs = rowsOf(inputs, lanes, 0, squares);
      const ratios = rowsOf(inputs, lanes, squares, means);
      const thetas = rowsOf(inputs, lanes, thetaRow, 1);
      const [logGradient] = rowsOf([inputGradient], lanes, 0, squares);
      const [ratioGradient] = rowsOf([inputGradient], lanes, squares, means);
      const [thetaGradient] = rowsOf([inputGradient], lanes, thetaRow, 1);
      const logGains = rowsOf(outputs, lanes, 0, 1);
      const logits = rowsOf(outputs, lanes, 1, means);
      const [logGainGradient] = rowsOf([outputGradient], lanes, 0, 1);
      const [logitGradient] = rowsOf([outputGradient], lanes, 1, means);
      setPerLane(parameters?.center ?? [0], center);
      return {
        memories: averages.slots,
        reset: averages.reset,
        scaleCarried: averages.scaleCarried,
        observe(t, seen) {
          const at = slotOf(t);
          averages.update(t, seen.gradient);
          operations.logInput(epsilon, averages.squares[at], logs[at]);
          operations.ratioInput(epsilon, averages.means[at], slowest[at], ratios[at]);
          writeClocks(t, clocks, inputs[at], clockRow, lanes);
          if (parameters) operations.standardise(center, parameters.scale, seen.parameters, thetas[at]);
        },
        act(t, _seen, actions) {
          const at = slotOf(t);
          operations.softmaxMix(averages.means[at], logits[at], mixes[at]);
          operations.exponentialGain(-gain, mixes[at], logGains[at], actions);
        },
        actBackward(t, _seen, actionGradient) {
          const at = slotOf(t);
          const { exponentialGainGradient, softmaxMixGradient } = operations;
          const mix = mixes[at];
          exponentialGainGradient(-gain, mix, logGains[at], actionGradient, logGainGradient, mixGradient);
          softmaxMixGradient(averages.means[at], logits[at], mix, mixGradient, logitGradient, meansGradient);
        },
        observeBackward(t, seen, seenGradient) {
          const at = slotOf(t);
          operations.logInputGradient(epsilon, averages.squares[at], logGradient, squaresGradient);
          operations.ratioInputGradient(
            epsilon,
            averages.means[at],
            slowest[at],
            ratioGradient,
            meansGradient,
            slowestGradient,
          );
          averages.backward(t, seen.gradient, seenGradient.gradient);
          if (parameters)
            operations.scale(1 / parameters.scale, thetaGradient, seenGradient.parameters, true);
        },
      };
    },
  };
}
