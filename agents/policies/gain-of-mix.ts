import { type Numbers, rowsOf, slices } from "../kernels/kernels.js";
import type { Head } from "./coordinate-tape.js";
import type { NetworkTape } from "./network.js";
import type { RunningAverages } from "./running-averages.js";

/** Lengths of the arrays that `gainOfMix` works in. */
export function gainOfMixLengths(lanes: number, steps: number): readonly [number, number] {
  return [(steps + 1) * lanes, lanes];
}

/** The action u = −gain·(Σᵢ wᵢ m̂ᵢ)·exp(4·o₀), w = softmax(o₁, o₂, …), of a network's outputs o and averages m̂. */
export function gainOfMix(
  gain: number,
  lanes: number,
  { operations, slotOf, outputs, outputGradient }: NetworkTape,
  { means, meansGradient }: RunningAverages,
  [mixRows, mixGradient]: readonly Numbers[],
): Pick<Head, "act" | "actBackward"> {
  const rows = means[0].length / lanes;
  const mixes = slices(mixRows, lanes);
  const logGains = rowsOf(outputs, lanes, 0, 1);
  const logits = rowsOf(outputs, lanes, 1, rows);
  const [logGainGradient] = rowsOf([outputGradient], lanes, 0, 1);
  const [logitGradient] = rowsOf([outputGradient], lanes, 1, rows);
  return {
    act(t, _seen, actions) {
      const at = slotOf(t);
      operations.softmaxMix(means[at], logits[at], mixes[at]);
      operations.exponentialGain(-gain, mixes[at], logGains[at], actions);
    },
    actBackward(t, _seen, actionGradient) {
      const at = slotOf(t);
      const { exponentialGainGradient, softmaxMixGradient } = operations;
      const mix = mixes[at];
      exponentialGainGradient(-gain, mix, logGains[at], actionGradient, logGainGradient, mixGradient);
      softmaxMixGradient(means[at], logits[at], mix, mixGradient, logitGradient, meansGradient);
    },
  };
}
