import { type Numbers, rowsOf, slices } from "../kernels/kernels.js";
import type { Head } from "./coordinate-tape.js";
import type { NetworkTape } from "./network.js";
import type { RunningAverages } from "./running-averages.js";

/** Lengths of the arrays that `gainOfCarried` works in. */
export function gainOfCarriedLengths(averaged: number, lanes: number, steps: number): readonly number[] {
  const mixes = (steps + 1) * lanes;
  const rows = (averaged + 1) * lanes;
  return [mixes, mixes, lanes, lanes, lanes, rows, rows, rows, rows, rows, rows];
}

export interface CarriedOptions {
  readonly gain: number;
  /** ĥ where o₁ = 0. */
  readonly curvature: number;
}

/**
 * The action u = −gain·(Σᵢ wᵢ m̂ᵢ + ĥ·(θ − Σᵢ wᵢ θ̄ᵢ))·exp(4·o₀), ĥ = curvature·exp(4·o₁), w = softmax(o₂, …): θ̄ᵢ
 * averages θ as m̂ᵢ does the gradient. The last of the w is that of the prior mean, where m̂ = 0 and θ̄ = center.
 */
export function gainOfCarried(
  { gain, curvature }: CarriedOptions,
  lanes: number,
  { operations, slotOf, outputs, outputGradient }: NetworkTape,
  { means, meansGradient }: RunningAverages,
  places: RunningAverages,
  center: Numbers,
  arrays: readonly Numbers[],
): Pick<Head, "act" | "actBackward"> {
  const averaged = means[0].length / lanes;
  const rows = averaged + 1;
  const [gradientMixes, displacementMixes, core, coreGradient, displacementGradient, ...blocks] = arrays;
  const [gradients, gradientsGradient, displacements, displacementsGradient, logitsCopy, logitsGradient] =
    blocks;
  const gradientMixAt = slices(gradientMixes, lanes);
  const displacementMixAt = slices(displacementMixes, lanes);
  const placeAt = places.means.map((all) => slices(all, lanes));
  const displacementRows = slices(displacements, lanes);
  const displacementRowGradients = slices(displacementsGradient, lanes);
  const [averagedGradients] = rowsOf([gradients], lanes, 0, averaged);
  const [averagedGradientsGradient] = rowsOf([gradientsGradient], lanes, 0, averaged);
  const [averagedDisplacementsGradient] = rowsOf([displacementsGradient], lanes, 0, averaged);
  const logGains = rowsOf(outputs, lanes, 0, 1);
  const logCurvatures = rowsOf(outputs, lanes, 1, 1);
  const logits = rowsOf(outputs, lanes, 2, rows);
  const [logGainGradient] = rowsOf([outputGradient], lanes, 0, 1);
  const [logCurvatureGradient] = rowsOf([outputGradient], lanes, 1, 1);
  const [logitGradient] = rowsOf([outputGradient], lanes, 2, rows);

  const writeRows = (at: number, theta: Numbers) => {
    operations.scale(1, means[at], averagedGradients, false);
    for (let i = 0; i < rows; i++) {
      operations.scale(1, theta, displacementRows[i], false);
      operations.scale(-1, placeAt[at][i] ?? center, displacementRows[i], true);
    }
  };
  return {
    act(t, seen, actions) {
      const at = slotOf(t);
      writeRows(at, seen.parameters);
      operations.scale(1, logits[at], logitsCopy, false);
      operations.softmaxMix(displacements, logitsCopy, displacementMixAt[at]);
      operations.softmaxMix(gradients, logits[at], gradientMixAt[at]);
      operations.exponentialGain(curvature, displacementMixAt[at], logCurvatures[at], core);
      operations.scale(1, gradientMixAt[at], core, true);
      operations.exponentialGain(-gain, core, logGains[at], actions);
    },
    actBackward(t, seen, actionGradient, seenGradient) {
      const at = slotOf(t);
      const { exponentialGainGradient, softmaxMixGradient, scale } = operations;
      writeRows(at, seen.parameters);
      operations.product(curvature, displacementMixAt[at], logCurvatures[at], core, false);
      scale(1, gradientMixAt[at], core, true);
      exponentialGainGradient(-gain, core, logGains[at], actionGradient, logGainGradient, coreGradient);
      exponentialGainGradient(
        curvature,
        displacementMixAt[at],
        logCurvatures[at],
        coreGradient,
        logCurvatureGradient,
        displacementGradient,
      );
      gradientsGradient.fill(0);
      displacementsGradient.fill(0);
      softmaxMixGradient(
        displacements,
        logits[at],
        displacementMixAt[at],
        displacementGradient,
        logitsGradient,
        displacementsGradient,
      );
      softmaxMixGradient(
        gradients,
        logits[at],
        gradientMixAt[at],
        coreGradient,
        logitGradient,
        gradientsGradient,
      );
      scale(1, logitsGradient, logitGradient, true);
      scale(1, averagedGradientsGradient, meansGradient, true);
      scale(-1, averagedDisplacementsGradient, places.meansGradient, true);
      for (const gradient of displacementRowGradients) scale(1, gradient, seenGradient.parameters, true);
    },
  };
}
