import type { Numbers } from "./kernels.js";

/**
 * What policies put around their networks: inputs made from gradients and parameters, actions made from
 * outputs. Every array is one row of lanes unless it says otherwise. What is "added" comes on top of what the
 * array held; everything else is written.
 */
export interface FeatureOperations<A extends Numbers = Numbers> {
  /** out = factor · x, or added. */
  scale(factor: number, x: A, out: A, accumulate: boolean): void;
  /** out = factor · x ⊙ y, or added. */
  product(factor: number, x: A, y: A, out: A, accumulate: boolean): void;
  /** out = (x − center)/scale. */
  standardise(center: A, scale: number, x: A, out: A): void;
  /** x = min(max(x, −limit), limit). */
  clamp(limit: number, x: A): void;

  /** after = (1 − fresh) · before + fresh · source. */
  blend(fresh: number, source: A, before: A, after: A): void;
  /** From ∂J/∂after to ∂J/∂before, in place; adds to ∂J/∂source. */
  blendGradient(fresh: number, gradient: A, sourceGradient: A): void;

  /** out = log(x + ε)/4, x ≥ 0. */
  logInput(epsilon: number, x: A, out: A): void;
  /** Adds to ∂J/∂x. */
  logInputGradient(epsilon: number, x: A, outGradient: A, xGradient: A): void;
  /** out = x/√(square + ε), for each row of x and out. */
  ratioInput(epsilon: number, x: A, square: A, out: A): void;
  /** Adds to ∂J/∂x and ∂J/∂square. */
  ratioInputGradient(epsilon: number, x: A, square: A, outGradient: A, xGradient: A, squareGradient: A): void;

  /** Three rows of inputs from a gradient y: log(|y| + ε)/4, asinh y, sign y. */
  gradientInputs(epsilon: number, y: A, inputs: A): void;
  /** Adds to ∂J/∂y. The sign has derivative 0 where it has one. */
  gradientInputsGradient(epsilon: number, y: A, inputGradient: A, yGradient: A): void;
  /** Three rows of inputs z, |z|, p, with p = (θ − center)/scale and z = p − compliance ⊙ y. */
  impliedMinimum(scale: number, center: A, compliance: A, y: A, theta: A, inputs: A): void;
  /** Takes the inputs that `impliedMinimum` made; writes ∂J/∂y and ∂J/∂θ. */
  impliedMinimumGradient(
    scale: number,
    compliance: A,
    inputs: A,
    inputGradient: A,
    yGradient: A,
    thetaGradient: A,
  ): void;

  /** mix = Σᵢ wᵢ ⊙ xᵢ over the rows of x, w = softmax(logits), which replaces the logits. */
  softmaxMix(x: A, logits: A, mix: A): void;
  /** Takes the weights that `softmaxMix` left; writes ∂J/∂logits, adds to ∂J/∂x. */
  softmaxMixGradient(x: A, weights: A, mix: A, mixGradient: A, logitGradient: A, xGradient: A): void;
  /** out = factor · x ⊙ exp(4·logGain), |4·logGain| clamped to 87. The exponential replaces logGain. */
  exponentialGain(factor: number, x: A, logGain: A, out: A): void;
  /** Takes the gain that `exponentialGain` left; writes ∂J/∂logGain and ∂J/∂x. */
  exponentialGainGradient(
    factor: number,
    x: A,
    gain: A,
    outGradient: A,
    logGainGradient: A,
    xGradient: A,
  ): void;
}
