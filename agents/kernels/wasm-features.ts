import type { FeatureOperations } from "./feature-operations.js";

type Kernel = (...parameters: number[]) => void;

export type FeatureExports = Readonly<Record<keyof FeatureOperations, Kernel>>;

/** Hands arrays over as addresses, with the lanes of a row, or the length of what may have several. */
export function featureOperations(kernels: FeatureExports): FeatureOperations<Float32Array> {
  return {
    scale: (factor, x, out, accumulate) =>
      kernels.scale(factor, x.byteOffset, out.byteOffset, accumulate ? 1 : 0, x.length),
    product: (factor, x, y, out, accumulate) =>
      kernels.product(factor, x.byteOffset, y.byteOffset, out.byteOffset, accumulate ? 1 : 0, x.length),
    standardise: (center, scale, x, out) =>
      kernels.standardise(center.byteOffset, scale, x.byteOffset, out.byteOffset, x.length),
    clamp: (limit, x) => kernels.clamp(limit, x.byteOffset, x.length),

    blend: (fresh, source, before, after) =>
      kernels.blend(fresh, source.byteOffset, before.byteOffset, after.byteOffset, source.length),
    blendGradient: (fresh, gradient, sourceGradient) =>
      kernels.blendGradient(fresh, gradient.byteOffset, sourceGradient.byteOffset, gradient.length),

    logInput: (epsilon, x, out) => kernels.logInput(epsilon, x.byteOffset, out.byteOffset, x.length),
    logInputGradient: (epsilon, x, outGradient, xGradient) =>
      kernels.logInputGradient(epsilon, x.byteOffset, outGradient.byteOffset, xGradient.byteOffset, x.length),
    ratioInput: (epsilon, x, square, out) =>
      kernels.ratioInput(epsilon, x.byteOffset, square.byteOffset, out.byteOffset, x.length, square.length),
    ratioInputGradient: (epsilon, x, square, outGradient, xGradient, squareGradient) =>
      kernels.ratioInputGradient(
        epsilon,
        x.byteOffset,
        square.byteOffset,
        outGradient.byteOffset,
        xGradient.byteOffset,
        squareGradient.byteOffset,
        x.length,
        square.length,
      ),

    gradientInputs: (epsilon, y, inputs) =>
      kernels.gradientInputs(epsilon, y.byteOffset, inputs.byteOffset, y.length),
    gradientInputsGradient: (epsilon, y, inputGradient, yGradient) =>
      kernels.gradientInputsGradient(
        epsilon,
        y.byteOffset,
        inputGradient.byteOffset,
        yGradient.byteOffset,
        y.length,
      ),
    impliedMinimum: (scale, center, compliance, y, theta, inputs) =>
      kernels.impliedMinimum(
        scale,
        center.byteOffset,
        compliance.byteOffset,
        y.byteOffset,
        theta.byteOffset,
        inputs.byteOffset,
        y.length,
      ),
    impliedMinimumGradient: (scale, compliance, inputs, inputGradient, yGradient, thetaGradient) =>
      kernels.impliedMinimumGradient(
        scale,
        compliance.byteOffset,
        inputs.byteOffset,
        inputGradient.byteOffset,
        yGradient.byteOffset,
        thetaGradient.byteOffset,
        compliance.length,
      ),

    softmaxMix: (x, logits, mix) =>
      kernels.softmaxMix(x.byteOffset, logits.byteOffset, mix.byteOffset, x.length, mix.length),
    softmaxMixGradient: (x, weights, mix, mixGradient, logitGradient, xGradient) =>
      kernels.softmaxMixGradient(
        x.byteOffset,
        weights.byteOffset,
        mix.byteOffset,
        mixGradient.byteOffset,
        logitGradient.byteOffset,
        xGradient.byteOffset,
        x.length,
        mix.length,
      ),
    exponentialGain: (factor, x, logGain, out) =>
      kernels.exponentialGain(factor, x.byteOffset, logGain.byteOffset, out.byteOffset, x.length),
    exponentialGainGradient: (factor, x, gain, outGradient, logGainGradient, xGradient) =>
      kernels.exponentialGainGradient(
        factor,
        x.byteOffset,
        gain.byteOffset,
        outGradient.byteOffset,
        logGainGradient.byteOffset,
        xGradient.byteOffset,
        x.length,
      ),
  };
}
