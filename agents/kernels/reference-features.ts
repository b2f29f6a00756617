import type { FeatureOperations } from "./feature-operations.js";

/** The operations around networks as plain float64 loops, one per equation. */
export const featureReference: FeatureOperations<Float64Array> = {
  scale(factor, x, out, accumulate) {
    for (let k = 0; k < x.length; k++) out[k] = (accumulate ? out[k] : 0) + factor * x[k];
  },
  product(factor, x, y, out, accumulate) {
    for (let k = 0; k < x.length; k++) out[k] = (accumulate ? out[k] : 0) + factor * x[k] * y[k];
  },
  standardise(center, scale, x, out) {
    for (let k = 0; k < x.length; k++) out[k] = (x[k] - center[k]) / scale;
  },
  clamp(limit, x) {
    for (let k = 0; k < x.length; k++) x[k] = Math.min(Math.max(x[k], -limit), limit);
  },

  blend(fresh, source, before, after) {
    for (let k = 0; k < source.length; k++) after[k] = (1 - fresh) * before[k] + fresh * source[k];
  },
  blendGradient(fresh, gradient, sourceGradient) {
    for (let k = 0; k < gradient.length; k++) {
      sourceGradient[k] += fresh * gradient[k];
      gradient[k] *= 1 - fresh;
    }
  },

  logInput(epsilon, x, out) {
    for (let k = 0; k < x.length; k++) out[k] = Math.log(x[k] + epsilon) / 4;
  },
  logInputGradient(epsilon, x, outGradient, xGradient) {
    for (let k = 0; k < x.length; k++) xGradient[k] += outGradient[k] / (4 * (x[k] + epsilon));
  },
  ratioInput(epsilon, x, square, out) {
    const lanes = square.length;
    for (let k = 0; k < x.length; k++) out[k] = x[k] / Math.sqrt(square[k % lanes] + epsilon);
  },
  ratioInputGradient(epsilon, x, square, outGradient, xGradient, squareGradient) {
    const lanes = square.length;
    for (let k = 0; k < x.length; k++) {
      const shifted = square[k % lanes] + epsilon;
      const direct = outGradient[k] / Math.sqrt(shifted);
      xGradient[k] += direct;
      squareGradient[k % lanes] -= (direct * x[k]) / (2 * shifted);
    }
  },

  gradientInputs(epsilon, y, inputs) {
    const lanes = y.length;
    for (let k = 0; k < lanes; k++) {
      inputs[k] = Math.log(Math.abs(y[k]) + epsilon) / 4;
      inputs[lanes + k] = Math.asinh(y[k]);
      inputs[2 * lanes + k] = Math.sign(y[k]);
    }
  },
  gradientInputsGradient(epsilon, y, inputGradient, yGradient) {
    const lanes = y.length;
    for (let k = 0; k < lanes; k++) {
      yGradient[k] += (inputGradient[k] * Math.sign(y[k])) / (4 * (Math.abs(y[k]) + epsilon));
      yGradient[k] += inputGradient[lanes + k] / Math.sqrt(y[k] * y[k] + 1);
    }
  },
  impliedMinimum(scale, center, compliance, y, theta, inputs) {
    const lanes = y.length;
    for (let k = 0; k < lanes; k++) {
      const p = (theta[k] - center[k]) / scale;
      const z = p - compliance[k] * y[k];
      inputs[k] = z;
      inputs[lanes + k] = Math.abs(z);
      inputs[2 * lanes + k] = p;
    }
  },
  impliedMinimumGradient(scale, compliance, inputs, inputGradient, yGradient, thetaGradient) {
    const lanes = compliance.length;
    for (let k = 0; k < lanes; k++) {
      const zGradient = inputGradient[k] + Math.sign(inputs[k]) * inputGradient[lanes + k];
      yGradient[k] = -zGradient * compliance[k];
      thetaGradient[k] = (zGradient + inputGradient[2 * lanes + k]) / scale;
    }
  },

  softmaxMix(x, logits, mix) {
    const lanes = mix.length;
    for (let k = 0; k < lanes; k++) {
      let largest = logits[k];
      for (let i = k; i < x.length; i += lanes) largest = Math.max(largest, logits[i]);
      let total = 0;
      for (let i = k; i < x.length; i += lanes) {
        logits[i] = Math.exp(logits[i] - largest);
        total += logits[i];
      }
      mix[k] = 0;
      for (let i = k; i < x.length; i += lanes) {
        logits[i] /= total;
        mix[k] += logits[i] * x[i];
      }
    }
  },
  softmaxMixGradient(x, weights, mix, mixGradient, logitGradient, xGradient) {
    const lanes = mix.length;
    for (let i = 0; i < x.length; i++) {
      const k = i % lanes;
      logitGradient[i] = mixGradient[k] * weights[i] * (x[i] - mix[k]);
      xGradient[i] += mixGradient[k] * weights[i];
    }
  },
  exponentialGain(factor, x, logGain, out) {
    for (let k = 0; k < x.length; k++) {
      logGain[k] = Math.exp(Math.min(Math.max(4 * logGain[k], -87), 87));
      out[k] = factor * x[k] * logGain[k];
    }
  },
  exponentialGainGradient(factor, x, gain, outGradient, logGainGradient, xGradient) {
    for (let k = 0; k < x.length; k++) {
      const direct = factor * gain[k] * outGradient[k];
      logGainGradient[k] = 4 * direct * x[k];
      xGradient[k] = direct;
    }
  },
};
