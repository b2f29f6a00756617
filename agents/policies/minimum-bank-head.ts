import { type Numbers, rowsOf, slices } from "../kernels/kernels.js";
import type { HeadModel } from "./coordinate-tape.js";
import { clockAt, writeClocks } from "./gradient-inputs.js";
import { writeUnits } from "./implied-minimum.js";
import type { MinimumBankConfig } from "./minimum-bank.js";
import { averagesLengths, runningAverages } from "./running-averages.js";

/** Rows z, |z|, p of `impliedMinimum`. */
const MINIMUM_ROWS = 3;

/** β of all averages, those that a cue does not touch first. */
export function averagedBy({ decays, cuedDecays = [] }: MinimumBankConfig): readonly number[] {
  return [...decays, ...cuedDecays];
}

/** Rows of the inputs: ẑᵢ², (ẑᵢ − ẑₙ)², clocks. Rows of the outputs: one logit per ẑᵢ, one for the prior mean. */
export function minimumBankHead(config: MinimumBankConfig): HeadModel {
  const { layout, decays, cuedDecays = [], clocks, minimum } = config;
  if (layout.parametersOffset === null) {
    throw new Error('minimum-bank: needs the channel "parameters" among the observations');
  }
  if (cuedDecays.length > 0 && layout.cueOffset === undefined) {
    throw new Error('minimum-bank.cuedDecays: need the channel "cue" among the observations');
  }
  const { scale } = minimum;
  const averaged = averagedBy(config);
  const means = averaged.length;
  const isCued = cuedDecays.length > 0;
  const clockRow = 2 * means - 1;
  return {
    lengths: (lanes, steps) => [
      (steps + 1) * MINIMUM_ROWS * lanes,
      (steps + 1) * lanes,
      (means + 1) * lanes,
      (means + 1) * lanes,
      MINIMUM_ROWS * lanes,
      ...[lanes, lanes, lanes, lanes, lanes],
      isCued ? (steps + 1) * lanes : 0,
      ...averagesLengths(means, lanes, steps),
    ],
    instantiate(lanes, network, arrays) {
      const { operations, slotOf, inputs, outputs, inputGradient, outputGradient } = network;
      const [seenRows, mixRows, targets, targetGradients, seenGradients, ...rows] = arrays;
      const [difference, mixGradient, centers, compliance, velocity, ageRows, ...rest] = rows;
      const averages = runningAverages(averaged, [], lanes, network, rest, decays.length);
      const { meansGradient } = averages;
      const seenAt = slices(seenRows, MINIMUM_ROWS * lanes);
      const minimumAt = rowsOf(seenAt, lanes, 0, 1);
      const placeAt = rowsOf(seenAt, lanes, MINIMUM_ROWS - 1, 1);
      const [minimumGradient] = rowsOf([seenGradients], lanes, 0, 1);
      const [placeGradient] = rowsOf([seenGradients], lanes, MINIMUM_ROWS - 1, 1);
      const mixAt = slices(mixRows, lanes);
      const ages = slices(ageRows, lanes);
      const meanAt = averages.means.map((all) => slices(all, lanes));
      const meanGradients = slices(meansGradient, lanes);
      const inputAt = inputs.map((all) => slices(all, lanes));
      const inputGradients = slices(inputGradient, lanes);
      const [targetMeans] = rowsOf([targets], lanes, 0, means);
      const [targetMeanGradients] = rowsOf([targetGradients], lanes, 0, means);
      writeUnits(minimum, centers, compliance, velocity);

      /** The averages, and below them the prior mean, whose row stays 0. */
      const writeTargets = (at: number) => operations.scale(1, averages.means[at], targetMeans, false);
      const writeDifference = (at: number, i: number) => {
        operations.scale(1, meanAt[at][i], difference, false);
        operations.scale(-1, meanAt[at][means - 1], difference, true);
      };

      return {
        memories: [averages.slots, ...(isCued ? [ages] : [])],
        reset() {
          averages.reset();
          ages[0]?.fill(-1);
        },
        scaleCarried: averages.scaleCarried,
        observe(t, { gradient, parameters, cue }) {
          const at = slotOf(t);
          operations.impliedMinimum(scale, centers, compliance, gradient, parameters, seenAt[at]);
          averages.update(t, minimumAt[at], cue);
          const mean = meanAt[at];
          for (let i = 0; i < means; i++) operations.product(1, mean[i], mean[i], inputAt[at][i], false);
          for (let i = 0; i < means - 1; i++) {
            writeDifference(at, i);
            operations.product(1, difference, difference, inputAt[at][means + i], false);
          }
          if (isCued) {
            advanceAges(ages[slotOf(t - 1)], cue, ages[at]);
            for (let c = 0; c < clocks.length; c++)
              writeSaturating(ages[at], clocks[c], inputAt[at][clockRow + c]);
          } else writeClocks(t, clocks, inputs[at], clockRow, lanes);
        },
        act(t, _seen, actions) {
          const at = slotOf(t);
          writeTargets(at);
          operations.softmaxMix(targets, outputs[at], mixAt[at]);
          operations.scale(1, mixAt[at], difference, false);
          operations.scale(-1, placeAt[at], difference, true);
          operations.product(1, velocity, difference, actions, false);
        },
        actBackward(t, _seen, actionGradient) {
          const at = slotOf(t);
          writeTargets(at);
          operations.product(1, velocity, actionGradient, mixGradient, false);
          seenGradients.fill(0);
          operations.scale(-1, mixGradient, placeGradient, false);
          targetGradients.fill(0);
          const { softmaxMixGradient } = operations;
          softmaxMixGradient(targets, outputs[at], mixAt[at], mixGradient, outputGradient, targetGradients);
          operations.scale(1, targetMeanGradients, meansGradient, true);
        },
        observeBackward(t, { cue }, { gradient, parameters }) {
          const at = slotOf(t);
          for (let i = 0; i < means; i++)
            operations.product(2, meanAt[at][i], inputGradients[i], meanGradients[i], true);
          for (let i = 0; i < means - 1; i++) {
            const out = inputGradients[means + i];
            writeDifference(at, i);
            operations.product(2, difference, out, meanGradients[i], true);
            operations.product(-2, difference, out, meanGradients[means - 1], true);
          }
          averages.backward(t, minimumAt[at], minimumGradient, cue);
          const from = seenAt[at];
          operations.impliedMinimumGradient(scale, compliance, from, seenGradients, gradient, parameters);
        },
      };
    },
  };
}

/** Steps since the last cue, or since the first. */
function advanceAges(before: Numbers, cue: Numbers, after: Numbers): void {
  for (let lane = 0; lane < after.length; lane++) after[lane] = (1 - cue[lane]) * (before[lane] + 1);
}

function writeSaturating(ages: Numbers, clock: number, out: Numbers): void {
  for (let lane = 0; lane < out.length; lane++) out[lane] = clockAt(ages[lane], clock);
}
