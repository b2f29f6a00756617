export {
  exponentialGain,
  exponentialGainGradient,
  softmaxMix,
  softmaxMixGradient,
} from "./actions";
export { dense, denseInputGradient } from "./dense";
export { denseWeightGradient } from "./dense-weights";
export { gruStep, gruStepGradient } from "./gru";
export {
  gradientInputs,
  gradientInputsGradient,
  impliedMinimum,
  impliedMinimumGradient,
  logInput,
  logInputGradient,
  ratioInput,
  ratioInputGradient,
} from "./inputs";
export { lstmStep, lstmStepGradient } from "./lstm";
export { mlpBackward, mlpForward } from "./mlp";
export { blend, blendGradient, clamp, product, scale, standardise } from "./vectors";

/** The first address that is free. */
export function heapBase(): usize {
  return __heap_base;
}
