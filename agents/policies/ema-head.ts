import { rowsOf } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { setPerLane } from "./coordinates.js";
import type { EmaBankConfig } from "./ema-bank.js";
import { gainOfCarried, gainOfCarriedLengths } from "./gain-of-carried.js";
import { gainOfMix, gainOfMixLengths } from "./gain-of-mix.js";
import { writeClocks } from "./gradient-inputs.js";
import { averagesLengths, runningAverages } from "./running-averages.js";

/**
 * Rows of the inputs: log(v̂ⱼ + ε)/4, m̂ᵢ/√(v̂ + ε), clocks, θ. Rows of the outputs: o₀, then one per m̂ᵢ; where they are
 * carried o₀, o₁, one per m̂ᵢ and one for the prior mean.
 */
export function emaHead(config: EmaBankConfig): HeadModel {
  const { decays, squareDecays, clocks, gain, epsilon, parameters, carried } = config;
  const means = decays.length;
  const squares = squareDecays.length;
  const clockRow = squares + means;
  const thetaRow = clockRow + clocks.length;
  return {
    lengths: (lanes, steps) => [
      lanes,
      ...averagesLengths(means + squares, lanes, steps),
      ...(carried
        ? [...averagesLengths(means, lanes, steps), ...gainOfCarriedLengths(means, lanes, steps)]
        : gainOfMixLengths(lanes, steps)),
    ],
    instantiate(lanes, network, [center, ...arrays]) {
      const { operations, slotOf, inputs, inputGradient } = network;
      const averagesArrays = averagesLengths(0, lanes, 0).length;
      const averages = runningAverages(decays, squareDecays, lanes, network, arrays);
      const rest = arrays.slice(averagesArrays);
      const places = carried && runningAverages(decays, [], lanes, network, rest);
      const { meansGradient, squaresGradient } = averages;
      const slowest = rowsOf(averages.squares, lanes, squares - 1, 1);
      const [slowestGradient] = rowsOf([squaresGradient], lanes, squares - 1, 1);
      const logs = rowsOf(inputs, lanes, 0, squares);
      const ratios = rowsOf(inputs, lanes, squares, means);
      const thetas = rowsOf(inputs, lanes, thetaRow, 1);
      const [logGradient] = rowsOf([inputGradient], lanes, 0, squares);
      const [ratioGradient] = rowsOf([inputGradient], lanes, squares, means);
      const [thetaGradient] = rowsOf([inputGradient], lanes, thetaRow, 1);
      setPerLane(parameters?.center ?? [0], center);
      return {
        ...(places
          ? gainOfCarried(
              { gain, ...carried },
              lanes,
              network,
              averages,
              places,
              center,
              rest.slice(averagesArrays),
            )
          : gainOfMix(gain, lanes, network, averages, rest)),
        memories: [averages.slots, ...(places ? [places.slots] : [])],
        reset() {
          averages.reset();
          places?.reset();
        },
        scaleCarried(factor) {
          averages.scaleCarried(factor);
          places?.scaleCarried(factor);
        },
        observe(t, seen) {
          const at = slotOf(t);
          places?.update(t, seen.parameters);
          averages.update(t, seen.gradient);
          operations.logInput(epsilon, averages.squares[at], logs[at]);
          operations.ratioInput(epsilon, averages.means[at], slowest[at], ratios[at]);
          writeClocks(t, clocks, inputs[at], clockRow, lanes);
          if (parameters) operations.standardise(center, parameters.scale, seen.parameters, thetas[at]);
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
          places?.backward(t, seen.parameters, seenGradient.parameters);
          if (parameters)
            operations.scale(1 / parameters.scale, thetaGradient, seenGradient.parameters, true);
        },
      };
    },
  };
}
